/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/complaints.h"

#include <stdlib.h>
#include <string.h>

#include "lib/hash.h"
#include "lib/hmap.h"
#include "lib/log.h"
#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/value/datum.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "vswitchd/config/config.h"

LOG_TOPIC(config);

/* What was last said about something. */
struct said {
	struct hmap_node node;
	char *what;
	char *text;
	bool of_switch;
	const struct db_table *table; /* of the row that it belongs to; NULL: to none */
	struct uuid row;
	uint64_t number; /* the later the higher */
};

static uint64_t last_number;

static struct hmap all_said = HMAP_INIT(&all_said);

static void add_sentence(void *owner, const char *key, const char *sentence)
{
	struct strbuf *out = owner;

	if (out->length)
		strbuf_add(out, "; ");
	strbuf_add(out, sentence);
}

static struct said *find(const char *what)
{
	struct said *said;

	HMAP_FOREACH_WITH_HASH(said, node, hash_string(what, 0), &all_said)
		if (!strcmp(said->what, what))
			return said;
	return NULL;
}

static void said_free(struct said *said)
{
	hmap_del(&all_said, &said->node);
	free(said->what);
	free(said->text);
	free(said);
}

/* What stands now, or NULL. */
static struct said *say(const char *what, const char *text, bool of_switch)
{
	struct said *said = find(what);

	if (said && !strcmp(said->text, text))
		return said;
	if (said)
		said_free(said);
	if (!*text)
		return NULL;
	log_warn("%s", text);
	said = XNEW(struct said);
	said->what = xstrdup(what);
	said->text = xstrdup(text);
	said->of_switch = of_switch;
	said->number = ++last_number;
	hmap_add(&all_said, &said->node, hash_string(what, 0));
	return said;
}

void complaints_log(const char *what, const char *text)
{
	say(what, text, false);
}

void complaints_log_of_row(const struct db_row *row, const char *what, const char *text)
{
	struct said *said = say(what, text, false);

	if (!said)
		return;
	/* A row that was made anew has another number. */
	said->table = db_row_table(row);
	said->row = *db_row_uuid(row);
}

void complaints_forget_deleted(void)
{
	struct said *said;

	HMAP_FOREACH_SAFE(said, node, &all_said)
		if (said->table && !db_table_find(said->table, &said->row))
			said_free(said);
}

void complaints_log_of_switch(const char *what, const char *text)
{
	say(what, text, true);
}

uint64_t complaints_now(void)
{
	return last_number;
}

void complaints_foreach_of_switch(uint64_t since, complaints_tell_fn *tell, void *context)
{
	const struct said *said;

	HMAP_FOREACH(said, node, &all_said)
		if (said->of_switch && said->number > since)
			tell(context, said->what, said->text);
}

bool complaints_is_ineffective(
	const struct db_row *row,
	const struct schema_column *column,
	const struct config_column *known
)
{
	const struct datum *value = db_row_get(row, column->index);

	if (known->use != CONFIG_LATER || datum_equal(value, column->default_datum, &column->type))
		return false;
	return !known->moot || strcmp(db_row_string(row, column->index, ""), known->moot) != 0;
}

static void check_later(
	const struct db_row *row,
	const struct schema_column *column,
	const struct config_column *known,
	const char *what,
	struct strbuf *out
)
{
	char *sentence;

	if (!complaints_is_ineffective(row, column, known))
		return;
	sentence = xasprintf(CONFIG_NO_EFFECT, what, column->name);
	add_sentence(out, column->name, sentence);
	free(sentence);
}

char *complaints_find(const struct db_row *row, const char *table, const char *what)
{
	struct strbuf out = STRBUF_INIT;
	const struct config_table *config = config_find_table(table);
	const struct schema_table *schema = db_table_schema(db_row_table(row));

	for (int i = 0; config && i < config->n_columns; i++) {
		const struct config_column *column = &config->columns[i];
		const struct schema_column *schema_column;

		if (column->use == CONFIG_STATUS)
			continue;
		schema_column = schema_find_column(schema, column->name);
		if (!schema_column)
			continue;
		check_later(row, schema_column, column, what, &out);
		if (!column->n_keys || !db_row_count(row, schema_column->index))
			continue;
		json_t *map = db_row_map_json(row, schema_column->index);

		config_check(config, column->name, map, what, add_sentence, &out);
		json_decref(map);
	}
	return out.length ? strbuf_steal(&out) : NULL;
}

char *complaints_check(const struct db_row *row, const char *table, const char *what)
{
	char *text = complaints_find(row, table, what);

	complaints_log_of_row(row, what, text ? text : "");
	return text;
}

void complaints_fini(void)
{
	struct said *said;

	HMAP_FOREACH_SAFE(said, node, &all_said)
		said_free(said);
	hmap_fini(&all_said);
}
