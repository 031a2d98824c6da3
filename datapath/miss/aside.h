/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Setting aside: packets that no flow is there for become misses, and those whose flow is pending wait
 * behind the first of them.  */

#include "datapath/batch.h"
#include "datapath/miss/pending.h"
#include "datapath/worker_priv.h"

/* New entries of the batch at hand, to be sent together. */
struct asking {
	unsigned n;
	uint32_t since; /* pending_clock() */
	struct pending *pendings[BATCH_SIZE];
};

/* Workers. */

/* Whether packets of the port wait: what else comes from it must not overtake them. */
static inline bool aside_waits(const struct worker *worker, uint16_t port)
{
	return pending_has(worker->pending, port);
}

/* Sets packets of the batch aside: those without a flow, and those whose flow is pending even when they
 * have found one meanwhile, so that none overtakes another. They are gone from the lookup afterwards.
 * Returns whether there are others. */
bool aside_set(struct worker *worker, struct batch *batch);
/* For those that are set aside now. */
void aside_begin(struct asking *asking);
/* Sets packet 'i' of the batch aside. */
void aside_set_one(struct worker *worker, unsigned i, struct rte_mbuf *pkt, struct asking *asking);
/* Asks the translators about new entries. */
void aside_ask(struct worker *worker, struct asking *asking);
