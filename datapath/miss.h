/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Misses: packets that hit no flow, on their way to a translator and back.
 *
 * The worker parks the packet in a pending entry of its own, by exact key; later packets of the
 * same key wait behind it (bounded), also when a flow for them has appeared meanwhile, so that
 * order is kept. The entry goes to the translators through a bounded ring of its port; they are
 * served fairly across ports. The translator answers with a program (after the flow was added) and
 * the entry returns by ring to its worker, which runs the program over all that wait.  */

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "datapath/flow.h"
#include "lib/flow/key.h"
#include "lib/types.h"

struct drop_reason;
struct program;
struct rte_mbuf;

enum {
	MISS_PLACES = 1024, /* misses of a worker that are on their way at once */
};

/* What goes there and back stands together: two lines, of packets whose key is one block. */
struct miss {
	/* Worker writes before it hands over; translator reads. */
	struct rte_mbuf *first; /* the first packet; the translator may read its bytes */
	uint16_t worker; /* index of the owner */
	uint16_t port; /* whose ring it goes through */
	uint32_t length; /* of the first packet */
	/* Translator writes, worker reads. */
	struct program *program; /* what to do … */
	const struct drop_reason *drop; /* … or why to do nothing, where there is no program */
	struct flow_life made; /* the flow that is there for it now, if it knows … */
	bool counted; /* … and whether the first packet is among its counts */
	uint64_t changes; /* how many were in force when all that was decided */
	/* Worker writes, translator reads. */
	struct key key;
};
static_assert(offsetof(struct miss, key) == CACHE_LINE, "miss: one line besides its key");

/* Translators. */

/* Takes up to 'max' misses, fairly across ports: one from each port in turn, but for those that have
 * been charged with more time than their share since. Does not wait. */
unsigned miss_take(struct miss **misses, unsigned max);
/* Charges the miss's port with the time since 'since', which was miss_clock()'s or an earlier charge's;
 * returns the time now. */
uint64_t miss_clock(void);
uint64_t miss_charge(const struct miss *miss, uint64_t since);
/* Sleeps until there may be misses or miss_wake() was called, or 'timeout_ms' passed; for some
 * microseconds where misses come so fast that it is too dear for workers to wake somebody. The caller is
 * offline (epoch) meanwhile; this function sees to it. */
void miss_wait(int timeout_ms);
/* Hands misses back: the 'program' of each (borrowed; it must stay interned until the worker has run
 * it, which a flow's reference or the answer's own sees to) is run over the packets that wait; where there
 * is none they are dropped for 'drop'. */
void misses_answer(struct miss **misses, unsigned n);
void miss_answer(struct miss *miss, struct program *program);
void miss_drop(struct miss *miss, const struct drop_reason *reason);
/* Which of its worker's places the miss has: less than MISS_PLACES. It stays in it until the worker is done with
 * the answer. */
unsigned miss_place(const struct miss *miss);
/* So many changes are in force. What was decided before the last of them holds for packets that came
 * before it, of each miss the first; who waits behind it is asked about again. */
void misses_changed(uint64_t n);

/* Any thread. */

void miss_wake(void);

/* Main thread. */

/* Misses that are with the translators or on their way back. */
unsigned miss_in_flight(void);
