/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/vswitchd/switch.h"

/* Verbs about bridges, ports and bonds.  */

static void test_add_br_makes_bridge_port_and_interface(void **state)
{
	switch_do("add-br br0");
	assert_string_equal(switch_do("list-br"), "br0\n");
	assert_string_equal(switch_do("get Port br0 name"), "br0\n");
	assert_string_equal(switch_do("get Interface br0 type"), "internal\n");
	assert_string_equal(switch_do("list-ports br0"), "");
}

static void test_add_br_refuses_names_in_use(void **state)
{
	switch_do("add-br br0 -- add-port br0 p1 -- add-bond br0 b0 e0 e1");
	assert_string_equal(
		switch_fail("add-br br0"),
		"cannot create a bridge named br0 because a bridge named br0 already exists\n"
	);
	assert_string_equal(
		switch_fail("add-br p1"),
		"cannot create a bridge named p1 because a port named p1 already exists on "
		"bridge br0\n"
	);
	assert_string_equal(
		switch_fail("add-br e1"),
		"cannot create a bridge named e1 because an interface named e1 already exists on "
		"bridge br0\n"
	);
	switch_do("--may-exist add-br br0");
}

static void test_fake_bridges_have_the_ports_of_their_vlan(void **state)
{
	switch_do("add-br br0 -- add-port br0 p1 -- add-br vlan5 br0 5 -- add-port vlan5 p5");
	assert_string_equal(switch_do("list-br"), "br0\nvlan5\n");
	assert_string_equal(switch_do("--real list-br"), "br0\n");
	assert_string_equal(switch_do("--fake list-br"), "vlan5\n");
	assert_string_equal(switch_do("list-ports br0"), "p1\n");
	assert_string_equal(switch_do("list-ports vlan5"), "p5\n");
	assert_string_equal(switch_do("get Port p5 tag"), "5\n");
	assert_string_equal(switch_do("port-to-br p5"), "vlan5\n");
	assert_string_equal(switch_do("br-to-vlan vlan5"), "5\n");
	assert_string_equal(switch_do("br-to-parent vlan5"), "br0\n");
	assert_string_equal(
		switch_fail("add-br vlan6 br0 5"),
		"bridge br0 already has a child VLAN bridge vlan5 on VLAN 5\n"
	);
	assert_string_equal(
		switch_fail("--may-exist add-br vlan5 br0 6"),
		"\"--may-exist add-br vlan5 br0 6\" but vlan5 is a VLAN bridge for the wrong VLAN "
		"5\n"
	);
	assert_string_equal(
		switch_fail("add-br x vlan5 6"), "cannot create bridge with fake bridge as parent\n"
	);
	switch_do("del-br vlan5");
	assert_string_equal(switch_do("list-br -- list-ports br0"), "br0\np1\n");
}

static void test_del_br_takes_everything_along(void **state)
{
	switch_do("add-br br0 -- add-port br0 p1 -- add-br vlan5 br0 5 -- add-port vlan5 p5");
	switch_do("del-br br0");
	assert_int_equal(db_table_count(db_find_table(switch_db(), "Bridge")), 0);
	assert_int_equal(db_table_count(db_find_table(switch_db(), "Port")), 0);
	assert_int_equal(db_table_count(db_find_table(switch_db(), "Interface")), 0);
	assert_string_equal(switch_fail("del-br br0"), "no bridge named br0\n");
	switch_do("--if-exists del-br br0");
}

static void test_br_exists_exits_with_2(void **state)
{
	const struct outcome *outcome;

	switch_do("add-br br0 -- br-exists br0");
	outcome = switch_run("list-br -- br-exists br1");
	assert_int_equal(outcome->exit, 2);
	assert_string_equal(outcome->out, "");
	assert_string_equal(outcome->err, "");
}

static void test_unknown_bridge_names_the_nearest(void **state)
{
	switch_do("add-br br-int");
	assert_string_equal(
		switch_fail("add-port br_int p1"), "no bridge named br_int: did you mean br-int?\n"
	);
}

static void test_external_ids_of_bridges(void **state)
{
	switch_do("add-br br0 -- add-br vlan5 br0 5");
	switch_do("br-set-external-id br0 a 1 -- br-set-external-id br0 b 2");
	switch_do("br-set-external-id vlan5 a 3");
	assert_string_equal(switch_do("br-get-external-id br0"), "a=1\nb=2\n");
	assert_string_equal(switch_do("br-get-external-id br0 b"), "2\n");
	assert_string_equal(switch_do("br-get-external-id vlan5"), "a=3\n");
	assert_string_equal(switch_do("get Port vlan5 external_ids"), "{fake-bridge-a=\"3\"}\n");
	switch_do("br-set-external-id br0 a");
	assert_string_equal(switch_do("br-get-external-id br0"), "b=2\n");
}

static void test_add_port_sets_columns(void **state)
{
	switch_do("add-br br0 -- add-port br0 p1 tag=9 trunk=1,3-5 other_config:transient=true");
	assert_string_equal(
		switch_do("get Port p1 tag trunks other_config"),
		"9\n[1, 3, 4, 5]\n{transient=\"true\"}\n"
	);
}

static void test_add_port_says_where_a_column_of_interfaces_is_set(void **state)
{
	switch_do("add-br br0");
	assert_string_equal(
		switch_fail("add-port br0 p1 type=internal"),
		"Port does not contain a column whose name matches \"type\", but Interface does: "
		"-- set Interface p1 type=internal\n"
	);
	assert_string_equal(
		switch_fail("add-port br0 p1 options:peer=p2"),
		"Port does not contain a column whose name matches \"options\", but Interface "
		"does: -- set Interface p1 options:peer=p2\n"
	);
	assert_string_equal(
		switch_fail("add-port br0 p1 nonsense=1"),
		"Port does not contain a column whose name matches \"nonsense\"\n"
	);
}

static void test_a_failing_command_undoes_all_before_it(void **state)
{
	switch_do("add-br br0");
	switch_fail("add-port br0 p1 -- add-port br0 p2 tag=5000");
	assert_string_equal(switch_do("list-ports br0"), "");
}

static void test_add_port_may_exist(void **state)
{
	switch_do("add-br br0 -- add-br br1 -- add-port br0 p1");
	assert_string_equal(
		switch_fail("add-port br0 p1"),
		"cannot create a port named p1 because a port named p1 already exists on bridge "
		"br0\n"
	);
	switch_do("--may-exist add-port br0 p1");
	assert_string_equal(
		switch_fail("--may-exist add-port br1 p1"),
		"port p1 exists already, but on bridge br0\n"
	);
}

static void test_del_port_says_where_the_port_is(void **state)
{
	switch_do("add-br br0 -- add-br br1 -- add-port br0 p1 -- add-br vlan5 br0 5");
	assert_string_equal(
		switch_fail("del-port br1 p1"),
		"bridge br1 does not have a port p1 (it is on bridge br0)\n"
	);
	assert_string_equal(
		switch_fail("del-port vlan5 p1"),
		"bridge vlan5 does not have a port p1 (although its parent bridge br0 does)\n"
	);
	assert_non_null(strstr(switch_fail("del-port br0"), "because it is the local port"));
	assert_string_equal(switch_fail("del-port nothing"), "no port named nothing\n");
	switch_do("--if-exists del-port nothing");
	switch_do("del-port br0 p1");
	assert_string_equal(switch_do("list-ports br0"), "");
}

static void test_bonds(void **state)
{
	switch_do("add-br br0 -- add-bond br0 b0 e0 e1 bond_mode=active-backup");
	assert_string_equal(switch_do("list-ports br0"), "b0\n");
	assert_string_equal(switch_do("list-ifaces br0"), "e0\ne1\n");
	assert_string_equal(switch_do("iface-to-br e1"), "br0\n");
	assert_string_equal(
		switch_fail("--may-exist add-bond br0 b0 e0 e2"),
		"port b0 exists already, but it has interface(s) e0 e1\n"
	);
	switch_do("--may-exist add-bond br0 b0 e1 e0");
	switch_do("add-bond-iface b0 e2 -- del-bond-iface e0 -- del-bond-iface b0 e1");
	assert_string_equal(switch_do("list-ifaces br0"), "e2\n");
	assert_string_equal(
		switch_fail("del-bond-iface e2"), "cannot delete last interface from port b0\n"
	);
	assert_string_equal(switch_fail("del-port e2"), "no port named e2\n");
	switch_do("--with-iface del-port e2");
	assert_string_equal(switch_do("list-ports br0"), "");
}

static void test_many_ports_in_one_transaction(void **state)
{
	static char line[1 << 16];
	size_t n = (size_t)snprintf(line, sizeof(line), "add-br br0");

	for (int i = 0; i < 30; i++)
		n += (size_t)snprintf(line + n, sizeof(line) - n, " -- add-port br0 p%d", i);
	switch_do(line);
	assert_int_equal(db_table_count(db_find_table(switch_db(), "Port")), 31);
	/* Late look-ups use the request's own index, which must know rows made and gone. */
	assert_non_null(
		strstr(switch_fail("list-ports br0 -- list-ports br0 -- list-ports br0 -- "
				   "list-ports br0 -- list-ports br0 -- list-ports br0 -- "
				   "list-ports br0 -- list-ports br0 -- list-ports br0 -- "
				   "del-port p1 -- add-port br0 p1 -- add-port br0 p1"),
		       "a port named p1 already exists")
	);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, switch_setup, switch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_add_br_makes_bridge_port_and_interface),
		TEST(test_add_br_refuses_names_in_use),
		TEST(test_fake_bridges_have_the_ports_of_their_vlan),
		TEST(test_del_br_takes_everything_along),
		TEST(test_br_exists_exits_with_2),
		TEST(test_unknown_bridge_names_the_nearest),
		TEST(test_external_ids_of_bridges),
		TEST(test_add_port_sets_columns),
		TEST(test_add_port_says_where_a_column_of_interfaces_is_set),
		TEST(test_a_failing_command_undoes_all_before_it),
		TEST(test_add_port_may_exist),
		TEST(test_del_port_says_where_the_port_is),
		TEST(test_bonds),
		TEST(test_many_ports_in_one_transaction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
