/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Captures: somebody wants to see packets at a port, or packets that die.
 *
 * Workers copy what is wanted into a ring of theirs (take.h); a thread of the capture's empties the
 * rings into a socket (sink.c), as pcapng or as text, and notices when the other side has seen
 * enough. When the rings are full packets are lost to the capture, never to the switch.  */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "datapath/capture/ring.h"
#include "datapath/port.h"
#include "datapath/worker.h"
#include "lib/flow/key.h"

struct drop_reason;
struct errbuf;

struct capture_config {
	char port[PORT_NAME_SIZE]; /* "any": all there are */
	uint8_t ways; /* enum capture_way */
	bool pcapng; /* else text */
	bool filters; /* only packets that match */
	const struct drop_reason *reason; /* only those that die of it; NULL: of any */
	uint32_t snaplen; /* bytes of a packet that are kept */
	uint64_t count; /* packets after which it ends; 0: none */
	struct key key, mask;
};

/* How far it has come; each is reached by one thread alone. */
enum capture_state {
	CAPTURE_RUNS, /* workers add to it */
	CAPTURE_ENOUGH, /* the thread: nothing more is wanted */
	CAPTURE_HIDDEN, /* main: no worker sees it any more */
	CAPTURE_DONE, /* the thread: all is written */
};

struct capture {
	/* Written at start. */
	struct capture_config config;
	struct capture_ring *rings[WORKERS_MAX];
	int fd; /* where it goes */
	void (*done)(struct capture *capture); /* main: all is written */
	void *context;
	/* Both. */
	uint32_t state; /* enum capture_state */
	/* The thread's; main reads. */
	uint64_t written;
	/* Main's. */
	pthread_t thread;
	bool hidden; /* from lists that are made now */
	struct capture *next;
};

/* Main thread. */

/* Starts one that writes to the socket, which it takes over. NULL, with the reason in 'err'. */
struct capture *capture_start(
	const struct capture_config *config,
	int take_fd,
	void (*done)(struct capture *capture),
	void *context,
	struct errbuf *err
);
/* Frees one that is done. */
void capture_free(struct capture *capture);
/* Packets that were wanted and not taken for want of room. */
uint64_t capture_lost(const struct capture *capture);
void capture_foreach(void (*visit)(const struct capture *capture, void *context), void *context);
/* Ends all, before the workers end. */
void captures_stop(void);
/* The port has been opened: those who wait for its name see it. Or closed, and nobody sees it. */
void captures_add_port(struct port *port);
void captures_del_port(struct port *port);

/* Any thread. */

static inline bool capture_reached(const struct capture *capture, enum capture_state state)
{
	return __atomic_load_n(&capture->state, __ATOMIC_ACQUIRE) >= state;
}
