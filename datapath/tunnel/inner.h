/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Packets that came out of tunnels on a worker and have not been looked up yet.  */

#include <stdint.h>

#include "datapath/batch.h"

struct inner {
	uint16_t n;
	struct rte_mbuf *pkts[2 * BATCH_SIZE];
};
