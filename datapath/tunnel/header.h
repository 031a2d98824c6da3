/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is filled into a tunnel's header once it stands in front of its packet.  */

#include <stdbool.h>
#include <stdint.h>

struct op_encap_head;
struct rte_mbuf;
struct worker;

/* What the packet inside says. */
struct header_says {
	uint8_t ecn;
	uint32_t hash; /* of its connection */
};

/* UDP source ports: the first one, and how many there are; main writes, workers read. */
extern uint32_t header_ports_first, header_ports_n;

/* Main thread. */

/* The packets of the port that has this id next are numbered anew. */
void header_restart(uint16_t port_id);

/* Workers. */

/* For packets of a connection with this hash. */
static inline uint16_t header_source_port(uint32_t hash)
{
	return (uint16_t)(header_ports_first + ((uint64_t)hash * header_ports_n >> 32));
}

/* What is pending on a packet that is to enter is left to the port that sends it, unless it must be done
 * now. The header takes so much 'room' in front. False: it could not be done. */
bool header_settle(const struct op_encap_head *head, struct rte_mbuf *pkt, uint16_t room);
/* Lengths, checksums, numbers, the UDP source port and the congestion mark. */
void header_finish(
	struct worker *worker,
	const struct op_encap_head *head,
	struct rte_mbuf *whole,
	struct header_says says
);
