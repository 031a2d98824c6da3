/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Packets: bytes into mbuf chains and out again, for whoever makes packets rather than forwarding
 * them. Mbufs come from the pool (datapath/pool.h).  */

#include <stdint.h>

struct rte_mbuf;

enum {
	PACKET_MAX = 65535 + 64 /* the longest packet: a whole IP datagram and its tags */
};

/* Any thread that may use the pool. */

/* NULL when the pool is empty or 'n' is above PACKET_MAX. */
struct rte_mbuf *packet_new(const void *data, uint32_t n);
/* Appends bytes, with more segments where needed. On -ENOMEM the packet is as it was or longer by a
 * part: the caller frees it. */
int packet_append(struct rte_mbuf *packet, const void *data, uint32_t n);
/* Appends bytes 'offset' … 'offset + n' of 'from', which must have them. As above. */
int packet_append_range(
	struct rte_mbuf *packet, const struct rte_mbuf *from, uint32_t offset, uint32_t n
);
