/* SPDX-License-Identifier: Apache-2.0 */

/* Commands about flows and those who make them.  */

#include <errno.h>
#include <stdlib.h>

#include "lib/command.h"
#include "lib/errbuf.h"
#include "ofproto/keeper/book.h"
#include "ofproto/keeper/keeper.h"

enum {
	CHECKS = 100, /* tries to find a moment without changes */
	FLOWS_MOST = 10000000,
};

static json_t *work_check(struct xlate *x, void *context)
{
	return book_check(x);
}

static json_t *work_purge(struct xlate *x, void *context)
{
	book_purge();
	return json_string("");
}

static json_t *cmd_check(struct command_call *call, struct errbuf *err)
{
	return keeper_ask(call, work_check, NULL, CHECKS, err);
}

static json_t *cmd_purge(struct command_call *call, struct errbuf *err)
{
	return keeper_ask(call, work_purge, NULL, 0, err);
}

static json_t *cmd_pause(struct command_call *call, struct errbuf *err)
{
	keeper_hold(true);
	return json_string("");
}

static json_t *cmd_resume(struct command_call *call, struct errbuf *err)
{
	keeper_hold(false);
	return json_string("");
}

static json_t *cmd_set_flow_limit(struct command_call *call, struct errbuf *err)
{
	char *end;
	unsigned long n = strtoul(call->argv[0], &end, 10);

	if (*end || end == call->argv[0] || !n || n > FLOWS_MOST) {
		errbuf_set(
			err,
			-EINVAL,
			"%s: a number of flows is wanted, 1 to %d",
			call->argv[0],
			FLOWS_MOST
		);
		return NULL;
	}
	keeper_limit_flows((unsigned)n);
	return json_sprintf("set flow_limit to %lu", n);
}

static json_t *cmd_show(struct command_call *call, struct errbuf *err)
{
	struct keeper_stats s;

	keeper_get_stats(&s);
	return json_pack(
		"{s:i, s:i, s:i, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:i, s:i, s:i}",
		"threads",
		(int)s.threads,
		"flows",
		(int)s.flows,
		"flow-limit",
		(int)s.flow_limit,
		"masks",
		(int)s.masks,
		"misses",
		(json_int_t)s.misses,
		"translated",
		(json_int_t)s.translated,
		"found",
		(json_int_t)s.found,
		"stale",
		(json_int_t)s.stale,
		"kept",
		(json_int_t)s.kept,
		"replaced",
		(json_int_t)s.replaced,
		"widened",
		(json_int_t)s.widened,
		"deleted",
		(json_int_t)s.deleted,
		"expired",
		(json_int_t)s.expired,
		"evicted",
		(json_int_t)s.evicted,
		"full",
		(json_int_t)s.full,
		"max-idle-ms",
		(int)s.max_idle_ms,
		"mark-us",
		(int)s.last_mark_us,
		"mark-us-worst",
		(int)s.worst_mark_us
	);
}

MGMT_COMMAND(
	revalidator_check,
	"revalidator/check",
	"",
	0,
	0,
	cmd_check,
	"Translates every flow again and lists those that differ; none should."
);
MGMT_COMMAND(
	revalidator_purge,
	"revalidator/purge",
	"",
	0,
	0,
	cmd_purge,
	"Deletes all flows; packets make them anew."
);
MGMT_COMMAND(
	revalidator_pause,
	"revalidator/pause",
	"",
	0,
	0,
	cmd_pause,
	"Lets flows stay however idle they are, to look at them; changes still reach them."
);
MGMT_COMMAND(
	revalidator_resume, "revalidator/resume", "", 0, 0, cmd_resume, "Lets flows age again."
);
MGMT_COMMAND(
	upcall_set_flow_limit,
	"upcall/set-flow-limit",
	"NUMBER",
	1,
	1,
	cmd_set_flow_limit,
	"How many flows there may be, until other_config:flow-limit is read again."
);
MGMT_COMMAND(
	translators_show,
	"translators/show",
	"",
	0,
	0,
	cmd_show,
	"Flows, misses, and what became of flows that changes affected."
);
