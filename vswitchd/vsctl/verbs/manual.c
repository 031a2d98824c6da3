/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/vsctl/verbs/manual.h"

#include <string.h>

#include "datapath/port.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/strbuf.h"
#include "vswitchd/config/config.h"
#include "vswitchd/vsctl/wording.h"

/* Escapes what troff would take for its own. */
static void add_text(struct strbuf *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		if (*p == '\\')
			strbuf_add(out, "\\e");
		else if (*p == '-')
			strbuf_add(out, "\\-");
		else if ((*p == '.' || *p == '\'') && (p == text || p[-1] == '\n'))
			strbuf_addf(out, "\\&%c", *p);
		else
			strbuf_add_char(out, *p);
	}
}

/* A paragraph: "NAME: what may stand there", then what it means. */
static void add_entry(
	struct strbuf *out,
	const char *name,
	struct strbuf *values,
	const char *help,
	const char *note
)
{
	strbuf_add(out, ".TP\n\\fB");
	add_text(out, name);
	strbuf_add(out, "\\fR: ");
	add_text(out, strbuf_text(values));
	strbuf_add_char(out, '\n');
	add_text(out, help);
	if (note) {
		strbuf_add(out, " (");
		add_text(out, note);
		strbuf_add_char(out, ')');
	}
	strbuf_add_char(out, '\n');
	strbuf_clear(values);
}

static void add_key(struct strbuf *out, const char *column, const struct option *key, bool is_set)
{
	struct strbuf name = STRBUF_INIT, values = STRBUF_INIT;

	strbuf_addf(&name, "%s:%s", column, key->name);
	if (is_set)
		wording_add_values(key, &values);
	add_entry(
		out,
		strbuf_text(&name),
		&values,
		key->help,
		is_set ? wording_apply(key->apply) : NULL
	);
	strbuf_fini(&name);
	strbuf_fini(&values);
}

static void add_port_types(struct strbuf *out)
{
	REGISTRY_FOREACH(port_type, type) {
		if (type->test_only || !type->n_options)
			continue;
		strbuf_add(out, ".PP\nOptions of type \\fB");
		add_text(out, type->name);
		strbuf_add(out, "\\fR:\n");
		for (int i = 0; i < type->n_options; i++)
			add_key(out, "options", &type->options[i], true);
	}
}

static void add_column(
	struct strbuf *out, const struct schema_column *column, const struct config_column *known
)
{
	bool is_set = known && (known->use == CONFIG_USED || known->use == CONFIG_LATER);
	struct strbuf type = STRBUF_INIT;

	wording_add_type(column, &type);
	add_entry(
		out,
		column->name,
		&type,
		known ? known->help : "",
		known ? wording_use(known->use) : NULL
	);
	strbuf_fini(&type);
	for (int i = 0; known && i < known->n_keys; i++)
		add_key(out, column->name, &known->keys[i], is_set);
}

static void add_table(struct strbuf *out, const struct schema_table *schema)
{
	const struct config_table *table = config_find_table(schema->name);

	strbuf_addf(out, ".SH \"TABLE %s\"\n", schema->name);
	if (table)
		add_text(out, table->help);
	strbuf_add_char(out, '\n');
	for (size_t i = SCHEMA_FIRST_COLUMN; i < schema->n_columns; i++)
		add_column(
			out,
			&schema->columns[i],
			table ? config_find_column(table, schema->columns[i].name) : NULL
		);
	if (!strcmp(schema->name, "Interface"))
		add_port_types(out);
}

void manual_print(struct strbuf *out, const struct schema *schema)
{
	strbuf_addf(out, ".TH weir.conf.db 5 \"\" \"schema %s\" weir\n", schema->version);
	strbuf_add(
		out,
		".SH NAME\nweir.conf.db \\- the configuration database of weir\n"
		".SH DESCRIPTION\n"
		"One database holds what a switch is to be and what it reports. Rows of most tables "
		"exist while something refers to them, beginning with the one row of Open_vSwitch.\n"
		".PP\n"
		"vsctl(8) changes it; \\fBvsctl describe\\fR prints the same texts as this page.\n"
	);
	for (size_t i = 0; i < schema->n_tables; i++)
		add_table(out, &schema->tables[i]);
}
