/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>

#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/xmalloc.h"
#include "vswitchd/vsctl/assignment.h"
#include "vswitchd/vsctl/lookup.h"
#include "vswitchd/vsctl/request.h"
#include "vswitchd/vsctl/verb.h"

/* The verbs about whole rows: create, destroy, wait-until.  */

/* What --id says: a handle, or the row's UUID itself. */
static int choose_uuid(struct call *call, bool is_root, struct uuid *uuid, struct errbuf *err)
{
	const char *id = call_option(call, "--id");
	struct handle *handle;

	if (!id || uuid_parse(id, uuid)) {
		if (!id)
			uuid_new(uuid);
		return 0;
	}
	handle = handles_define(&call->request->handles, id, err);
	if (!handle)
		return -EINVAL;
	handle->kept |= is_root;
	*uuid = handle->uuid;
	return 0;
}

static int create(struct call *call, struct errbuf *err)
{
	struct request *request = call->request;
	struct db_table *table = lookup_table(request->db, call->args[0], err);
	const struct schema_table *schema;
	char text[UUID_TEXT_LENGTH + 1];
	struct db_row *row;
	struct uuid uuid;
	int error = 0;

	if (!table)
		return -EINVAL;
	schema = db_table_schema(table);
	if (choose_uuid(call, schema->is_root, &uuid, err))
		return -EINVAL;
	row = request_insert(request, schema->name, &uuid);
	uuid_format(&uuid, text);
	if (!row)
		return errbuf_set(err, -EEXIST, "a row with UUID %s already exists", text);
	if (!call_option(call, "--id") && !schema->is_root)
		request_warn(
			request,
			"warning: applying \"create\" command to table %s without --id option "
			"will have no effect",
			schema->name
		);
	for (int i = 1; i < call->n_args && !error; i++)
		error = assignment_apply(request, row, call->args[i], err);
	strbuf_addf(&call->out, "%s\n", text);
	return error;
}

static int destroy_all(struct call *call, struct db_table *table, struct errbuf *err)
{
	size_t n = 0;
	struct db_row **rows;

	if (call->n_args > 1)
		return errbuf_set(
			err, -EINVAL, "--all and records argument should not be specified together"
		);
	rows = XNEW_N(struct db_row *, db_table_count(table) + 1);
	DB_ROW_FOREACH(row, table)
		rows[n++] = row;
	for (size_t i = 0; i < n; i++)
		request_delete(call->request, rows[i]);
	free(rows);
	return 0;
}

static int destroy(struct call *call, struct errbuf *err)
{
	bool must_exist = !call_option(call, "--if-exists");
	struct db_table *table = lookup_table(call->request->db, call->args[0], err);
	bool is_root;
	int error = 0;

	if (!table)
		return -EINVAL;
	is_root = db_table_schema(table)->is_root;
	if (call_option(call, "--all") && !must_exist)
		return errbuf_set(
			err, -EINVAL, "--if-exists and --all may not be specified together"
		);
	if (call_option(call, "--all"))
		return is_root ? destroy_all(call, table, err) : 0;
	/* Other rows go when nothing refers to them, and not before. */
	if (!is_root)
		request_warn(
			call->request,
			"warning: rows of table %s go when nothing refers to them: \"destroy\" has no "
			"effect on them",
			db_table_schema(table)->name
		);
	if (call->n_args == 1)
		request_warn(
			call->request,
			"warning: either --all or records argument should be specified"
		);
	for (int i = 1; i < call->n_args && !error; i++) {
		struct db_row *row;

		error = lookup_row(call->request, table, call->args[i], must_exist, &row, err);
		if (!error && row && is_root)
			request_delete(call->request, row);
	}
	return error;
}

static int wait_until(struct call *call, struct errbuf *err)
{
	struct db_table *table = lookup_table(call->request->db, call->args[0], err);
	bool all_hold = true;
	struct db_row *row;
	int error;

	if (!table)
		return -EINVAL;
	error = lookup_row(call->request, table, call->args[1], false, &row, err);
	/* All conditions are read even if one does not hold, so that nonsense is an error. */
	for (int i = 2; i < call->n_args && !error; i++) {
		bool holds;

		error = assignment_test(call->request, table, row, call->args[i], &holds, err);
		all_hold &= !error && holds;
	}
	if (error)
		return error;
	return row && all_hold ? 0 : -EAGAIN;
}

static const struct verb verb_create = {
	.name = "create",
	.group = "Rows of the database",
	.usage = "TABLE COLUMN[:KEY]=VALUE...",
	.options = "--id=",
	.takes = "table column",
	.min_args = 2,
	.max_args = VERB_ANY,
	.run = create,
	.help = "make a row and print its UUID",
};
REGISTRY_ADD(verb, verb_create);

static const struct verb verb_destroy = {
	.name = "destroy",
	.group = "Rows of the database",
	.usage = "TABLE [ROW]...",
	.options = "--if-exists --all",
	.takes = "table row",
	.min_args = 1,
	.max_args = VERB_ANY,
	.run = destroy,
	.help = "delete rows (of QoS and Queue, mostly)",
};
REGISTRY_ADD(verb, verb_destroy);

static const struct verb verb_wait_until = {
	.name = "wait-until",
	.group = "Rows of the database",
	.usage = "TABLE ROW [COLUMN[:KEY]=VALUE]...",
	.takes = "table row column",
	.min_args = 2,
	.max_args = VERB_ANY,
	.run = wait_until,
	.help = "wait until the row exists and conditions hold",
};
REGISTRY_ADD(verb, verb_wait_until);
