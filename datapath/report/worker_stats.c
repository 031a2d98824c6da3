/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/report/worker_stats.h"

#include <string.h>

#include <rte_cycles.h>

#include "datapath/miss_priv.h"
#include "datapath/worker_priv.h"

enum {
	N_STATS = sizeof(struct worker_stats) / sizeof(uint64_t)
};

const char *const worker_stage_names[WORKER_STAGES] = {
	[STAGE_RECEIVE] = "receive",
	[STAGE_PARSE] = "parse",
	[STAGE_EXACT] = "exact",
	[STAGE_CLASSIFY] = "classify",
	[STAGE_EXECUTE] = "execute",
	[STAGE_SEND] = "send",
};

static uint64_t load(const uint64_t *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

void worker_stats_get(const struct worker *worker, struct worker_stats *stats)
{
	const uint64_t *now = (const uint64_t *)&worker->stats;
	const uint64_t *base = (const uint64_t *)&worker->base.stats;
	uint64_t *out = (uint64_t *)stats;

	memset(stats, 0, sizeof(*stats)); /* gcc's analyzer does not see that the loop sets all */
	for (unsigned i = 0; i < N_STATS; i++)
		out[i] = load(&now[i]) - base[i];
}

void worker_stats_clear(struct worker *worker)
{
	const uint64_t *now = (const uint64_t *)&worker->stats;
	uint64_t *base = (uint64_t *)&worker->base.stats;

	for (unsigned k = 0; k < N_STATS; k++)
		base[k] = load(&now[k]);
	worker->base.tsc = rte_rdtsc();
	worker->base.wait_ns = load(&worker->pending->waits.sum_ns);
	__atomic_store_n(&worker->worst_cycles, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&worker->worst_cpu_ns, 0, __ATOMIC_RELAXED);
}

uint64_t worker_stats_age(const struct worker *worker)
{
	return rte_rdtsc() - worker->base.tsc;
}

uint64_t worker_stats_wait_ns(const struct worker *worker)
{
	return load(&worker->pending->waits.sum_ns) - worker->base.wait_ns;
}
