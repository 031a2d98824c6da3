/* SPDX-License-Identifier: Apache-2.0 */

/* Which worker polls which receive queue, and what each of them costs.  */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/plan/plan_priv.h"
#include "datapath/port.h"
#include "datapath/report/cores.h"
#include "datapath/worker_priv.h"
#include "lib/command.h"
#include "lib/errbuf.h"
#include "lib/strbuf.h"

static double percent(uint64_t part, uint64_t whole)
{
	double share = whole ? 100.0 * part / whole : 0;

	return share > 100 ? 100 : share;
}

static void list_queues(unsigned worker, struct strbuf *out)
{
	uint64_t all = plan_worker_cycles(worker), counted = 0;
	struct assignment *a;

	strbuf_addf(
		out,
		"pmd thread numa_id 0 core_id %u:\n  isolated : %s\n",
		workers[worker]->core,
		plan_is_isolated(worker) ? "true" : "false"
	);
	cds_list_for_each_entry(a, &plan_assignments, node) {
		if (a->worker != (int)worker)
			continue;
		uint64_t cycles = plan_history_sum(
			&a->history, __atomic_load_n(&a->load->cycles, __ATOMIC_RELAXED)
		);

		counted += cycles;
		strbuf_addf(
			out,
			"  port: %-16s  queue-id: %2u (enabled)   pmd usage: %2.0f %%\n",
			a->rxq->port->name,
			a->rxq->index,
			percent(cycles, all)
		);
	}
	double rest = 100 * plan_worker_load(worker) - percent(counted, all);

	strbuf_addf(out, "  overhead: %2.0f %%\n", rest > 0 ? rest : 0);
}

static json_t *cmd_rxq_show(struct command_call *call, struct errbuf *err)
{
	struct strbuf out = STRBUF_INIT;
	uint64_t wanted;

	if (cores_parse(call, &wanted, err))
		return NULL;
	strbuf_add(&out, "Displaying last 60 seconds pmd usage %\n");
	for (unsigned i = 0; i < workers_count(); i++)
		if (wanted >> i & 1)
			list_queues(i, &out);
	json_t *text = json_string(strbuf_text(&out));

	strbuf_fini(&out);
	return text;
}

MGMT_COMMAND(
	rxq_show,
	"dpif-netdev/pmd-rxq-show",
	"[-pmd CORE] [DP]",
	0,
	4,
	cmd_rxq_show,
	"Which worker polls which receive queue, and what share of its time each took lately."
);

static json_t *cmd_rxq_rebalance(struct command_call *call, struct errbuf *err)
{
	uint64_t all;

	if (cores_parse(call, &all, err))
		return NULL;
	plan_rebalance();
	return json_string("");
}

MGMT_COMMAND(
	rxq_rebalance,
	"dpif-netdev/pmd-rxq-rebalance",
	"[DP]",
	0,
	1,
	cmd_rxq_rebalance,
	"Spreads the receive queues over the workers anew, by what they have cost lately."
);

static void add_queue(json_t *all, const struct assignment *a)
{
	int depth = __atomic_load_n(&a->load->depth, __ATOMIC_RELAXED);
	int most = __atomic_load_n(&a->load->depth_most, __ATOMIC_RELAXED);
	json_t *one = json_pack(
		"{s:s, s:i, s:i, s:I, s:b}",
		"port",
		a->rxq->port->name,
		"queue",
		(int)a->rxq->index,
		"worker",
		a->worker,
		"packets",
		(json_int_t)__atomic_load_n(&a->load->packets, __ATOMIC_RELAXED),
		"may_sleep",
		a->rxq->wait_fd >= 0
	);

	json_object_set_new(one, "waiting", depth < 0 ? json_string("-") : json_integer(depth));
	json_object_set_new(one, "waiting_most", most < 0 ? json_string("-") : json_integer(most));
	json_array_append_new(all, one);
}

static json_t *cmd_queues_show(struct command_call *call, struct errbuf *err)
{
	json_t *all = json_array();
	struct assignment *a;

	cds_list_for_each_entry(a, &plan_assignments, node)
		add_queue(all, a);
	return all;
}

MGMT_COMMAND(
	queues_show,
	"queues/show",
	"",
	0,
	0,
	cmd_queues_show,
	"Receive queues: who polls them, whether the device wakes a worker that sleeps, how many packets "
	"stood in them when a batch was last timed, and at most."
);
