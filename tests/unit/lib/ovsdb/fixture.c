/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/lib/ovsdb/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/ovsdb/db.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/value/db_error.h"
#include "lib/ovsdb/value/uuid.h"
#include "lib/xmalloc.h"

static char *with_quotes(const char *text)
{
	char *copy = xstrdup(text);

	for (char *c = copy; *c; c++)
		if (*c == '\'')
			*c = '"';
	return copy;
}

json_t *fixture_json(const char *text)
{
	char *quoted = with_quotes(text);
	json_error_t where;
	json_t *json = json_loads(quoted, JSON_DECODE_ANY, &where);

	if (!json)
		fail_msg("bad JSON in the test: %s: %s", where.text, quoted);
	free(quoted);
	return json;
}

struct schema *fixture_schema(const char *text)
{
	json_t *json = fixture_json(text);
	struct db_error err;
	struct schema *schema = schema_parse(json, &err);

	if (!schema)
		fail_msg("bad schema in the test: %s", err.details);
	json_decref(json);
	return schema;
}

struct db *fixture_db(const char *schema)
{
	const struct db_config config = {.schema = fixture_schema(schema)};

	return db_open(&config, NULL);
}

static void hide_uuids(char *text)
{
	struct uuid uuid;
	char *out = text;

	for (char *in = text; *in;) {
		char id[UUID_TEXT_LENGTH + 1] = "";

		strncat(id, in, UUID_TEXT_LENGTH);
		if (uuid_parse(id, &uuid)) {
			*out++ = '#';
			in += UUID_TEXT_LENGTH;
		} else {
			*out++ = *in == '"' ? '\'' : *in;
			in++;
		}
	}
	*out = '\0';
}

char *fixture_run(struct db *db, const char *operations)
{
	json_t *json = fixture_json(operations);
	json_t *results = db_execute(db, json);
	char *text = json_dumps(results, JSON_COMPACT | JSON_SORT_KEYS);

	json_decref(json);
	json_decref(results);
	hide_uuids(text);
	return text;
}

void fixture_expect(struct db *db, const char *operations, const char *expected)
{
	char *text = fixture_run(db, operations);

	assert_string_equal(text, expected);
	free(text);
}

char *fixture_error(struct db *db, const char *operations, size_t n)
{
	json_t *json = fixture_json(operations);
	json_t *results = db_execute(db, json);
	const char *kind = json_string_value(json_object_get(json_array_get(results, n), "error"));
	char *copy = xstrdup(kind ? kind : "");

	json_decref(json);
	json_decref(results);
	return copy;
}

void fixture_expect_error(struct db *db, const char *operations, size_t n, const char *kind)
{
	char *got = fixture_error(db, operations, n);

	assert_string_equal(got, kind);
	free(got);
}
