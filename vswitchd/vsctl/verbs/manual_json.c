/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/vsctl/verbs/manual_json.h"

#include <string.h>

#include "datapath/port.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/strbuf.h"
#include "vswitchd/config/config.h"
#include "vswitchd/vsctl/wording.h"

/* What the objects that are being made have in common. */
struct place {
	json_t *all;
	const char *table, *column;
	const char *wanted_key; /* NULL: any, and the column itself */
};

static json_t *add(const struct place *place, const char *help)
{
	json_t *one = json_pack("{s:s, s:s}", "table", place->table, "column", place->column);

	json_array_append_new(place->all, one);
	if (help)
		json_object_set_new(one, "help", json_string(help));
	return one;
}

static void set_text(json_t *object, const char *key, struct strbuf *text)
{
	if (text->length)
		json_object_set_new(object, key, json_string(strbuf_text(text)));
	strbuf_fini(text);
}

static void
add_key(const struct place *place, const struct option *key, enum config_use use, const char *type)
{
	struct strbuf values = STRBUF_INIT;

	if (place->wanted_key && strcmp(place->wanted_key, key->name))
		return;
	json_t *one = add(place, key->help);

	json_object_set_new(one, "key", json_string(key->name));
	if (type)
		json_object_set_new(one, "port_type", json_string(type));
	if (wording_use(use))
		json_object_set_new(one, "use", json_string(wording_use(use)));
	if (use == CONFIG_STATUS || use == CONFIG_STORED)
		return;
	wording_add_values(key, &values);
	set_text(one, "values", &values);
	if (key->default_text)
		json_object_set_new(one, "default", json_string(key->default_text));
	json_object_set_new(one, "applies", json_string(wording_apply(key->apply)));
}

static void add_column(
	struct place *place, const struct schema_column *column, const struct config_column *known
)
{
	place->column = column->name;
	if (!place->wanted_key) {
		json_t *one = add(place, known ? known->help : NULL);
		struct strbuf type = STRBUF_INIT;

		wording_add_type(column, &type);
		set_text(one, "type", &type);
		if (known && wording_use(known->use))
			json_object_set_new(one, "use", json_string(wording_use(known->use)));
	}
	for (int i = 0; known && i < known->n_keys; i++)
		add_key(place, &known->keys[i], known->use, NULL);
	if (!known || strcmp(place->table, "Interface") || strcmp(column->name, "options"))
		return;
	REGISTRY_FOREACH(port_type, type)
		for (int i = 0; i < type->n_options; i++)
			add_key(place, &type->options[i], known->use, type->name);
}

json_t *
manual_json(const struct schema *schema, const char *table, const char *column, const char *key)
{
	struct place place = {.all = json_array(), .wanted_key = key};

	for (size_t i = 0; i < schema->n_tables; i++) {
		const struct schema_table *one = &schema->tables[i];
		const struct config_table *known = config_find_table(one->name);

		if (table && strcmp(table, one->name))
			continue;
		place.table = one->name;
		for (size_t c = SCHEMA_FIRST_COLUMN; c < one->n_columns; c++) {
			const char *name = one->columns[c].name;

			if (column && strcmp(column, name))
				continue;
			add_column(
				&place,
				&one->columns[c],
				known ? config_find_column(known, name) : NULL
			);
		}
	}
	return place.all;
}
