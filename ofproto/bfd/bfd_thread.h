/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The thread on which BFD sessions live.
 *
 * A session that gets late is a session that is down, so neither the main thread nor the keeper has
 * a part in it once it runs: packets come from the workers by a line of their own (datapath/punt.h)
 * and leave by programs that are kept at hand. The keeper is asked from time to time whether they
 * are still right; while it is busy, the old ones do.  */

#include <stdbool.h>
#include <stdint.h>

#include "lib/hmap.h"
#include "lib/mailbox.h"
#include "ofproto/bfd/bfd_session.h"
#include "ofproto/bfd/bfd_settings.h"
#include "ofproto/keeper/course.h"

struct program;
struct punt_target;

/* A port whose far end is watched. */
struct bfd_link {
	/* Main writes before it is added. */
	uint32_t bridge, number;
	uint32_t id; /* our discriminator */
	struct bfd_settings settings; /* the thread's, once added */
	uint16_t from_port; /* of UDP */
	/* Main writes, the thread reads. */
	uint64_t rx_packets; /* of any kind, that the port has received */
	/* The thread writes, main reads. */
	uint64_t sent, received, refused;
	const char *last_refusal; /* why, or NULL */
	struct bfd_session *report; /* a copy of 'session' when something changed last; epoch */
	/* The thread. */
	struct bfd_session session;
	struct hmap_node node; /* by bridge and number */
	struct packet_course course; /* how its packets leave; what main sets is its actions */
	uint8_t sample[BFD_FRAME_SIZE]; /* one of them, for the keeper */
	struct program *program;
	int64_t ask_ms; /* when to ask the keeper again */
	bool course_is_asked;
	bool leaves; /* as soon as the keeper has given the course back */
	struct letter letter; /* when it leaves */
};

/* Main thread. */

/* One for the port of that number; where its packets come from and its id are found here. */
struct bfd_link *
bfd_link_new(const struct bfd_settings *settings, uint32_t bridge, uint32_t number);
void bfd_link_free(struct bfd_link *link);

/* Before any port listens: what comes before the thread is started waits for it. Workers may know
 * the line for as long as they run, so it stays. */
int bfd_thread_prepare(void);
/* Starts the thread. 'changed' is called from it whenever a report is new. */
int bfd_thread_start(void (*changed)(void));
/* Ends it; all links have been removed. */
void bfd_thread_stop(void);
void bfd_thread_add(struct bfd_link *take_link);
void bfd_thread_set(struct bfd_link *link, const struct bfd_settings *settings);
void bfd_thread_force(struct bfd_link *link, int forced);
/* Says good-bye to the far end; the link is freed some time later. */
void bfd_thread_remove(struct bfd_link *take_link);
/* To be called often: frees the links that have left. */
void bfd_thread_poll(void);
/* Where op_punt brings packets to. */
const struct punt_target *bfd_thread_target(void);
