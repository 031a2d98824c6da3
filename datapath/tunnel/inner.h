/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Packets that came out of tunnels on a worker and have not been looked up yet.  */

#include <stdint.h>

#include "datapath/batch.h"
#include "datapath/tunnel/map.h"

struct inner {
	uint16_t n;
	/* The port that the last place belonged to, as long as the map is the same. */
	uint16_t port_id;
	uint32_t map; /* its version */
	const struct encapsulation *type;
	struct tunnel_place place;
	struct rte_mbuf *pkts[2 * BATCH_SIZE];
};
