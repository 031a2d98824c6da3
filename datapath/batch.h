/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A batch: up to 32 packets on their way through a worker.  */

#include <stdint.h>

struct rte_mbuf;

enum {
	BATCH_SIZE = 32
};

struct batch {
	uint16_t n;
	struct rte_mbuf *pkts[BATCH_SIZE];
};

#define BATCH_FOREACH(i, batch) for (unsigned i = 0; i < (batch)->n; i++)
