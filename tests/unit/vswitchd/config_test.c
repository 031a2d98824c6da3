/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/config/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/errbuf.h"

static json_t *load_tables(void)
{
	json_t *schema = json_load_file(getenv("SCHEMA"), 0, NULL);
	json_t *tables;

	assert_non_null(schema);
	tables = json_incref(json_object_get(schema, "tables"));
	json_decref(schema);
	return tables;
}

static void test_config_describes_every_column_of_the_schema(void **state)
{
	json_t *tables = load_tables(), *table, *column;
	const char *table_name, *name;

	json_object_foreach(tables, table_name, table) {
		const struct config_table *known = config_find_table(table_name);

		if (!known)
			fail_msg("table %s is not described", table_name);
		json_object_foreach(json_object_get(table, "columns"), name, column)
			if (!config_find_column(known, name))
				fail_msg("column %s.%s is not described", table_name, name);
	}
	json_decref(tables);
}

static void test_config_describes_nothing_else(void **state)
{
	json_t *tables = load_tables();

	REGISTRY_FOREACH(config_table, table) {
		const json_t *columns =
			json_object_get(json_object_get(tables, table->name), "columns");

		for (int i = 0; i < table->n_columns; i++)
			if (!json_object_get(columns, table->columns[i].name))
				fail_msg("no column %s.%s", table->name, table->columns[i].name);
		assert_int_equal(table->n_columns, json_object_size(columns));
	}
	json_decref(tables);
}

static void check_default(const struct config_column *column, const struct option *key)
{
	struct errbuf err;
	json_t *map;

	assert_non_null(key->help);
	if (!key->default_text)
		return;
	map = json_pack("{ss}", key->name, key->default_text);
	errbuf_init(&err);
	if (option_check(column->keys, column->n_keys, map, column->name, &err))
		fail_msg("%s", err.text);
	json_decref(map);
}

static void test_config_defaults_are_allowed_values(void **state)
{
	REGISTRY_FOREACH(config_table, table)
		for (int i = 0; i < table->n_columns; i++)
			for (int k = 0; k < table->columns[i].n_keys; k++)
				check_default(&table->columns[i], &table->columns[i].keys[k]);
}

static void test_config_keys_are_described_once(void **state)
{
	REGISTRY_FOREACH(config_table, table)
		for (int i = 0; i < table->n_columns; i++) {
			const struct config_column *column = &table->columns[i];

			for (int k = 0; k < column->n_keys; k++)
				assert_ptr_equal(
					config_find_key(column, column->keys[k].name),
					&column->keys[k]
				);
		}
}

struct complaints {
	int n;
	char last[256];
	char last_key[64];
};

static void complain(void *owner, const char *key, const char *sentence)
{
	struct complaints *complaints = owner;

	complaints->n++;
	snprintf(complaints->last, sizeof(complaints->last), "%s", sentence);
	snprintf(complaints->last_key, sizeof(complaints->last_key), "%s", key);
}

static int check(const char *table, const char *column, json_t *take_map, struct complaints *c)
{
	int n;

	memset(c, 0, sizeof(*c));
	n = config_check(config_find_table(table), column, take_map, "Bridge br0", complain, c);
	json_decref(take_map);
	assert_int_equal(n, c->n);
	return n;
}

static void test_config_check_accepts_good_values(void **state)
{
	struct complaints c;
	json_t *map = json_pack(
		"{ss,ss,ss}",
		"mac-aging-time",
		"60",
		"disable-in-band",
		"true",
		"hwaddr",
		"02:00:00:00:00:01"
	);

	assert_int_equal(check("Bridge", "other_config", map, &c), 0);
}

static void test_config_check_names_the_nearest_key(void **state)
{
	struct complaints c;

	assert_int_equal(
		check("Bridge", "other_config", json_pack("{ss}", "mac-ageing-time", "60"), &c), 1
	);
	assert_string_equal(c.last_key, "mac-ageing-time");
	assert_string_equal(
		c.last,
		"Bridge br0: other_config: unknown key mac-ageing-time: did you mean "
		"mac-aging-time?"
	);
}

static void test_config_check_reports_every_fault(void **state)
{
	struct complaints c;
	json_t *map = json_pack("{ss,ss}", "mac-aging-time", "soon", "hwaddr", "02:00");

	assert_int_equal(check("Bridge", "other_config", map, &c), 2);
}

static void test_config_check_reports_keys_without_effect(void **state)
{
	struct complaints c;

	assert_int_equal(
		check("Bridge", "other_config", json_pack("{ss}", "in-band-queue", "99"), &c), 1
	);
	assert_non_null(strstr(c.last, "in-band-queue=99 has no effect in this version"));
}

static void test_config_check_leaves_other_programs_keys_alone(void **state)
{
	struct complaints c;

	assert_int_equal(
		check("Interface", "external_ids", json_pack("{ss}", "my-key", "x"), &c), 0
	);
	assert_int_equal(check("Interface", "statistics", json_pack("{ss}", "x", "1"), &c), 0);
}

static void test_config_find_key_knows_families(void **state)
{
	const struct config_column *column =
		config_find_column(config_find_table("Datapath"), "capabilities");

	assert_string_equal(config_find_key(column, "ct_zone")->name, "ct_*");
	assert_null(config_find_key(column, "nothing"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_config_describes_every_column_of_the_schema),
		cmocka_unit_test(test_config_describes_nothing_else),
		cmocka_unit_test(test_config_defaults_are_allowed_values),
		cmocka_unit_test(test_config_keys_are_described_once),
		cmocka_unit_test(test_config_check_accepts_good_values),
		cmocka_unit_test(test_config_check_names_the_nearest_key),
		cmocka_unit_test(test_config_check_reports_every_fault),
		cmocka_unit_test(test_config_check_reports_keys_without_effect),
		cmocka_unit_test(test_config_check_leaves_other_programs_keys_alone),
		cmocka_unit_test(test_config_find_key_knows_families),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
