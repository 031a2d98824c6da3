/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/value/datum.h"
#include "vswitchd/vsctl/assignment.h"
#include "vswitchd/vsctl/lookup.h"
#include "vswitchd/vsctl/notation.h"
#include "vswitchd/vsctl/request.h"
#include "vswitchd/vsctl/verb.h"

/* The verb get.  */

static int print_key(
	struct call *call,
	const struct db_row *row,
	const struct schema_column *column,
	const char *key,
	struct errbuf *err
)
{
	const struct datum *map = db_row_get(row, column->index);
	const struct column_type *type = &column->type;
	union atom atom;
	long i;

	if (!type->is_map)
		return errbuf_set(
			err,
			-EINVAL,
			"cannot specify key to get for non-map column %s",
			column->name
		);
	if (notation_parse_atom(key, type->key.type, &call->request->handles, &atom, err))
		return -EINVAL;
	i = datum_find(map, &atom, type->key.type);
	atom_unref(&atom, type->key.type);
	if (i >= 0) {
		notation_print_atom(datum_value(map, (size_t)i), type->value.type, &call->out);
	} else if (!call_option(call, "--if-exists")) {
		return errbuf_set(
			err,
			-ENOENT,
			"no key \"%s\" in %s record \"%s\" column %s",
			key,
			db_table_schema(db_row_table(row))->name,
			call->args[1],
			column->name
		);
	}
	strbuf_add_char(&call->out, '\n');
	return 0;
}

static int print(struct call *call, const struct db_row *row, const char *text, struct errbuf *err)
{
	const struct db_table *table = db_row_table(row);
	const struct schema_column *column;
	unsigned index;
	char *key;
	int error = assignment_split(table, text, &index, &key, err);

	if (error)
		return error;
	column = &db_table_schema(table)->columns[index];
	if (key) {
		error = print_key(call, row, column, key, err);
		free(key);
		return error;
	}
	notation_print(db_row_get(row, index), &column->type, &call->out);
	strbuf_add_char(&call->out, '\n');
	return 0;
}

static int define_handle(struct call *call, const struct db_row *row, struct errbuf *err)
{
	const char *id = call_option(call, "--id");
	struct handle *handle;

	if (!id)
		return 0;
	/* What has been written stands for a row to be made. */
	handle = handles_find(&call->request->handles, id);
	if (handle && !handle->made)
		return errbuf_set(
			err,
			-EINVAL,
			"row id \"%s\" was used before \"get\" says which row it is: put that first",
			id
		);
	handle = handles_define(&call->request->handles, id, err);
	if (!handle)
		return -EINVAL;
	handle->uuid = *db_row_uuid(row);
	handle->kept = true;
	return 0;
}

static int get(struct call *call, struct errbuf *err)
{
	bool must_exist = !call_option(call, "--if-exists");
	struct db_table *table;
	struct db_row *row;
	int error;

	if (!must_exist && call_option(call, "--id"))
		return errbuf_set(
			err, -EINVAL, "--if-exists and --id may not be specified together"
		);
	table = lookup_table(call->request->db, call->args[0], err);
	if (!table)
		return -EINVAL;
	error = lookup_row(call->request, table, call->args[1], must_exist, &row, err);
	if (error || !row)
		return error;
	error = define_handle(call, row, err);
	for (int i = 2; i < call->n_args && !error; i++)
		error = print(call, row, call->args[i], err);
	return error;
}

static const struct verb verb_get = {
	.name = "get",
	.group = "Rows of the database",
	.usage = "TABLE ROW [COLUMN[:KEY]]...",
	.options = "--if-exists --id=",
	.takes = "table row column",
	.min_args = 2,
	.max_args = VERB_ANY,
	.run = get,
	.help = "print values of a row",
};
REGISTRY_ADD(verb, verb_get);
