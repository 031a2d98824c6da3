/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "datapath/capture/take.h"
#include "datapath/drop.h"
#include "datapath/fast/classify.h"
#include "datapath/flow_priv.h"
#include "datapath/pool.h"
#include "datapath/port_priv.h"
#include "datapath/worker_priv.h"
#include "lib/xmalloc.h"
#include "tests/unit/datapath/fixture.h"

struct worker *fixture_worker_new(void)
{
	struct worker *worker = xalloc_aligned(CACHE_LINE, sizeof(*worker));
	/* A small cache, so that entries are thrown out. */
	struct exact_config config = {.entries = 512};

	worker->drops = drops_of_worker(0);
	worker->pool = pool_default();
	worker->flow_counters = flows_counters(0);
	worker->port_counters = XNEW_N(struct port_counters, PORT_IDS);
	worker->subtable_hits = XNEW_N(uint64_t, SUBTABLES_MAX);
	worker->hints = XNEW_N(struct hint, HINTS);
	worker->exact_wanted = exact_new(&config, NULL);
	worker->exact = *worker->exact_wanted;
	capture_init(worker);
	return worker;
}

void fixture_worker_free(struct worker *worker)
{
	exact_free(worker->exact_wanted, NULL);
	free(worker->port_counters);
	free(worker->subtable_hits);
	free(worker->hints);
	free(worker);
}
