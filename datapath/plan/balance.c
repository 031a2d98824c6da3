/* SPDX-License-Identifier: Apache-2.0 */

/* Balancing: what queues and workers have cost lately, and spreading the queues anew when a worker
 * is overloaded and it would pay.  */

#include <stdlib.h>

#include "datapath/plan/plan_priv.h"
#include "datapath/worker_priv.h"
#include "lib/clock.h"
#include "lib/log.h"

LOG_TOPIC(workers);

enum {
	MINUTE_MS = 60000
};

static struct {
	struct plan_history busy, all; /* cycles */
	const struct worker *of; /* another one: its counters began at 0 */
} loads[WORKERS_MAX];

static int64_t ticked_ms;
static int64_t balanced_ms;

void plan_history_add(struct plan_history *history, uint64_t now)
{
	history->intervals[history->next] = now - history->last;
	history->next = (history->next + 1) % PLAN_INTERVALS;
	history->last = now;
}

uint64_t plan_history_sum(const struct plan_history *history, uint64_t now)
{
	uint64_t sum = now - history->last;

	for (unsigned i = 0; i < PLAN_INTERVALS; i++)
		sum += history->intervals[i];
	return sum;
}

static uint64_t load(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static uint64_t all_cycles(const struct worker *worker)
{
	const struct worker_stats *stats = &worker->stats;

	return load(&stats->busy_cycles) + load(&stats->idle_cycles) + load(&stats->sleep_cycles);
}

uint64_t plan_worker_cycles(unsigned worker)
{
	const struct worker *of = workers[worker];

	if (loads[worker].of != of)
		return all_cycles(of);
	return plan_history_sum(&loads[worker].all, all_cycles(of));
}

double plan_worker_load(unsigned worker)
{
	uint64_t all = plan_worker_cycles(worker);
	uint64_t busy = load(&workers[worker]->stats.busy_cycles);

	if (loads[worker].of == workers[worker])
		busy = plan_history_sum(&loads[worker].busy, busy);
	return all ? (double)busy / all : 0;
}

static void note_loads(void)
{
	struct assignment *a;

	cds_list_for_each_entry(a, &plan_assignments, node)
		plan_history_add(&a->history, load(&a->load->cycles));
	for (unsigned i = 0; i < workers_count(); i++) {
		if (loads[i].of != workers[i]) {
			loads[i].busy = loads[i].all = (struct plan_history){0};
			loads[i].of = workers[i];
		}
		plan_history_add(&loads[i].busy, load(&workers[i]->stats.busy_cycles));
		plan_history_add(&loads[i].all, all_cycles(workers[i]));
	}
}

static bool is_overloaded(void)
{
	for (unsigned i = 0; i < workers_count(); i++)
		if (plan_worker_load(i) * 100 >= plan_config.balance_load && !plan_is_isolated(i))
			return true;
	return false;
}

/* Moves queues if that evens out the load by enough. */
static void balance(void)
{
	struct spread now;
	struct spread_queue *queues = plan_make_spread(&now, false, workers_count());
	double before = spread_variance(&now);

	spread(&now);
	double after = spread_variance(&now);

	if (before > 0 && (before - after) * 100 >= before * plan_config.balance_gain) {
		log_info(
			"receive queues are spread anew: a worker was overloaded, and the load "
			"will be %.0f %% more even",
			(before - after) * 100 / before
		);
		plan_apply(&now);
	}
	free(queues);
}

void plan_tick(void)
{
	int64_t now = clock_ms();
	int64_t pause = (int64_t)plan_config.balance_minutes * MINUTE_MS;

	if (now - ticked_ms < PLAN_INTERVAL_MS)
		return;
	ticked_ms = now;
	note_loads();
	if (!plan_config.auto_balance || workers_count() < 2 || now - balanced_ms < pause)
		return;
	balanced_ms = now;
	if (is_overloaded())
		balance();
}
