/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The common way into a tunnel: packets straight from the parser get a header in UDP over IPv4 and
 * leave. Their metadata need not be written. Packets with work left to be done on them, and those
 * that have no room in front, go through the op as in other programs.  */

#include <stdbool.h>
#include <stdint.h>

struct op_encap;
struct rte_mbuf;
struct worker;

/* Any thread. */

/* Whether the op does no more than that. */
bool encap_is_plain(const struct op_encap *encap);

/* Workers. */

/* Does it to packets that have just been parsed: pkts[i] has the key of the index places[i]. Sends them
 * by the port 'send_to' if all are plain, unless it is 0. Returns how many are left, in order. */
uint16_t encap_run_plain(
	struct worker *worker,
	const struct op_encap *encap,
	struct rte_mbuf **pkts,
	const uint8_t *places,
	uint16_t n,
	uint16_t send_to
);
