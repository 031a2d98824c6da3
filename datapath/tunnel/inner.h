/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Packets that came out of tunnels on a worker and have not been looked up yet.  */

#include <stdint.h>

#include "datapath/batch.h"
#include "datapath/tunnel/map.h"

/* A tunnel over IPv4, as the keys of packets that came out of it name it. */
struct inner_tunnel {
	uint64_t id;
	uint64_t ips; /* where it comes from and where it leads */
};

/* Packets that one lane has taken out of their tunnel: nobody need look at each to know. */
struct inner_run {
	uint16_t n; /* the first so many; 0: it is not known of any */
	uint64_t bytes; /* theirs */
	struct inner_tunnel tunnel;
};

struct inner {
	uint16_t n;
	/* The port that the last place belonged to, as long as the map is the same. */
	uint16_t port_id;
	uint32_t map; /* its version */
	const struct encapsulation *type;
	struct tunnel_place place;
	struct inner_run run;
	struct rte_mbuf *pkts[2 * BATCH_SIZE];
};
