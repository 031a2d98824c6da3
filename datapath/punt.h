/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Punts and injections: packets on their way between the workers and those who control them.
 *
 * Both ways are bounded rings. What does not fit is dropped and counted: a flood of packets for
 * controllers must cost the workers no more than the copies, and other ports' packets no place.  */

#include <stdbool.h>
#include <stdint.h>

#include "datapath/ops/punt.h"

struct key;
struct program;
struct rte_mbuf;
struct worker;

/* A way to a thread other than the main one, for what cannot wait until that has time. */
struct punt_line;

enum {
	PUNT_INJECTIONS = 1024, /* packets that are on their way into workers at once */
};

/* Whom op_punt names: gets its note (and right behind it what is more of it), and 'n' bytes of a
 * packet of 'total', on the thread at the end of the line. */
struct punt_target {
	const char *name;
	void (*receive)(const uint8_t *note, const uint8_t *packet, uint32_t n, uint32_t total);
	struct punt_line *line; /* NULL: the main thread's, from the loop; set before it is named */
};

/* What stands in front of a packet on its way. */
struct punt_head {
	const struct punt_target *to;
	uint32_t total;
	uint16_t n_more;
	alignas(8) uint8_t note[PUNT_NOTE_SIZE];
	uint8_t more[];
};

/* Main thread. */

void punts_start(void);
void punts_stop(void);

/* A new line; 'wake' wakes the thread at its end, from any thread. It is freed when no worker can
 * know a target that names it. */
struct punt_line *punt_line_new(const char *name, void (*wake)(void));
void punt_line_free(struct punt_line *line);

/* The thread at the line's end. */

/* Gives what has come to its targets; returns how many those were. */
unsigned punt_line_deliver(struct punt_line *line);

/* Any thread that holds an epoch. */

/* The key of a frame to be injected. -EINVAL: it is too short to be one. */
int punt_parse(const void *packet, uint32_t n, uint32_t in_port, struct key *key);
/* A worker runs the program over a packet made of these bytes, as if it had come in through the
 * port. The program must stay as for miss_answer(). False: there is no room or no memory. */
bool punt_inject(const void *packet, uint32_t n, uint16_t port_id, struct program *program);
/* How many were injected so far, and whether the workers have begun with all of these: then they
 * hold their programs only until they quiesce. */
uint32_t punt_injected(void);
bool punt_has_passed(uint32_t injected);

/* Workers. */

/* False: no room for more of the port that the first buffer names; the packet is still the
 * caller's. */
bool punt_send(struct rte_mbuf *take_packet);
/* Whether, and with which program, a packet waits to be injected. */
bool punts_wait(void);
struct rte_mbuf *punt_take(const struct program **program);
