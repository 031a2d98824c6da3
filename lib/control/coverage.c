/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/control/coverage.h"

#include <errno.h>

#include "lib/command.h"
#include "lib/near.h"
#include "lib/strbuf.h"

void coverage_add(json_t *counts, const char *name, uint64_t n)
{
	json_int_t before = json_integer_value(json_object_get(counts, name));

	json_object_set_new(counts, name, json_integer(before + (json_int_t)n));
}

json_t *coverage_report(void)
{
	json_t *counts = json_object();

	REGISTRY_FOREACH(coverage_reporter, reporter)
		reporter->report(counts);
	return counts;
}

/* Without those that never happened. */
static json_t *cmd_show(struct command_call *call, struct errbuf *err)
{
	json_t *counts = coverage_report(), *seen = json_object(), *count;
	const char *name;

	json_object_foreach(counts, name, count)
		if (json_integer_value(count))
			json_object_set(seen, name, count);
	json_decref(counts);
	return seen;
}

/* Scripts look for the word before the number. */
static void format_show(const json_t *answer, struct strbuf *out)
{
	const char *name;
	json_t *count;

	strbuf_add(out, "Event coverage since the daemon started:\n");
	json_object_foreach((json_t *)answer, name, count)
		strbuf_addf(
			out,
			"%-32s total: %" JSON_INTEGER_FORMAT "\n",
			name,
			json_integer_value(count)
		);
}

MGMT_COMMAND_TEXT(
	coverage_show,
	"coverage/show",
	"",
	0,
	0,
	cmd_show,
	"How often what has happened, of all that has.",
	format_show
);

static json_t *cmd_read_counter(struct command_call *call, struct errbuf *err)
{
	json_auto_t *counts = coverage_report();
	json_t *count = json_object_get(counts, call->argv[0]);
	struct near near;
	const char *name;
	json_t *other;

	if (count)
		return json_incref(count);
	near_init(&near, call->argv[0]);
	json_object_foreach(counts, name, other)
		near_add(&near, name);
	near_refuse(&near, err, -ENOENT, "%.80s: nothing of that name is counted", call->argv[0]);
	return NULL;
}

MGMT_COMMAND(
	coverage_read_counter,
	"coverage/read-counter",
	"NAME",
	1,
	1,
	cmd_read_counter,
	"How often one thing has happened."
);
