/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/port.h"
#include "lib/near.h"
#include "lib/ovsdb/db.h"
#include "lib/ovsdb/schema/schema.h"
#include "vswitchd/config/config.h"
#include "vswitchd/vsctl/grid.h"
#include "vswitchd/vsctl/lookup.h"
#include "vswitchd/vsctl/request.h"
#include "vswitchd/vsctl/verb.h"
#include "vswitchd/vsctl/verbs/manual.h"
#include "vswitchd/vsctl/verbs/manual_json.h"
#include "vswitchd/vsctl/wording.h"

/* The verb describe: what tables, columns and keys mean, from the schema (which values are
 * possible) and the descriptions (what they do).  */

static void describe_all(struct strbuf *out, struct db *db)
{
	const struct schema *schema = db_schema(db);

	for (size_t i = 0; i < schema->n_tables; i++) {
		const struct config_table *table = config_find_table(schema->tables[i].name);

		strbuf_addf(out, "%-26s %s\n", schema->tables[i].name, table ? table->help : "");
	}
}

static void describe_table(struct strbuf *out, const struct schema_table *schema)
{
	const struct config_table *table = config_find_table(schema->name);

	strbuf_addf(out, "%s: %s\n\n", schema->name, table ? table->help : "");
	for (size_t i = SCHEMA_FIRST_COLUMN; i < schema->n_columns; i++) {
		const struct schema_column *column = &schema->columns[i];
		const struct config_column *known =
			table ? config_find_column(table, column->name) : NULL;

		strbuf_addf(out, "%s: ", column->name);
		wording_add_type(column, out);
		strbuf_add_char(out, '\n');
		if (known)
			strbuf_addf(out, "    %s\n", known->help);
	}
}

static void
describe_key(struct strbuf *out, const struct config_column *column, const struct option *key)
{
	strbuf_addf(out, "%s:%s: ", column->name, key->name);
	if (column->use == CONFIG_STATUS || column->use == CONFIG_STORED) {
		strbuf_addf(out, "%s\n    %s\n", wording_use(column->use), key->help);
		return;
	}
	wording_add_values(key, out);
	strbuf_addf(out, "\n    %s\n    (%s)\n", key->help, wording_apply(key->apply));
}

/* The options of every type of port. */
static void describe_options(struct strbuf *out, const struct config_column *column)
{
	REGISTRY_FOREACH(port_type, type) {
		strbuf_addf(out, "\nWith type %s: %s\n", type->name, type->help);
		for (int i = 0; i < type->n_options; i++)
			describe_key(out, column, &type->options[i]);
	}
}

/* One option, of every type that has it. True if there is any. */
static bool describe_option(struct strbuf *out, const struct config_column *column, const char *key)
{
	bool found = false;

	REGISTRY_FOREACH(port_type, type)
		for (int i = 0; i < type->n_options; i++) {
			if (strcmp(type->options[i].name, key))
				continue;
			found = true;
			strbuf_addf(out, "With type %s:\n", type->name);
			describe_key(out, column, &type->options[i]);
		}
	return found;
}

static bool is_options(const struct schema_table *schema, const char *column)
{
	return !strcmp(schema->name, "Interface") && !strcmp(column, "options");
}

static void describe_column(
	struct strbuf *out,
	const struct schema_table *schema,
	const struct schema_column *column,
	const struct config_column *known
)
{
	strbuf_addf(out, "%s.%s: ", schema->name, column->name);
	wording_add_type(column, out);
	strbuf_add_char(out, '\n');
	if (!known)
		return;
	strbuf_addf(out, "    %s\n", known->help);
	if (wording_use(known->use))
		strbuf_addf(out, "    (%s)\n", wording_use(known->use));
	for (int i = 0; i < known->n_keys; i++) {
		strbuf_add_char(out, '\n');
		describe_key(out, known, &known->keys[i]);
	}
	if (is_options(schema, column->name))
		describe_options(out, known);
}

static int
no_key(const struct schema_table *schema,
       const struct config_column *column,
       const char *key,
       struct errbuf *err)
{
	struct near near;

	near_init(&near, key);
	for (int i = 0; i < column->n_keys; i++)
		near_add(&near, column->keys[i].name);
	REGISTRY_FOREACH(port_type, type)
		for (int i = 0; is_options(schema, column->name) && i < type->n_options; i++)
			near_add(&near, type->options[i].name);
	return near_refuse(&near, err, -ENOENT, "%s has no key \"%s\"", column->name, key);
}

/* For programs; a key is that of a family ("vlan-*") if it stands for one. */
static void describe_json(
	struct call *call,
	const struct schema_table *table,
	const struct schema_column *column,
	const char *key
)
{
	json_auto_t *all = manual_json(
		db_schema(call->request->db),
		table ? table->name : NULL,
		column ? column->name : NULL,
		key
	);
	char *text = json_dumps(all, JSON_COMPACT);

	strbuf_addf(&call->out, "%s\n", text);
	free(text);
}

static bool is_json(const struct call *call)
{
	return call->request->style.format == GRID_JSON;
}

static int describe_one_key(
	struct call *call,
	const struct schema_table *schema,
	const struct config_column *known,
	const char *key,
	struct errbuf *err
)
{
	const struct option *option = config_find_key(known, key);

	if (is_options(schema, known->name) && describe_option(&call->out, known, key))
		return 0;
	if (!option)
		return no_key(schema, known, key, err);
	describe_key(&call->out, known, option);
	return 0;
}

static int describe_argument(
	struct call *call, const struct schema_table *schema, const char *text, struct errbuf *err
)
{
	const struct config_table *table = config_find_table(schema->name);
	size_t length = strcspn(text, ":");
	const char *key = text[length] ? text + length + 1 : NULL;
	const struct config_column *known;
	const struct schema_column *column;
	char *name = strndup(text, length);
	int index = lookup_column(schema, name, err);
	int error = 0;

	free(name);
	if (index < 0)
		return index;
	column = &schema->columns[index];
	known = table ? config_find_column(table, column->name) : NULL;
	if (key && known) {
		size_t before = call->out.length;

		error = describe_one_key(call, schema, known, key, err);
		if (error || !is_json(call))
			return error;
		call->out.length = before;
		const struct option *option = config_find_key(known, key);

		describe_json(call, schema, column, option ? option->name : key);
	} else if (is_json(call)) {
		describe_json(call, schema, column, NULL);
	} else {
		describe_column(&call->out, schema, column, known);
	}
	return 0;
}

static int describe(struct call *call, struct errbuf *err)
{
	const struct db_table *table;

	if (call_option(call, "--man")) {
		manual_print(&call->out, db_schema(call->request->db));
		return 0;
	}
	if (!call->n_args) {
		if (is_json(call))
			describe_json(call, NULL, NULL, NULL);
		else
			describe_all(&call->out, call->request->db);
		return 0;
	}
	table = lookup_table(call->request->db, call->args[0], err);
	if (!table)
		return -EINVAL;
	if (call->n_args == 1) {
		if (is_json(call))
			describe_json(call, db_table_schema(table), NULL, NULL);
		else
			describe_table(&call->out, db_table_schema(table));
		return 0;
	}
	return describe_argument(call, db_table_schema(table), call->args[1], err);
}

static const struct verb verb_describe = {
	.name = "describe",
	.group = "Switch",
	.usage = "[TABLE [COLUMN[:KEY]]]",
	.options = "--man",
	.takes = "table column",
	.max_args = 2,
	.run = describe,
	.help = "explain tables, columns and keys",
};
REGISTRY_ADD(verb, verb_describe);
