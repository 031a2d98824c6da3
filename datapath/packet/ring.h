/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Rings that several threads add to, and where none of them waits for another.
 *
 * Who adds to DPDK's ordinary ring waits until all are done that began before: also for a thread that has
 * lost its core meanwhile, which may take a tenth of a second on a busy machine. In these rings the last of
 * those who are at it makes known what all of them added.  */

#include <stdint.h>

#include <rte_ring.h>

#include "lib/epoch.h"

/* Main thread. */

/* 'flags' are those of whoever takes off. */
static inline void ring_init(struct rte_ring *ring, const char *name, unsigned size, unsigned flags)
{
	rte_ring_init(ring, name, size, RING_F_MP_RTS_ENQ | flags);
	/* They would wait, too, when more than an eighth of it is not known yet. */
	rte_ring_set_prod_htd_max(ring, rte_ring_get_capacity(ring));
}

/* Any thread. */

/* Returns how many of the 'n' it took. */
static inline unsigned ring_add(struct rte_ring *ring, void *const *objs, unsigned n)
{
	TSAN_RELEASE(ring);
	return rte_ring_mp_rts_enqueue_burst(ring, objs, n, NULL);
}

/* The one that takes off; others may look on. Returns how many there were, at most 'max'. */
static inline unsigned ring_take(struct rte_ring *ring, void **objs, unsigned max)
{
	unsigned n = rte_ring_sc_dequeue_burst(ring, objs, max, NULL);

	TSAN_ACQUIRE(ring);
	return n;
}

/* The end of all that was added ever, or is about to be. */
static inline uint32_t ring_end(const struct rte_ring *ring)
{
	uint64_t head = __atomic_load_n(&ring->rts_prod.head.raw, __ATOMIC_ACQUIRE);

	return ((union __rte_ring_rts_poscnt){.raw = head}).val.pos;
}
