/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Misses from the worker's side, and what the files behind miss.h know of each other.  */

#include <stdbool.h>
#include <stdint.h>

#include "datapath/miss/pending.h"

struct histogram;
struct worker;

enum {
	MISS_PORT_RING = 64, /* misses of a port that wait for a translator */
	MISS_TURN_NS = 2000, /* of translating that a port gets for each turn … */
	MISS_DEBT_TURNS = 256, /* … of which it may owe so many */
};

/* How often misses come, as a translator sees it. */
struct miss_pace {
	uint64_t since; /* by the processor's clock: when it was looked at last */
	unsigned seen; /* misses sent until then */
	bool often; /* what was found */
};

/* Translators. */

/* As miss_charge(), for those who know the time. */
void miss_charge_ns(uint16_t port, int64_t ns);
/* Whether any port has misses. */
bool misses_are_ready(void);
/* Whether so many come that workers would have to ring again and again, each time for a system call that
 * wakes another core: a microsecond or more, which all packets behind it wait for. 'sent' misses have
 * been sent until 'now', of 'hz' to the second. */
bool miss_wait_come_often(struct miss_pace *pace, uint64_t now, uint64_t hz, unsigned sent);

/* Main thread. */

void miss_wait_init(void);
void misses_init(void);
void misses_fini(void);
void misses_add_port(uint16_t port_id);
void misses_del_port(uint16_t port_id);
/* How many there have been. */
unsigned misses_sent(void);
/* How long packets have waited for their translation, and how long the translating took. */
void misses_get_times(struct histogram *waits, struct histogram *translating);

/* Workers. */

/* Hands entries of one port to the translators. Returns how many its ring took, the first ones. */
unsigned misses_send(struct pending_table *table, struct pending **pendings, unsigned n);
/* Wakes translators that sleep, once. */
void miss_wait_end(void);
/* Whether there are answers; where they stand in the ring is fetched for who takes them later. */
bool misses_fetch_answers(const struct pending_table *table);
/* Takes up to 'max' answered entries, which are fetched for who looks into them later. Returns how many. */
unsigned misses_take_answers(struct pending_table *table, struct pending **pendings, unsigned max);
/* Whether something has changed since it was decided. */
bool miss_is_old(const struct miss *miss);
/* Runs what translators had answered two rounds ago (miss/answers.c). Returns how many packets that moved; at
 * least something if there are more answers. */
unsigned answers_process(struct worker *worker);
/* Drops what was answered too late for the worker of this index that there was before: it is old, and
 * programs may be gone. */
void answers_forget(struct worker *worker);
/* The packets of 'n' answered entries have left: those are in flight no more. */
void miss_done(struct pending_table *table, unsigned n);
