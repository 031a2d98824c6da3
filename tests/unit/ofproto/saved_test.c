/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/errbuf.h"
#include "lib/flow/match.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/groups/groups.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/mac_table.h"
#include "ofproto/rules.h"
#include "ofproto/saved/restore.h"
#include "ofproto/saved/save.h"
#include "ofproto/saved/saved_file.h"
#include "ofproto/tables/tables.h"
#include "ofproto/wire/messages.h"
#include "tests/unit/ofproto/world.h"
#include "tests/unit/unit.h"

static struct world world;

static int setup(void **state)
{
	clock_stop();
	world_init_trunks(&world);
	rules_delete_all(world.bridge);
	return 0;
}

static int teardown(void **state)
{
	world_fini(&world);
	return 0;
}

static void add_rule(const char *match, const char *actions, uint16_t idle_timeout)
{
	struct of_flow_mod mod = world_flow_mod(0, match, actions);

	mod.idle_timeout = idle_timeout;
	mod.cookie = 7;
	assert_int_equal(world_send(world.bridge, &mod, OF13), OF_OK);
}

static void add_group(uint32_t id)
{
	const struct of_group_mod mod = {.group_id = id, .type = GROUP_ALL};

	assert_int_equal(groups_mod(world.bridge, &mod), OF_OK);
}

static struct wire_out save(void)
{
	struct wire_out out;

	wire_out_init(&out, OF15);
	save_bridges(&out);
	return out;
}

static struct restore_report restore(const uint8_t *data, size_t n, int64_t away_ms)
{
	uint8_t *copy = xmalloc(n + 1);
	struct restore_report report;
	struct restore *restore;

	memcpy(copy, data, n);
	restore = restore_new(copy, n, away_ms);
	restore_rules(restore);
	restore_macs(restore);
	report = *restore_get_report(restore);
	restore_free(restore);
	return report;
}

static unsigned n_rules(void)
{
	return tables_count(world.bridge->tables, 0) + tables_count(world.bridge->tables, 3);
}

static void test_what_was_saved_is_restored(void **state)
{
	const struct mac mac = {{2, 0, 0, 0, 0, 9}};
	const struct mac_entry *entry;
	struct restore_report report;

	add_group(4);
	add_rule("in_port=1", "output:2", 0);
	add_rule("ip,nw_dst=10.0.0.0/8", "group:4", 60);
	mac_table_learn(
		world.bridge->macs, 5, mac, bridge_find_lport(world.bridge, "p2")->id, false
	);
	struct wire_out out = save();

	rules_delete_all(world.bridge);
	groups_clear(world.bridge);
	mac_table_flush(world.bridge->macs);
	report = restore(out.data, out.n, 2000);
	wire_out_fini(&out);
	assert_int_equal(report.bridges, 1);
	assert_int_equal(report.rules, 2);
	assert_int_equal(report.groups, 1);
	assert_int_equal(report.macs, 1);
	assert_int_equal(report.refused, 0);
	assert_false(report.damaged);
	assert_int_equal(n_rules(), 2);
	entry = mac_table_find(world.bridge->macs, 5, mac);
	assert_non_null(entry);
	assert_int_equal(entry->lport, bridge_find_lport(world.bridge, "p2")->id);
	assert_int_equal(clock_ms() - mac_entry_used_ms(entry), 2000);
}

static void test_timeouts_go_on_while_the_switch_is_away(void **state)
{
	add_rule("in_port=1", "output:2", 60);
	struct wire_out out = save();

	restore(out.data, out.n, 50000);
	rules_expire();
	assert_int_equal(n_rules(), 1);
	clock_warp(10000);
	rules_expire();
	assert_int_equal(n_rules(), 0);
	wire_out_fini(&out);
}

static void add_timed(unsigned tag, uint16_t hard_timeout)
{
	struct of_flow_mod mod;
	char match[32];

	snprintf(match, sizeof(match), "dl_vlan=%u", tag);
	mod = world_flow_mod(0, match, "output:2");
	mod.hard_timeout = hard_timeout;
	assert_int_equal(world_send(world.bridge, &mod, OF13), OF_OK);
}

static bool count_short(struct rule *rule, void *n)
{
	*(unsigned *)n += rule->hard_timeout == 100;
	return true;
}

/* Ten rules have 10 seconds left of 1000, and ten have 100. The table has room for three now: the two that end
 * last, and the one that is restored last. */
static void test_a_table_that_became_smaller_keeps_who_ends_last(void **state)
{
	const struct bridge_table_config smaller = {.name = "", .max_rules = 3, .evicts = true};
	unsigned n = 0;

	for (unsigned i = 0; i < 10; i++)
		add_timed(100 + i, 1000);
	clock_warp(990000);
	for (unsigned i = 0; i < 10; i++)
		add_timed(200 + i, 100);
	struct wire_out out = save();

	rules_delete_all(world.bridge);
	world.config.tables = &smaller;
	world.config.n_tables = 1;
	world_apply(&world);
	restore(out.data, out.n, 0);
	wire_out_fini(&out);
	assert_int_equal(n_rules(), 3);
	tables_foreach(world.bridge->tables, 0, count_short, &n);
	assert_true(n >= 2);
}

static void test_rules_of_other_deciders_are_left_out(void **state)
{
	struct bridge_controller_config controller = {.target = "tcp:127.0.0.1:1"};

	add_rule("in_port=1", "output:2", 0);
	struct wire_out out = save();

	world.config.controllers = &controller;
	world.config.n_controllers = 1;
	world_apply(&world);
	assert_int_equal(restore(out.data, out.n, 0).rules, 0);
	assert_int_equal(n_rules(), 0);
	wire_out_fini(&out);
}

static void test_groups_may_name_later_ones(void **state)
{
	struct restore_report report;

	add_group(9);
	struct of_bucket bucket = {.watch_port = UINT32_MAX, .watch_group = UINT32_MAX};
	struct of_group_mod mod = {
		.group_id = 4,
		.type = GROUP_ALL,
		.command_bucket_id = GROUP_ANY,
	};
	struct wire_out bytes;

	action_list_init(&bucket.actions);
	assert_int_equal(actions_parse(&bucket.actions, "group:9", NULL, NULL), 0);
	wire_out_init(&bytes, OF13);
	of_bucket_encode(&bytes, &bucket);
	mod.buckets =
		(struct wire_bytes){.data = bytes.data, .n = (uint32_t)bytes.n, .version = OF13};
	assert_int_equal(groups_mod(world.bridge, &mod), OF_OK);
	action_list_fini(&bucket.actions);
	wire_out_fini(&bytes);
	struct wire_out out = save();

	groups_clear(world.bridge);
	report = restore(out.data, out.n, 0);
	assert_int_equal(report.groups, 2);
	assert_int_equal(report.refused, 0);
	wire_out_fini(&out);
}

/* Nothing of it may do harm; address sanitizers look on. */
static void test_damaged_bytes_do_no_harm(void **state)
{
	uint32_t random = 1;

	add_group(4);
	for (unsigned i = 0; i < 20; i++) {
		char match[32];

		snprintf(match, sizeof(match), "in_port=1,dl_vlan=%u", i);
		add_rule(match, i & 1 ? "group:4" : "mod_vlan_vid:5,output:2", 0);
	}
	struct wire_out out = save();

	for (size_t n = 0; n < out.n; n += 7)
		restore(out.data, n, 0);
	for (unsigned i = 0; i < 500; i++) {
		size_t at = (random = random * 1664525 + 1013904223) % out.n;
		uint8_t kept = out.data[at];

		out.data[at] = (uint8_t)(random >> 24);
		restore(out.data, out.n, 0);
		out.data[at] = kept;
	}
	assert_int_equal(restore(out.data, out.n, 0).rules, 20);
	wire_out_fini(&out);
}

static uint8_t *take(const char *path, struct errbuf *err)
{
	int64_t away_ms;
	size_t n;

	errbuf_init(err);
	return saved_file_take(path, &n, &away_ms, err);
}

static void test_file_is_taken_once_and_whole(void **state)
{
	char path[] = "/tmp/weir-saved-XXXXXX";
	const uint8_t data[] = "what there was";
	struct errbuf err;
	int64_t away_ms = -1;
	size_t n = 0;

	close(mkstemp(path));
	errbuf_init(&err);
	assert_int_equal(saved_file_write(path, data, sizeof(data), &err), 0);
	uint8_t *taken = saved_file_take(path, &n, &away_ms, &err);

	assert_non_null(taken);
	assert_int_equal(n, sizeof(data));
	assert_memory_equal(taken, data, n);
	assert_in_range(away_ms, 0, 60000);
	free(taken);
	assert_null(take(path, &err));
	assert_int_equal(err.error, -ENOENT);
}

static void test_file_with_any_byte_changed_is_refused(void **state)
{
	char path[] = "/tmp/weir-saved-XXXXXX";
	const uint8_t data[] = "what there was";
	struct errbuf err;

	close(mkstemp(path));
	for (long at = 0; at < 64 + (long)sizeof(data); at++) {
		errbuf_init(&err);
		assert_int_equal(saved_file_write(path, data, sizeof(data), &err), 0);
		FILE *file = fopen(path, "r+");

		fseek(file, at, SEEK_SET);
		int byte = fgetc(file);

		fseek(file, at, SEEK_SET);
		fputc(byte ^ 1, file);
		fclose(file);
		assert_null(take(path, &err));
		assert_int_equal(err.error, -EINVAL);
		assert_int_equal(access(path, F_OK), -1);
	}
	for (long size = 0; size < 64 + (long)sizeof(data); size += 5) {
		assert_int_equal(saved_file_write(path, data, sizeof(data), &err), 0);
		assert_int_equal(truncate(path, size), 0);
		assert_null(take(path, &err));
	}
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_null(take(path, &err));
	assert_non_null(strstr(err.text, "not a file"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(test_what_was_saved_is_restored),
		TEST(test_timeouts_go_on_while_the_switch_is_away),
		TEST(test_a_table_that_became_smaller_keeps_who_ends_last),
		TEST(test_rules_of_other_deciders_are_left_out),
		TEST(test_groups_may_name_later_ones),
		TEST(test_damaged_bytes_do_no_harm),
		cmocka_unit_test(test_file_is_taken_once_and_whole),
		cmocka_unit_test(test_file_with_any_byte_changed_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
