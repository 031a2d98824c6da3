/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/vsctl/assignment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/value/datum.h"
#include "lib/ovsdb/value/db_error.h"
#include "lib/strbuf.h"
#include "vswitchd/vsctl/lookup.h"
#include "vswitchd/vsctl/notation.h"
#include "vswitchd/vsctl/request.h"

enum relation {
	REL_EQ,
	REL_NE,
	REL_LT,
	REL_GT,
	REL_LE,
	REL_GE,
	REL_SET_EQ,
	REL_SET_NE,
	REL_SET_LT,
	REL_SET_GT,
	REL_SET_LE,
	REL_SET_GE,
	REL_SET_IN,
	REL_SET_NOT_IN,
	N_RELATIONS
};

static const char *const relations[N_RELATIONS] = {
	[REL_EQ] = "=",
	[REL_NE] = "!=",
	[REL_LT] = "<",
	[REL_GT] = ">",
	[REL_LE] = "<=",
	[REL_GE] = ">=",
	[REL_SET_EQ] = "{=}",
	[REL_SET_NE] = "{!=}",
	[REL_SET_LT] = "{<}",
	[REL_SET_GT] = "{>}",
	[REL_SET_LE] = "{<=}",
	[REL_SET_GE] = "{>=}",
	[REL_SET_IN] = "{in}",
	[REL_SET_NOT_IN] = "{not-in}",
};

/* COLUMN[:KEY] OP VALUE, taken apart. */
struct parts {
	const struct schema_column *column;
	char *key; /* NULL: none */
	enum relation relation;
	const char *value;
};

static void parts_fini(struct parts *parts)
{
	free(parts->key);
}

/* Reads the column and the key; '*at' moves behind them. */
static int split_name(
	const struct schema_table *table, const char **at, struct parts *parts, struct errbuf *err
)
{
	struct strbuf token = STRBUF_INIT;
	const char *text = *at;
	int column, error = notation_token(at, &token, err);

	if (!error && !token.length)
		error = errbuf_set(err, -EINVAL, "%s: missing column name", text);
	if (!error) {
		column = lookup_column(table, strbuf_text(&token), err);
		error = column < 0 ? -EINVAL : 0;
	}
	if (error) {
		strbuf_fini(&token);
		return error;
	}
	parts->column = &table->columns[column];
	if (**at == ':') {
		++*at;
		strbuf_clear(&token);
		error = notation_token(at, &token, err);
		if (!error && !token.length)
			error = errbuf_set(err, -EINVAL, "%s: missing key after \":\"", text);
		strbuf_text(&token);
		parts->key = strbuf_steal(&token);
	}
	strbuf_fini(&token);
	return error;
}

int assignment_split(
	const struct db_table *table,
	const char *text,
	unsigned *column,
	char **key,
	struct errbuf *err
)
{
	struct parts parts = {0};
	const char *at = text;
	int error = split_name(db_table_schema(table), &at, &parts, err);

	if (!error && *at)
		error = errbuf_set(
			err, -EINVAL, "%s: trailing garbage \"%s\" in argument", text, at
		);
	if (error) {
		parts_fini(&parts);
		return error;
	}
	*column = parts.column->index;
	*key = parts.key;
	return 0;
}

/* The longest operator that stands at 'at', or -1. */
static int find_relation(const char *at, int n)
{
	int best = -1;

	for (int i = 0; i < n; i++)
		if (!strncmp(at, relations[i], strlen(relations[i])) &&
		    (best < 0 || strlen(relations[i]) > strlen(relations[best])))
			best = i;
	return best;
}

static int missing_relation(const char *text, int n, struct errbuf *err)
{
	return errbuf_set(
		err,
		-EINVAL,
		"%s: argument does not end in %s followed by a value.",
		text,
		n == 1 ? "\"=\""
		       : "\"=\", \"!=\", \"<\", \">\", \"<=\", \">=\", "
			 "\"{=}\", \"{!=}\", \"{<}\", \"{>}\", \"{<=}\", \"{>=}\", "
			 "\"{in}\", or \"{not-in}\""
	);
}

/* The first 'n' relations are possible. */
static int
parse(const struct schema_table *table,
      const char *text,
      int n,
      struct parts *parts,
      struct errbuf *err)
{
	const char *at = text;
	int relation, error;

	*parts = (struct parts){0};
	error = split_name(table, &at, parts, err);
	if (error)
		return error;
	relation = find_relation(at, n);
	if (relation < 0)
		return missing_relation(text, n, err);
	parts->relation = (enum relation)relation;
	parts->value = at + strlen(relations[relation]);
	if (!*parts->value)
		return missing_relation(text, n, err);
	return 0;
}

/* A map of one pair, or a set of one element with 'value' NULL. Takes the atoms. */
static struct datum *
make_one(const struct column_type *type, union atom take_key, const union atom *take_value)
{
	struct datum *one = datum_new(type, 1);
	struct db_error db_err;

	one->atoms[0] = take_key;
	if (take_value)
		one->atoms[1] = *take_value;
	db_error_init(&db_err);
	return datum_finish(one, type, &db_err);
}

/* The pair KEY=VALUE as a map of one element. */
static struct datum *
make_pair(const struct parts *parts, struct handles *handles, struct errbuf *err)
{
	const struct column_type *type = &parts->column->type;
	union atom key, value;

	if (notation_parse_atom(parts->key, type->key.type, handles, &key, err))
		return NULL;
	if (notation_parse_atom(parts->value, type->value.type, handles, &value, err)) {
		atom_unref(&key, type->key.type);
		return NULL;
	}
	return make_one(type, key, &value);
}

static void note_handle(struct request *request, const struct parts *parts)
{
	struct handle *handle = handles_find(&request->handles, parts->value);

	if (!handle)
		return;
	handle->kept |= !parts->column->type.value.is_weak;
	handle->weak |= parts->column->type.value.is_weak;
}

static int apply_pair(
	struct request *request, struct db_row *row, const struct parts *parts, struct errbuf *err
)
{
	const struct column_type *type = &parts->column->type;
	struct datum *pair, *merged;

	if (!type->is_map)
		return errbuf_set(
			err,
			-EINVAL,
			"cannot specify key to set for non-map column %s",
			parts->column->name
		);
	pair = make_pair(parts, &request->handles, err);
	if (!pair)
		return -EINVAL;
	if (type->value.type == ATOM_UUID)
		note_handle(request, parts);
	merged = datum_union(pair, db_row_get(row, parts->column->index), type);
	datum_unref(pair);
	if (notation_check(merged, type, err)) {
		datum_unref(merged);
		return -EINVAL;
	}
	request_set(request, row, parts->column->index, merged);
	return 0;
}

static int apply_parts(
	struct request *request, struct db_row *row, const struct parts *parts, struct errbuf *err
)
{
	const struct schema_column *column = parts->column;
	struct datum *value;

	if (column->index == SCHEMA_COLUMN_UUID)
		return errbuf_set(err, -EINVAL, "a row's UUID cannot be changed");
	if (!column->is_mutable && db_row_count(row, column->index) &&
	    *db_row_string(row, column->index, ""))
		return errbuf_set(
			err,
			-EPERM,
			"cannot modify read-only column %s in table %s",
			column->name,
			db_table_schema(db_row_table(row))->name
		);
	if (parts->key)
		return apply_pair(request, row, parts, err);
	value = notation_parse(parts->value, &column->type, &request->handles, err);
	if (!value)
		return -EINVAL;
	request_set(request, row, column->index, value);
	return 0;
}

int assignment_apply(
	struct request *request, struct db_row *row, const char *text, struct errbuf *err
)
{
	struct parts parts;
	int error = parse(db_table_schema(db_row_table(row)), text, 1, &parts, err);

	if (!error) {
		error = apply_parts(request, row, &parts, err);
		if (error && !strstr(err->text, text))
			errbuf_prefix(err, "%.60s: ", text);
	}
	parts_fini(&parts);
	return error;
}

/* More elements make the greater value; then the first element that differs decides. */
static int compare(const struct datum *a, const struct datum *b, const struct column_type *type)
{
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	for (size_t i = 0; i < a->n; i++) {
		int order = atom_compare(datum_key(a, i), datum_key(b, i), type->key.type);

		if (order)
			return order;
	}
	for (size_t i = 0; type->is_map && i < a->n; i++) {
		int order = atom_compare(datum_value(a, i), datum_value(b, i), type->value.type);

		if (order)
			return order;
	}
	return 0;
}

static bool relation_holds(
	enum relation relation,
	const struct datum *a,
	const struct datum *b,
	const struct column_type *type
)
{
	switch (relation) {
	case REL_EQ:
	case REL_SET_EQ:
		return compare(a, b, type) == 0;
	case REL_NE:
	case REL_SET_NE:
		return compare(a, b, type) != 0;
	case REL_LT:
		return compare(a, b, type) < 0;
	case REL_GT:
		return compare(a, b, type) > 0;
	case REL_LE:
		return compare(a, b, type) <= 0;
	case REL_GE:
		return compare(a, b, type) >= 0;
	case REL_SET_LT:
		return a->n < b->n && datum_includes(b, a, type);
	case REL_SET_GT:
		return a->n > b->n && datum_includes(a, b, type);
	case REL_SET_LE:
	case REL_SET_IN:
		return datum_includes(b, a, type);
	case REL_SET_GE:
		return datum_includes(a, b, type);
	case REL_SET_NOT_IN:
		return datum_excludes(a, b, type);
	default:
		return false;
	}
}

static struct column_type any_number(const struct column_type *type)
{
	struct column_type any = *type;

	any.min = 0;
	any.max = COLUMN_TYPE_UNLIMITED;
	return any;
}

/* The value under the key, as a set of at most one element. */
static struct datum *
find_value(const struct parts *parts, const struct db_row *row, const struct column_type *type)
{
	const struct datum *map = db_row_get(row, parts->column->index);
	enum atom_type key_type = parts->column->type.key.type;
	union atom key, value;
	long i;

	if (notation_parse_atom(parts->key, key_type, NULL, &key, NULL))
		return datum_new_empty(type);
	i = datum_find(map, &key, key_type);
	atom_unref(&key, key_type);
	if (i < 0)
		return datum_new_empty(type);
	value = *datum_value(map, (size_t)i);
	atom_ref(&value, type->key.type);
	return make_one(type, value, NULL);
}

/* What the value is compared with: a set of any size, or for arithmetic one atom. */
static struct datum *parse_wanted(
	struct request *request,
	const struct parts *parts,
	const struct column_type *type,
	struct errbuf *err
)
{
	union atom atom;

	if (parts->relation >= REL_SET_EQ)
		return notation_parse(parts->value, type, &request->handles, err);
	if (notation_parse_atom(parts->value, type->key.type, &request->handles, &atom, err))
		return NULL;
	return make_one(type, atom, NULL);
}

static int test_key(
	struct request *request,
	const struct parts *parts,
	const struct db_row *row,
	bool *holds,
	struct errbuf *err
)
{
	const struct column_type *map = &parts->column->type;
	struct column_type type = {.key = map->value, .max = COLUMN_TYPE_UNLIMITED};
	struct datum *wanted, *present;

	if (!map->is_map)
		return errbuf_set(
			err,
			-EINVAL,
			"cannot specify key to check for non-map column %s",
			parts->column->name
		);
	wanted = parse_wanted(request, parts, &type, err);
	if (!wanted)
		return -EINVAL;
	*holds = false;
	if (row) {
		present = find_value(parts, row, &type);
		*holds = (present->n || parts->relation >= REL_SET_EQ) &&
			relation_holds(parts->relation, present, wanted, &type);
		datum_unref(present);
	}
	datum_unref(wanted);
	return 0;
}

static int test_column(
	struct request *request,
	const struct parts *parts,
	const struct db_row *row,
	bool *holds,
	struct errbuf *err
)
{
	struct column_type any = any_number(&parts->column->type);
	const struct column_type *type =
		parts->relation >= REL_SET_EQ ? &any : &parts->column->type;
	struct datum *wanted = notation_parse(parts->value, type, &request->handles, err);

	if (!wanted)
		return -EINVAL;
	*holds = row &&
		relation_holds(
			 parts->relation, db_row_get(row, parts->column->index), wanted, type
		);
	datum_unref(wanted);
	return 0;
}

int assignment_test(
	struct request *request,
	struct db_table *table,
	const struct db_row *row,
	const char *text,
	bool *holds,
	struct errbuf *err
)
{
	struct parts parts;
	int error = parse(db_table_schema(table), text, N_RELATIONS, &parts, err);

	if (!error && parts.key)
		error = test_key(request, &parts, row, holds, err);
	else if (!error)
		error = test_column(request, &parts, row, holds, err);
	parts_fini(&parts);
	return error;
}
