/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is filled into a tunnel's header once it stands in front of its packet.  */

#include <stdint.h>

struct op_encap_head;
struct rte_mbuf;
struct worker;

/* What the packet inside says. */
struct header_says {
	uint8_t ecn;
	uint32_t hash; /* of its connection */
};

/* Workers. */

/* Lengths, checksums, numbers, the UDP source port and the congestion mark. */
void header_finish(
	struct worker *worker,
	const struct op_encap_head *head,
	struct rte_mbuf *whole,
	struct header_says says
);
