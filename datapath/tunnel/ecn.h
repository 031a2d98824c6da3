/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Congestion marks of packets in tunnels (RFC 6040).  */

#include <stdbool.h>
#include <stdint.h>

struct rte_mbuf;

enum {
	ECN_NOT_ECT = 0,
	ECN_ECT1 = 1,
	ECN_ECT0 = 2,
	ECN_CE = 3,
	ECN_MASK = 3,
};

/* Workers. */

/* The Ethernet frame came out of a tunnel whose header bore the mark 'outer'. False: it was marked on
 * its way and does not understand marks: it must be dropped. */
bool ecn_take_over(struct rte_mbuf *pkt, uint8_t outer);
