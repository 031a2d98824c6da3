/* SPDX-License-Identifier: Apache-2.0 */

/* Commands about flows and those who make them.  */

#include "lib/command.h"
#include "ofproto/keeper/book.h"
#include "ofproto/keeper/keeper.h"

enum {
	CHECKS = 100, /* tries to find a moment without changes */
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

static json_t *cmd_show(struct command_call *call, struct errbuf *err)
{
	struct keeper_stats s;

	keeper_get_stats(&s);
	return json_pack(
		"{s:i, s:i, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:i, s:i, s:i}",
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
	translators_show,
	"translators/show",
	"",
	0,
	0,
	cmd_show,
	"Flows, misses, and what became of flows that changes affected."
);
