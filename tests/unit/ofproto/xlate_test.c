/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/xlate/xlate.h"

#include <string.h>

#include "ofproto/bridge_priv.h"
#include "ofproto/tables/tables.h"
#include "tests/unit/ofproto/world.h"
#include "tests/unit/unit.h"

static struct world world;

static int setup(void **state)
{
	world_init_trunks(&world);
	return 0;
}

static int teardown(void **state)
{
	world_fini(&world);
	return 0;
}

/* Makes the bridge do 'translate' to every packet. */
static void rule(rule_action_fn *translate)
{
	static const struct key any;
	struct rule like = {.priority = 1};

	tables_add(world.bridge->tables, &like, &any, &any, world_actions(translate), NULL);
	tables_flip(world.bridge->tables);
}

static struct key udp(void)
{
	struct key key = world_frame(1, 0xa, 0xb, 0);

	key.base.eth_type = be16_from(0x0800);
	key.base.ip_proto = 17;
	key.base.ip_ttl = 64;
	key.base.ip_src = be32_from(0x0a000001);
	key.base.ip_dst = be32_from(0x0a000002);
	key.base.l4_src = be16_from(1000);
	key.base.l4_dst = be16_from(2000);
	return key;
}

static void write32(struct xlate *x, size_t offset, uint32_t value, uint32_t mask)
{
	value = be32_from(value);
	mask = be32_from(mask);
	xlate_write(x, offset, &value, &mask, sizeof(value));
}

static void output(struct xlate *x, uint32_t number)
{
	xlate_output(x, view_find_port(x->bridge, number));
}

#define IP_DST offsetof(struct key, base.ip_dst)
#define L4_DST offsetof(struct key, base.l4_dst)

static void write_and_output(struct xlate *x, const void *args)
{
	uint16_t port = be16_from(80), all = UINT16_MAX;

	write32(x, IP_DST, 0x0a000063, UINT32_MAX);
	write32(x, IP_DST, 0x0a000064, UINT32_MAX);
	output(x, 2);
	xlate_write(x, L4_DST, &port, &all, 2);
	output(x, 3);
}

static void test_xlate_sets_fields_once_and_late(void **state)
{
	struct key key = udp();

	rule(write_and_output);
	assert_string_equal(
		world_run(&world, &key), "set(ipv4(dst=10.0.0.100)),2,set(udp(dst=80)),3"
	);
	/* What is overwritten does not matter. */
	assert_int_equal(world.x.mask.base.ip_dst, 0);
	assert_int_equal(world.x.mask.base.l4_dst, 0);
}

static void look_and_write(struct xlate *x, const void *args)
{
	XLATE_LOOK(x, base.ip_dst);
	write32(x, IP_DST, 0x0a000002, UINT32_MAX);
	output(x, 2);
}

static void test_xlate_omits_what_all_packets_have(void **state)
{
	struct key key = udp();

	rule(look_and_write);
	assert_string_equal(world_run(&world, &key), "2");
	key.base.ip_dst = be32_from(0x0a000003);
	assert_string_equal(world_run(&world, &key), "set(ipv4(dst=10.0.0.2)),2");
}

static void blind_write(struct xlate *x, const void *args)
{
	write32(x, IP_DST, 0x0a000002, 0xffff);
	output(x, 2);
}

static void test_xlate_sets_what_only_this_packet_has(void **state)
{
	struct key key = udp();

	rule(blind_write);
	assert_string_equal(world_run(&world, &key), "set(ipv4(dst=0.0.0.2/0.0.255.255)),2");
}

static void write_and_restore(struct xlate *x, const void *args)
{
	struct key was = x->key, known = x->known;

	write32(x, IP_DST, 0x0a000064, UINT32_MAX);
	output(x, 2);
	x->key = was;
	x->known = known;
	output(x, 3);
}

static void test_xlate_puts_back_what_it_changed(void **state)
{
	struct key key = udp();

	rule(write_and_restore);
	assert_string_equal(
		world_run(&world, &key), "set(ipv4(dst=10.0.0.100)),2,set(ipv4(dst=10.0.0.2)),3"
	);
	assert_int_equal(world.x.mask.base.ip_dst, UINT32_MAX);
}

static void look_at_ipv6(struct xlate *x, const void *args)
{
	XLATE_LOOK(x, ipv6.dst);
	output(x, 2);
}

static void test_xlate_masks_absent_blocks_by_their_absence(void **state)
{
	struct key key = udp();

	rule(look_at_ipv6);
	world_run(&world, &key);
	assert_int_equal(world.x.mask.base.blocks, KEY_HAS(KEY_BLOCK_IPV6));
	assert_int_equal(world.x.mask.ipv6.dst[0], 0);
	key.base.blocks = KEY_HAS(KEY_BLOCK_IPV6);
	world_run(&world, &key);
	assert_int_equal(world.x.mask.base.blocks, KEY_HAS(KEY_BLOCK_IPV6));
	assert_int_equal(world.x.mask.ipv6.dst[0], 0xff);
}

static void loop(struct xlate *x, const void *args)
{
	xlate_table(x, 0, PORT_IN_PORT);
	xlate_table(x, 0, PORT_IN_PORT);
}

static void test_xlate_stops_loops(void **state)
{
	struct key key = udp();

	rule(loop);
	assert_string_equal(world_run(&world, &key), "drop(too_deep)");
	assert_true(world.x.uncacheable);
}

static void flood_often(struct xlate *x, const void *args)
{
	for (unsigned i = 0; i < PROGRAM_SIZE; i++)
		output(x, 2);
}

static void test_xlate_refuses_endless_programs(void **state)
{
	struct key key = udp();

	rule(flood_often);
	assert_string_equal(world_run(&world, &key), "drop(too_long)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(test_xlate_sets_fields_once_and_late),
		TEST(test_xlate_omits_what_all_packets_have),
		TEST(test_xlate_sets_what_only_this_packet_has),
		TEST(test_xlate_puts_back_what_it_changed),
		TEST(test_xlate_masks_absent_blocks_by_their_absence),
		TEST(test_xlate_stops_loops),
		TEST(test_xlate_refuses_endless_programs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
