/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The queue of the port it leaves by that a packet is to use. Packets for which no rule chose one
 * have none, which is queue 0; a flag of ours in the mbuf says that one was chosen.  */

#include <stdint.h>

#include <rte_mbuf.h>

/* One of the bits that DPDK leaves to those who ask for one; taken by queue_init(). */
extern uint64_t queue_flag;

/* Main thread. */

void queue_init(void);

/* Workers. */

static inline uint32_t queue_of(const struct rte_mbuf *pkt)
{
	return pkt->ol_flags & queue_flag ? pkt->hash.sched.queue_id : 0;
}

static inline void queue_choose(struct rte_mbuf *pkt, uint32_t queue)
{
	pkt->ol_flags |= queue_flag;
	pkt->hash.sched.queue_id = queue;
}
