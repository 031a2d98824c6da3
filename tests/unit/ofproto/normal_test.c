/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/actions/normal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "ofproto/mac_table.h"
#include "tests/unit/ofproto/world.h"

enum {
	TAG10 = KEY_VLAN_PRESENT | 10,
	TAG20 = KEY_VLAN_PRESENT | 20,
	TAG10_PCP5 = KEY_VLAN_PRESENT | 10 | 5 << 13,
	PRIORITY5 = KEY_VLAN_PRESENT | 5 << 13,
	A = 0xa,
	B = 0xb,
	ALL = 0xff
};

static struct world world;

static int setup(void **state)
{
	world_init(&world);
	return 0;
}

static int teardown(void **state)
{
	world_fini(&world);
	return 0;
}

static void expect(uint16_t in, uint8_t src, uint8_t dst, uint16_t tci, const char *program)
{
	struct key key = world_frame(in, src, dst, tci);

	assert_string_equal(world_run(&world, &key), program);
}

static const uint16_t to_20[] = {20, 0};
static const uint16_t to_10_and_20[] = {10, 20, 0};

/* Ports 1 to 6; what they are is in their names. */
static void add_one_of_each(void)
{
	world_add(&world, "access10", VLAN_MODE_ACCESS, 10);
	world_add(&world, "access20", VLAN_MODE_ACCESS, 20);
	world_add(&world, "trunk", VLAN_MODE_TRUNK, 0);
	world_trunks(world_add(&world, "trunk20", VLAN_MODE_TRUNK, 0), to_20);
	world_trunks(world_add(&world, "tagged10", VLAN_MODE_NATIVE_TAGGED, 10), to_20);
	world_trunks(world_add(&world, "untagged10", VLAN_MODE_NATIVE_UNTAGGED, 10), to_10_and_20);
	world_apply(&world);
}

/* A broadcast into each kind of port with each kind of tag: every VLAN mode, in and out. */
static void test_normal_floods_by_vlan_mode(void **state)
{
	static const struct {
		uint16_t in, tci;
		const char *program;
	} cases[] = {
		/* An access port. */
		{1, 0, "6,push_vlan(vid=10,pcp=0),3,5"},
		{1, TAG10, "drop(tag_on_access)"},
		{1, TAG20, "drop(tag_on_access)"},
		{1, PRIORITY5, "set_vlan(vid=10,pcp=5),3,5,pop_vlan,6"},
		{2, 0, "push_vlan(vid=20,pcp=0),3,4,5,6"},
		/* A trunk of all VLANs; without a tag, VLAN 0. */
		{3, 0, "drop(no_member)"},
		{3, TAG10, "5,pop_vlan,1,6"},
		{3, TAG10_PCP5, "5,pop_vlan,1,6"},
		{3, TAG20, "4,5,6,pop_vlan,2"},
		{3, KEY_VLAN_PRESENT | 30, "drop(no_member)"},
		{3, PRIORITY5, "drop(no_member)"},
		/* A trunk of VLAN 20. */
		{4, 0, "drop(vlan_mismatch)"},
		{4, TAG10, "drop(vlan_mismatch)"},
		{4, TAG20, "3,5,6,pop_vlan,2"},
		{4, PRIORITY5, "drop(vlan_mismatch)"},
		/* Native tagged: its native VLAN is carried although the list has only 20. */
		{5, 0, "1,6,push_vlan(vid=10,pcp=0),3"},
		{5, TAG10, "3,pop_vlan,1,6"},
		{5, TAG20, "3,4,6,pop_vlan,2"},
		{5, KEY_VLAN_PRESENT | 30, "drop(vlan_mismatch)"},
		{5, PRIORITY5, "set_vlan(vid=10,pcp=5),3,pop_vlan,1,6"},
		/* Native untagged. */
		{6, 0, "1,push_vlan(vid=10,pcp=0),3,5"},
		{6, TAG10, "3,5,pop_vlan,1"},
		{6, TAG20, "3,4,5,pop_vlan,2"},
		{6, PRIORITY5, "set_vlan(vid=10,pcp=5),3,5,pop_vlan,1"},
	};

	add_one_of_each();
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect(cases[i].in, A, ALL, cases[i].tci, cases[i].program);
}

static void test_normal_pushes_service_tags_for_tunnel_ports(void **state)
{
	world_add(&world, "customer1", VLAN_MODE_DOT1Q_TUNNEL, 100);
	world_add(&world, "customer2", VLAN_MODE_DOT1Q_TUNNEL, 100);
	world_add(&world, "trunk", VLAN_MODE_TRUNK, 0);
	world_add(&world, "access100", VLAN_MODE_ACCESS, 100);
	world_apply(&world);
	expect(1, A, ALL, 0, "2,4,push_vlan(tpid=0x88a8,vid=100,pcp=0),3");
	/* Who only knows the outer VLAN does not get a customer's. */
	expect(1, A, ALL, TAG10, "2,push_vlan(tpid=0x88a8,vid=100,pcp=0),3");
	expect(3, A, ALL, KEY_VLAN_PRESENT | 100, "pop_vlan,1,2,4");
}

static void test_normal_keeps_priorities_where_asked(void **state)
{
	world_add(&world, "trunk", VLAN_MODE_TRUNK, 0);
	world_add(&world, "never", VLAN_MODE_ACCESS, 10);
	world_add(&world, "nonzero", VLAN_MODE_ACCESS, 10)->priority_tags =
		PRIORITY_TAGS_IF_NONZERO;
	world_add(&world, "always", VLAN_MODE_ACCESS, 10)->priority_tags = PRIORITY_TAGS_ALWAYS;
	world_apply(&world);
	expect(1, A, ALL, TAG10, "set_vlan(vid=0,pcp=0),4,pop_vlan,2,3");
	expect(1, A, ALL, TAG10_PCP5, "set_vlan(vid=0,pcp=5),3,4,pop_vlan,2");
	/* Now the priority is in the mask. */
	assert_int_equal(world.x.mask.base.vlan_tci, 0xffff);
}

static void test_normal_learns_per_vlan(void **state)
{
	add_one_of_each();
	expect(1, A, ALL, 0, "6,push_vlan(vid=10,pcp=0),3,5");
	assert_int_equal(world.x.n_effects, 1);
	assert_int_equal(world.x.effects[0].vlan, 10);
	world_learn(&world);
	expect(1, A, ALL, 0, "6,push_vlan(vid=10,pcp=0),3,5");
	assert_int_equal(world.x.n_effects, 0);
	expect(3, B, A, TAG10, "pop_vlan,1");
	expect(3, B, A, TAG20, "4,5,6,pop_vlan,2");
	/* The address moves to another port. */
	expect(6, A, ALL, 0, "1,push_vlan(vid=10,pcp=0),3,5");
	assert_int_equal(world.x.n_effects, 1);
	world_learn(&world);
	expect(3, B, A, TAG10, "pop_vlan,6");
}

static void test_normal_says_why_it_drops(void **state)
{
	struct key key;

	world_add(&world, "p1", VLAN_MODE_TRUNK, 0)->protected_port = true;
	world_add(&world, "p2", VLAN_MODE_TRUNK, 0)->protected_port = true;
	world_add(&world, "p3", VLAN_MODE_TRUNK, 0);
	world_apply(&world);
	expect(1, A, ALL, 0, "3");
	world_learn(&world);
	expect(1, B, A, 0, "drop(same_port)");
	expect(2, B, A, 0, "drop(protected_port)");
	expect(3, B, A, 0, "1");
	expect(9, B, A, 0, "drop(no_bridge)");
	key = world_frame(1, A, 0, 0);
	key.base.eth_dst = (struct mac){{0x01, 0x80, 0xc2, 0, 0, 0x0e}};
	assert_string_equal(world_run(&world, &key), "drop(reserved_multicast)");
	world.config.forward_bpdu = true;
	world_apply(&world);
	assert_string_equal(world_run(&world, &key), "3");
}

static void test_normal_does_not_learn_multicast_sources(void **state)
{
	struct key key = world_frame(1, A, B, 0);

	world_add(&world, "p1", VLAN_MODE_TRUNK, 0);
	world_apply(&world);
	key.base.eth_src.bytes[0] = 3;
	world_run(&world, &key);
	assert_int_equal(world.x.n_effects, 0);
}

static void test_normal_mask_is_no_narrower_than_needed(void **state)
{
	struct key_base base;

	add_one_of_each();
	expect(1, A, B, 0, "6,push_vlan(vid=10,pcp=0),3,5");
	base = world.x.mask.base;
	assert_int_equal(base.in_port, UINT32_MAX);
	assert_int_equal(be16_to(base.vlan_tci), 0x1fff);
	assert_memory_equal(&base.eth_src, "\xff\xff\xff\xff\xff\xff", 6);
	assert_memory_equal(&base.eth_dst, "\xff\xff\xff\xff\xff\xff", 6);
	assert_int_equal(base.eth_type, 0);
	assert_int_equal(base.ip_src, 0);
	assert_int_equal(base.ip_proto, 0);
	assert_int_equal(base.blocks, 0);
}

static void test_normal_standalone_only(void **state)
{
	struct bridge *secure = bridge_new("secure");
	struct port device = {.name = "s1", .id = 77};
	struct bridge_port_config port = {.name = "s1", .port = &device};
	struct bridge_lport_config lport = {.name = "s1", .ports = &port, .n_ports = 1};
	struct bridge_config config = {
		.name = "secure",
		.fail_mode = BRIDGE_SECURE,
		.lports = &lport,
		.n_lports = 1,
	};

	bridge_apply(secure, &config);
	expect(77, A, B, 0, "drop(no_rule)");
	bridge_free(secure);
}

/* Two bridges joined by a patch: a frame crosses it, learned on both sides. */
static void test_normal_crosses_patches(void **state)
{
	struct bridge *other = bridge_new("br1");
	struct port device = {.name = "far", .id = 50};
	struct bridge_port_config ports[] = {
		{.name = "far", .port = &device},
		{.name = "to-br0", .peer = "to-br1"},
	};
	struct bridge_lport_config lports[] = {
		{.name = "far", .ports = &ports[0], .n_ports = 1, .vlan_mode = VLAN_MODE_TRUNK},
		{.name = "to-br0",
		 .ports = &ports[1],
		 .n_ports = 1,
		 .vlan_mode = VLAN_MODE_ACCESS,
		 .tag = 10},
	};
	struct bridge_config config = {.name = "br1", .lports = lports, .n_lports = 2};

	memset(lports[0].trunks, 0xff, sizeof(lports[0].trunks));
	memset(lports[1].trunks, 0xff, sizeof(lports[1].trunks));
	world_add(&world, "near", VLAN_MODE_TRUNK, 0);
	world_add(&world, "to-br1", VLAN_MODE_TRUNK, 0);
	world.ports[1].port = NULL;
	world.ports[1].peer = "to-br0";
	world_apply(&world);
	expect(1, A, ALL, 0, "drop(no_peer)");
	bridge_apply(other, &config);
	expect(1, A, ALL, 0, "push_vlan(vid=10,pcp=0),50");
	assert_int_equal(world.x.n_effects, 2);
	world_learn(&world);
	expect(50, B, A, TAG10, "pop_vlan,1");
	bridge_free(other);
	expect(1, A, ALL, 0, "drop(no_peer)");
}

/* An ARP request by which 02:…:0a announces itself. */
static void announce(uint16_t in)
{
	struct key key = world_frame(in, A, ALL, 0);

	key.base.eth_type = be16_from(0x0806);
	key.base.ip_src = key.base.ip_dst = be32_from(0x0a000001);
	world_run(&world, &key);
}

static unsigned n_learned(uint16_t in)
{
	struct key key = world_frame(in, A, ALL, 0);

	world_run(&world, &key);
	return world.x.n_effects;
}

/* Port 1, and 2 and 3 as a bond. */
static void add_bond(void)
{
	world_add(&world, "p1", VLAN_MODE_TRUNK, 0);
	world_add(&world, "bond", VLAN_MODE_TRUNK, 0)->n_ports = 2;
	strcpy(world.devices[2].name, "b2");
	world.devices[2].id = 3;
	world.ports[2].name = "b2";
	world.ports[2].port = &world.devices[2];
	world_apply(&world);
}

static void test_normal_does_not_learn_from_reflections(void **state)
{
	struct key key;

	clock_stop();
	add_bond();
	/* An ARP for somebody else's address announces nothing. */
	key = world_frame(1, B, ALL, 0);
	key.base.eth_type = be16_from(0x0806);
	key.base.ip_src = be32_from(0x0a000001);
	key.base.ip_dst = be32_from(0x0a000002);
	world_run(&world, &key);
	assert_int_equal(world.x.n_effects, 1);
	assert_false(world.x.effects[0].lock);
	/* Whoever is behind the bond is learned there, … */
	announce(2);
	assert_int_equal(world.x.n_effects, 1);
	assert_false(world.x.effects[0].lock);
	world_learn(&world);
	/* … until he moves here and says so. */
	announce(1);
	assert_int_equal(world.x.n_effects, 1);
	assert_true(world.x.effects[0].lock);
	world_learn(&world);
	announce(3);
	assert_int_equal(world.x.n_effects, 0);
	assert_int_equal(n_learned(2), 0);
	assert_int_equal(n_learned(1), 0);
	/* The lock is about reflections only, and for five seconds. */
	clock_warp(MAC_TABLE_LOCK_MS - 1);
	assert_int_equal(n_learned(3), 0);
	clock_warp(1);
	assert_int_equal(n_learned(3), 1);
	clock_start();
}

static void test_normal_locks_nothing_without_bonds(void **state)
{
	world_add(&world, "p1", VLAN_MODE_TRUNK, 0);
	world_add(&world, "p2", VLAN_MODE_TRUNK, 0);
	world_apply(&world);
	announce(1);
	assert_int_equal(world.x.n_effects, 1);
	assert_false(world.x.effects[0].lock);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(test_normal_floods_by_vlan_mode),
		TEST(test_normal_pushes_service_tags_for_tunnel_ports),
		TEST(test_normal_keeps_priorities_where_asked),
		TEST(test_normal_learns_per_vlan),
		TEST(test_normal_says_why_it_drops),
		TEST(test_normal_does_not_learn_multicast_sources),
		TEST(test_normal_mask_is_no_narrower_than_needed),
		TEST(test_normal_standalone_only),
		TEST(test_normal_crosses_patches),
		TEST(test_normal_does_not_learn_from_reflections),
		TEST(test_normal_locks_nothing_without_bonds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
