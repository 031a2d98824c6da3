/* SPDX-License-Identifier: Apache-2.0 */

/* How workers rest when there is nothing to do.  */

#include "datapath/report/cores.h"
#include "datapath/worker_priv.h"
#include "lib/command.h"
#include "lib/strbuf.h"

static unsigned longest_us(const struct worker *worker)
{
	uint32_t us = __atomic_load_n(&worker->max_sleep_us, __ATOMIC_RELAXED);

	return us ? us : WORKER_SLEEP_US;
}

static json_t *cmd_sleep_show(struct command_call *call, struct errbuf *err)
{
	json_t *all;
	uint64_t wanted;

	if (cores_parse(call, &wanted, err))
		return NULL;
	all = json_array();
	for (unsigned i = 0; i < workers_count(); i++)
		if (wanted >> i & 1)
			json_array_append_new(
				all,
				json_pack(
					"{s:i, s:i, s:I}",
					"core",
					(int)workers[i]->core,
					"max-sleep-us",
					(int)longest_us(workers[i]),
					"sleeps",
					(json_int_t)__atomic_load_n(
						&workers[i]->stats.sleeps, __ATOMIC_RELAXED
					)
				)
			);
	return all;
}

static void format_sleep(const json_t *answer, struct strbuf *out)
{
	size_t i;
	json_t *worker;

	strbuf_addf(out, "Default max sleep: %4d us\n", WORKER_SLEEP_US);
	json_array_foreach(answer, i, worker)
		strbuf_addf(
			out,
			"pmd thread numa_id 0 core_id %lld:\n  max sleep: %4lld us\n",
			(long long)json_integer_value(json_object_get(worker, "core")),
			(long long)json_integer_value(json_object_get(worker, "max-sleep-us"))
		);
}
MGMT_COMMAND_TEXT(
	sleep_show,
	"dpif-netdev/pmd-sleep-show",
	"[-pmd CORE] [DP]",
	0,
	4,
	cmd_sleep_show,
	"How long each worker sleeps at most when it has nothing to wait on (pmd-sleep-max).",
	format_sleep
);
