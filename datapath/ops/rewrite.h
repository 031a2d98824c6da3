/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Rewrites: the common beginnings of programs, several ops that change Ethernet and IPv4 headers,
 * done to each packet in one go.
 *
 * What is to be done stands in 'struct rewrite' as the sum of the ops that joined it. It is done to
 * packets straight from the parser, so their metadata need not be written. Packets that are not
 * plain IPv4 with TCP or UDP go through the ops one by one.  */

#include <stdbool.h>
#include <stdint.h>

#include "datapath/ops/set_eth.h"
#include "datapath/ops/set_ipv4.h"
#include "lib/types.h"

struct program_op;
struct rte_mbuf;
struct worker;

struct rewrite {
	struct op_set_eth eth;
	struct op_set_ipv4 ip;
	bool dec_ttl; /* before ip.ttl is set */
	bool addresses; /* of IPv4 are changed */
	uint16_t n_ops; /* that joined */
	const struct program_op *ops; /* those, borrowed */
};

/* Workers. */

/* Does it to packets that have just been parsed: pkts[i] has the key of the index places[i]. Returns
 * how many are left, in order. */
uint16_t rewrite_run(
	struct worker *worker,
	const struct rewrite *rewrite,
	struct rte_mbuf **pkts,
	const uint8_t *places,
	uint16_t n
);
