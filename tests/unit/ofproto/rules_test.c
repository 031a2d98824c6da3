/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/rules.h"

#include <stdio.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/flow/match.h"
#include "lib/strbuf.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/tables/tables.h"
#include "ofproto/wire/messages.h"
#include "tests/unit/ofproto/world.h"
#include "tests/unit/unit.h"

enum {
	ADD,
	MODIFY,
	MODIFY_STRICT,
	DELETE,
	DELETE_STRICT
};

static struct world world;

static int setup(void **state)
{
	clock_stop();
	world_init_trunks(&world);
	return 0;
}

static int teardown(void **state)
{
	world_fini(&world);
	return 0;
}

static enum of_error change(unsigned command, const char *match, const char *actions)
{
	struct of_flow_mod mod = world_flow_mod(command, match, actions);

	return world_send(world.bridge, &mod, OF13);
}

static void add_text(struct rule *rule, void *text)
{
	strbuf_addf(text, "%u:", rule->priority);
	actions_format(&rule->actions->list, NULL, text);
	strbuf_add_char(text, ' ');
}

/* All rules within the match, as "PRIORITY:ACTIONS …". */
static const char *rules(const char *text)
{
	static struct strbuf out;
	struct match match;
	struct rules_query query = {
		.match = &match,
		.out_port = UINT32_MAX,
		.out_group = UINT32_MAX,
		.table = RULES_TABLE_ALL,
	};

	match_init(&match, NULL);
	assert_int_equal(match_parse(&match, text, NULL, NULL), 0);
	strbuf_clear(&out);
	rules_foreach(world.bridge, &query, add_text, &out);
	return out.length ? strbuf_text(&out) : "";
}

static const char *udp(uint16_t in)
{
	struct key key = world_frame(in, 0xa, 0xb, 0);

	key.base.eth_type = be16_from(0x0800);
	key.base.ip_proto = 17;
	key.base.ip_ttl = 64;
	key.base.ip_dst = be32_from(0x0a000002);
	key.base.l4_dst = be16_from(2000);
	return world_run(&world, &key);
}

static void test_rules_are_added_and_replaced(void **state)
{
	assert_int_equal(change(ADD, "in_port=1", "output:2"), OF_OK);
	assert_string_equal(udp(1), "2");
	assert_int_equal(change(ADD, "in_port=1", "output:3"), OF_OK);
	assert_string_equal(udp(1), "3");
	assert_string_equal(rules("in_port=1"), "100:output:3 ");
}

static void test_rules_are_modified_within_and_strictly(void **state)
{
	change(ADD, "in_port=1", "output:2");
	change(ADD, "in_port=1,udp", "output:2");
	assert_int_equal(change(MODIFY, "in_port=1", "output:3"), OF_OK);
	assert_string_equal(rules("in_port=1,udp"), "100:output:3 ");
	assert_int_equal(change(MODIFY_STRICT, "in_port=1", "drop"), OF_OK);
	assert_string_equal(rules("in_port=1,udp"), "100:output:3 ");
	assert_int_equal(tables_count(world.bridge->tables, 0), 3);
	/* Nothing to modify: only OpenFlow 1.0 adds it. */
	change(MODIFY, "in_port=2", "output:3");
	assert_string_equal(rules("in_port=2"), "");
	struct of_flow_mod mod = world_flow_mod(MODIFY, "in_port=2", "output:3");

	assert_int_equal(world_send(world.bridge, &mod, OF10), OF_OK);
	assert_string_equal(rules("in_port=2"), "100:output:3 ");
}

static void test_rules_are_deleted_as_asked(void **state)
{
	struct of_flow_mod mod;

	change(ADD, "in_port=1", "output:2");
	change(ADD, "in_port=1,udp", "output:3");
	change(ADD, "in_port=2", "output:3");
	change(DELETE_STRICT, "in_port=1", "drop");
	assert_string_equal(rules("in_port=1"), "100:output:3 ");
	mod = world_flow_mod(DELETE, "", "drop");
	mod.out_port = 2;
	mod.table_id = RULES_TABLE_ALL;
	world_send(world.bridge, &mod, OF13);
	assert_int_equal(tables_count(world.bridge->tables, 0), 3);
	mod = world_flow_mod(DELETE, "", "drop");
	mod.table_id = RULES_TABLE_ALL;
	world_send(world.bridge, &mod, OF13);
	assert_int_equal(tables_count(world.bridge->tables, 0), 0);
	assert_string_equal(udp(1), "drop(no_rule)");
}

static void test_rules_are_picked_by_cookie(void **state)
{
	struct of_flow_mod mod = world_flow_mod(ADD, "in_port=1", "output:2");

	mod.cookie = 0x12;
	world_send(world.bridge, &mod, OF13);
	mod = world_flow_mod(DELETE, "", "drop");
	mod.cookie = 0x22;
	mod.cookie_mask = 0xff;
	world_send(world.bridge, &mod, OF13);
	assert_string_equal(rules("in_port=1"), "100:output:2 ");
	mod = world_flow_mod(DELETE, "", "drop");
	mod.cookie = 0x02;
	mod.cookie_mask = 0x0f;
	world_send(world.bridge, &mod, OF13);
	assert_string_equal(rules("in_port=1"), "");
}

/* As OpenFlow 1.0 with Nicira's fields does. */
static enum of_error by_cookie(unsigned command, const char *actions, uint64_t cookie)
{
	struct of_flow_mod mod = world_flow_mod(command, "in_port=1", actions);

	mod.cookie = UINT64_MAX;
	mod.match_cookie = cookie;
	mod.match_cookie_mask = UINT64_MAX;
	return world_send(world.bridge, &mod, OF10);
}

static void test_rules_are_picked_by_the_cookie_among_the_fields(void **state)
{
	struct of_flow_mod mod = world_flow_mod(ADD, "in_port=1", "output:2");

	mod.cookie = 0x12;
	world_send(world.bridge, &mod, OF10);
	by_cookie(MODIFY, "output:3", 0x22);
	assert_string_equal(rules("in_port=1"), "100:output:2 ");
	by_cookie(MODIFY, "output:3", 0x12);
	assert_string_equal(rules("in_port=1"), "100:output:3 ");
	by_cookie(DELETE, "drop", 0x13);
	assert_string_equal(rules("in_port=1"), "100:output:3 ");
	/* It has kept its own. */
	by_cookie(DELETE, "drop", 0x12);
	assert_string_equal(rules("in_port=1"), "");
	assert_int_equal(by_cookie(ADD, "output:2", 0x12), OF_NXBRC_NXM_INVALID);
}

static void test_rules_refuse_what_they_must(void **state)
{
	struct of_flow_mod mod = world_flow_mod(ADD, "in_port=1", "output:2");

	mod.table_id = RULES_TABLE_ALL;
	assert_int_equal(world_send(world.bridge, &mod, OF13), OF_FMFC_BAD_TABLE_ID);
	assert_int_equal(change(9, "", "drop"), OF_FMFC_BAD_COMMAND);
	assert_int_equal(change(ADD, "in_port=1", "group:7"), OF_BAC_BAD_OUT_GROUP);
	change(ADD, "in_port=1,udp", "output:2");
	mod = world_flow_mod(ADD, "in_port=1,ip,nw_dst=10.0.0.0/8", "output:2");
	mod.flags = RULE_CHECK_OVERLAP;
	assert_int_equal(world_send(world.bridge, &mod, OF13), OF_FMFC_OVERLAP);
	mod = world_flow_mod(ADD, "in_port=1,tcp", "output:2");
	mod.flags = RULE_CHECK_OVERLAP;
	assert_int_equal(world_send(world.bridge, &mod, OF13), OF_OK);
}

static void test_rules_time_out(void **state)
{
	struct of_flow_mod mod = world_flow_mod(ADD, "in_port=1", "output:2");

	mod.hard_timeout = 10;
	world_send(world.bridge, &mod, OF13);
	mod = world_flow_mod(ADD, "in_port=2", "output:3");
	mod.idle_timeout = 20;
	world_send(world.bridge, &mod, OF13);
	clock_warp(9000);
	rules_expire();
	assert_int_equal(tables_count(world.bridge->tables, 0), 3);
	clock_warp(1000);
	rules_expire();
	assert_string_equal(rules("in_port=1"), "");
	clock_warp(10000);
	rules_expire();
	assert_int_equal(tables_count(world.bridge->tables, 0), 1);
}

static void test_rules_lead_from_table_to_table(void **state)
{
	struct of_flow_mod mod =
		world_flow_mod(ADD, "udp,tp_dst=2000", "set_field:3000->udp_dst,output:3");

	mod.table_id = 7;
	world_send(world.bridge, &mod, OF13);
	change(ADD, "in_port=1", "output:2,goto_table:7");
	assert_string_equal(udp(1), "2,set(udp(dst=3000)),3");
	change(ADD, "in_port=2", "strip_vlan,mod_vlan_vid:5,output:1");
	assert_string_equal(udp(2), "push_vlan(vid=5,pcp=0),1");
}

static void test_rules_use_the_whole_language(void **state)
{
	struct of_flow_mod mod = world_flow_mod(ADD, "reg0=5", "output:3");

	mod.table_id = 4;
	world_send(world.bridge, &mod, OF13);
	change(ADD, "in_port=1,udp", "load:5->NXM_NX_REG0[],resubmit(,4),output:2");
	assert_string_equal(udp(1), "3,2");
	/* What a clone changes is undone behind it. */
	change(ADD, "in_port=1,udp", "clone(set_field:9->udp_dst,output:3),output:2");
	assert_string_equal(udp(1), "set(udp(dst=9)),3,set(udp(dst=2000)),2");
	change(ADD,
	       "in_port=1,udp",
	       "push:NXM_OF_UDP_DST[],move:NXM_OF_UDP_SRC[]->NXM_OF_UDP_DST[],output:2,"
	       "pop:NXM_OF_UDP_DST[],output:3");
	assert_string_equal(udp(1), "set(udp(dst=0)),2,set(udp(dst=2000)),3");
	change(ADD, "in_port=1,udp", "dec_ttl,output:2");
	assert_string_equal(udp(1), "set(ipv4(ttl=63)),2");
	change(ADD, "in_port=1,udp", "output:2,write_actions(output:3)");
	assert_string_equal(udp(1), "2,3");
}

static void note_actions(struct rule *rule, void *list_)
{
	const struct rule_actions **list = list_;

	list[rule->priority % 100] = rule->actions;
}

static void test_rules_share_what_they_do(void **state)
{
	const struct rule_actions *actions[100] = {NULL};
	struct match any;
	struct rules_query query = {
		.match = &any,
		.out_port = UINT32_MAX,
		.out_group = UINT32_MAX,
	};

	match_init(&any, NULL);
	for (unsigned i = 1; i <= 3; i++) {
		struct of_flow_mod mod =
			world_flow_mod(ADD, "tcp", i == 3 ? "output:2" : "output:1");

		mod.priority = i;
		assert_int_equal(world_send(world.bridge, &mod, OF13), 0);
	}
	rules_foreach(world.bridge, &query, note_actions, actions);
	assert_ptr_equal(actions[1], actions[2]);
	assert_int_equal(actions[1]->n_rules, 2);
	assert_ptr_not_equal(actions[1], actions[3]);
	struct of_flow_mod mod = world_flow_mod(DELETE_STRICT, "tcp", "");

	mod.priority = 1;
	assert_int_equal(world_send(world.bridge, &mod, OF13), 0);
	keeper_sync();
	keeper_catch_up();
	assert_int_equal(actions[2]->n_rules, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(test_rules_are_added_and_replaced),
		TEST(test_rules_are_modified_within_and_strictly),
		TEST(test_rules_are_deleted_as_asked),
		TEST(test_rules_are_picked_by_cookie),
		TEST(test_rules_are_picked_by_the_cookie_among_the_fields),
		TEST(test_rules_refuse_what_they_must),
		TEST(test_rules_time_out),
		TEST(test_rules_lead_from_table_to_table),
		TEST(test_rules_use_the_whole_language),
		TEST(test_rules_share_what_they_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
