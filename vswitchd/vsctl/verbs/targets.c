/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/vsctl/verbs/targets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/value/datum.h"
#include "lib/xmalloc.h"
#include "vswitchd/vsctl/attr.h"
#include "vswitchd/vsctl/request.h"
#include "vswitchd/vsctl/verb.h"
#include "vswitchd/vsctl/verbs/names.h"

void targets_print(struct call *call, const struct db_row *row, const char *column)
{
	struct names names = {0};

	for (size_t i = 0; i < attr_count(row, column); i++) {
		const struct db_row *target = attr_ref_at(row, column, i);

		if (target)
			names_add(&names, attr_string(target, "target"));
	}
	names_print(&names, &call->out);
}

void targets_clear(struct call *call, struct db_row *row, const char *column)
{
	size_t n = attr_count(row, column);
	struct db_row **rows = XNEW_N(struct db_row *, n + 1);

	for (size_t i = 0; i < n; i++)
		rows[i] = attr_ref_at(row, column, i);
	attr_clear(call->request, row, column);
	for (size_t i = 0; i < n; i++)
		if (rows[i])
			request_delete(call->request, rows[i]);
	free(rows);
}

/* Whether the rows in 'column' have just these targets. */
static bool
has_targets(const struct db_row *row, const char *column, const char *const *targets, int n)
{
	if (attr_count(row, column) != (size_t)n)
		return false;
	for (int i = 0; i < n; i++) {
		int balance = 0;

		for (int k = 0; k < n; k++) {
			const struct db_row *target = attr_ref_at(row, column, (size_t)k);

			balance += target && !strcmp(attr_string(target, "target"), targets[i]);
			balance -= !strcmp(targets[k], targets[i]);
		}
		if (balance)
			return false;
	}
	return true;
}

static int parse_probe(const struct call *call, long *probe, struct errbuf *err)
{
	const char *text = call_option(call, "--inactivity-probe");
	char *end;

	*probe = -1;
	if (!text)
		return 0;
	*probe = strtol(text, &end, 10);
	if (end == text || *end || *probe < 0)
		return errbuf_set(
			err, -EINVAL, "--inactivity-probe=%s: milliseconds are wanted", text
		);
	return 0;
}

int targets_set(
	struct call *call,
	struct db_row *row,
	const char *table,
	const char *const *targets,
	int n,
	struct errbuf *err
)
{
	const char *column = strcmp(table, "Manager") ? "controller" : "manager_options";
	long probe;
	int error = parse_probe(call, &probe, err);

	if (error)
		return error;
	if (probe < 0 && has_targets(row, column, targets, n))
		return 0;
	targets_clear(call, row, column);
	for (int i = 0; i < n; i++) {
		struct db_row *target = request_insert(call->request, table, NULL);

		attr_set(call->request, target, "target", datum_new_string(targets[i]));
		if (probe >= 0)
			attr_set(
				call->request, target, "inactivity_probe", datum_new_integer(probe)
			);
		attr_add_ref(call->request, row, column, target);
	}
	return 0;
}
