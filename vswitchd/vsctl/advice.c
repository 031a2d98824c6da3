/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/vsctl/advice.h"

#include <stdio.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/value/datum.h"
#include "lib/stream/address.h"
#include "vswitchd/complaints.h"
#include "vswitchd/config/config.h"
#include "vswitchd/vsctl/attr.h"
#include "vswitchd/vsctl/request.h"

static void complain(void *owner, const char *key, const char *sentence)
{
	request_warn(owner, "warning: %s", sentence);
}

static void note(void *owner, const char *key, const char *sentence)
{
	request_warn(owner, "note: %s", sentence);
}

/* "Bridge br0", or the table alone when its rows have no name. */
static void describe_row(const struct db_row *row, char *text, size_t size)
{
	const struct schema_table *table = db_table_schema(db_row_table(row));

	if (schema_find_column(table, "name"))
		snprintf(text, size, "%s %s", table->name, attr_string(row, "name"));
	else
		snprintf(text, size, "%s", table->name);
}

static bool is_string_map(const struct column_type *type)
{
	return type->is_map && type->key.type == ATOM_STRING && type->value.type == ATOM_STRING;
}

/* Without the pairs that were there before: who wrote those was told then. */
static json_t *new_pairs(const struct db_row *row, const struct request_change *change)
{
	json_t *map = db_row_map_json(row, change->column);

	for (size_t i = 0; i < change->old->n; i++) {
		const char *key = datum_key(change->old, i)->string->bytes;
		const char *value = json_string_value(json_object_get(map, key));

		if (value && !strcmp(value, datum_value(change->old, i)->string->bytes))
			json_object_del(map, key);
	}
	return map;
}

static json_t *old_pairs(const struct request_change *change)
{
	json_t *map = json_object();

	for (size_t i = 0; i < change->old->n; i++)
		json_object_set_new(
			map,
			datum_key(change->old, i)->string->bytes,
			json_string(datum_value(change->old, i)->string->bytes)
		);
	return map;
}

/* What was changed may have to wait for the daemon's next start. */
static void advise_restart(
	struct request *request,
	const struct request_change *change,
	const struct config_column *column,
	const json_t *now,
	const char *what
)
{
	json_auto_t *before = old_pairs(change);

	config_check_restart(column, before, now, what, note, request);
}

/* The pairs mean what the port's type says. */
static void advise_options(struct request *request, const struct db_row *row, const json_t *map)
{
	const struct option *options;
	char where[160];
	int n;

	options = config_port_options(attr_string(row, "type"), &n);
	snprintf(where, sizeof(where), "Interface %s: options", attr_string(row, "name"));
	if (n >= 0)
		config_check_options(options, n, map, where, complain, request);
}

static const struct config_column *
find_known(const struct schema_table *schema, unsigned column, const struct config_table **table)
{
	*table = config_find_table(schema->name);
	return *table ? config_find_column(*table, schema->columns[column].name) : NULL;
}

static bool is_port_options(const struct schema_table *schema, unsigned column)
{
	return !strcmp(schema->name, "Interface") &&
		!strcmp(schema->columns[column].name, "options");
}

/* What scripts of Open vSwitch's set in the row of the switch itself, its version and the like, is
 * none of a person's mistakes. */
static bool is_of_part(const struct schema_table *schema)
{
	return strcmp(schema->name, "Open_vSwitch") != 0;
}

bool advice_cares(const struct schema_table *schema, unsigned column)
{
	const struct config_table *table;
	const struct config_column *known = find_known(schema, column, &table);

	if (!known || known->use == CONFIG_STORED)
		return false;
	if (known->use == CONFIG_STATUS)
		return is_of_part(schema);
	return known->use == CONFIG_LATER || known->n_keys || known->port ||
		is_port_options(schema, column);
}

static void advise_address(
	struct request *request,
	const struct db_row *row,
	const struct config_column *column,
	const char *what
)
{
	char host[ADDRESS_HOST_SIZE];
	struct address address;
	struct errbuf err;

	if (address_parse_host(attr_string(row, column->name), column->port, &address, host, &err))
		request_warn(request, "warning: %s: %s", what, err.text);
}

/* mtu and ofport are what is, mtu_request and ofport_request what is wanted. */
static void advise_status(
	struct request *request,
	const struct schema_table *schema,
	const char *what,
	const char *name
)
{
	char other[64];

	snprintf(other, sizeof(other), "%s_request", name);
	if (schema_find_column(schema, other))
		request_warn(
			request,
			"warning: %s: %s is what the switch tells, not what is wanted: did you mean %s?",
			what,
			name,
			other
		);
	else
		request_warn(
			request, "warning: %s: %s is written by the switch and not read", what, name
		);
}

static void advise(struct request *request, const struct request_change *change)
{
	const struct schema_table *schema = db_table_schema(change->table);
	const struct schema_column *column = &schema->columns[change->column];
	const struct db_row *row = db_table_find(change->table, &change->uuid);
	const struct config_table *table;
	const struct config_column *known = find_known(schema, change->column, &table);
	char what[128];

	if (!row || !known)
		return;
	describe_row(row, what, sizeof(what));
	if (known->use == CONFIG_STATUS) {
		advise_status(request, schema, what, column->name);
	} else if (known->use == CONFIG_LATER) {
		if (complaints_is_ineffective(row, column, known))
			request_warn(request, "warning: " CONFIG_NO_EFFECT, what, column->name);
	} else if (known->port) {
		advise_address(request, row, known, what);
	} else if (is_string_map(&column->type)) {
		json_auto_t *map = new_pairs(row, change);

		if (is_port_options(schema, change->column))
			advise_options(request, row, map);
		else
			config_check(table, column->name, map, what, complain, request);
		json_auto_t *now = db_row_map_json(row, change->column);

		advise_restart(request, change, known, now, what);
	}
}

void advice_give(struct request *request)
{
	for (size_t i = 0; i < request->n_changes; i++)
		advise(request, &request->changes[i]);
}
