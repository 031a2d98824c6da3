/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/vswitchd/switch.h"

/* Verbs about rows: list, find, get, set, add, remove, clear, create, destroy.  */

static void add_ports(void)
{
	switch_do("add-br br0 -- add-port br0 p1 -- add-port br0 p2 tag=3 trunks=1,2,4-6");
}

static void test_names_may_be_short(void **state)
{
	add_ports();
	assert_string_equal(switch_do("get in p1 name"), "p1\n");
	assert_string_equal(switch_do("get bridge br0 fail-mo"), "[]\n");
	assert_string_equal(
		switch_fail("get I p1 name"),
		"\"I\" matches multiple table names: IPFIX, Interface\n"
	);
	assert_string_equal(
		switch_fail("get Interface p1 o"),
		"Interface contains more than one column whose name matches \"o\": ofport, "
		"ofport_request, options, other_config\n"
	);
	assert_string_equal(
		switch_fail("get Bridges br0 name"),
		"unknown table \"Bridges\": did you mean Bridge?\n"
	);
	assert_string_equal(
		switch_fail("get Port p1 trnuks"),
		"Port does not contain a column whose name matches \"trnuks\": did you mean "
		"trunks?\n"
	);
}

static void test_rows_go_by_uuid_name_dot_and_what_refers_to_them(void **state)
{
	char line[128], uuid[64];

	add_ports();
	snprintf(uuid, sizeof(uuid), "%.36s", switch_do("get Port p1 _uuid"));
	snprintf(line, sizeof(line), "get Port %s name", uuid);
	assert_string_equal(switch_do(line), "p1\n");
	snprintf(line, sizeof(line), "get Port %.8s name", uuid);
	assert_string_equal(switch_do(line), "p1\n");
	snprintf(line, sizeof(line), "add-port br0 %.6s -- get Port %.6s name", uuid, uuid);
	uuid[6] = '\0';
	/* A name may look like the beginning of a UUID. */
	assert_non_null(strstr(switch_do(line), uuid));
	snprintf(line, sizeof(line), "get Port %.3s name", uuid);
	switch_fail(line);
	switch_do("set Open_vSwitch . external_ids:a=b -- get O . external_ids");
	switch_do("-- --id=@n create NetFlow targets=\"192.0.2.1:5\" -- set Bridge br0 netflow=@n");
	assert_string_equal(switch_do("get NetFlow br0 targets"), "[\"192.0.2.1:5\"]\n");
	assert_string_equal(
		switch_fail("get Port p11 name"), "no row \"p11\" in table Port: did you mean p1?\n"
	);
}

static void test_get_prints_columns_and_keys(void **state)
{
	add_ports();
	switch_do("set\tInterface\tp1\toptions:x=a b\texternal_ids:mac=\"00:11\"\toptions:t=true");
	assert_string_equal(
		switch_do("get Port p2 tag trunks vlan_mode other_config"),
		"3\n[1, 2, 4, 5, 6]\n[]\n{}\n"
	);
	assert_string_equal(
		switch_do("get Interface p1 options options:x external-ids:mac"),
		"{t=\"true\", x=\"a b\"}\n\"a b\"\n\"00:11\"\n"
	);
	assert_string_equal(
		switch_fail("get Interface p1 options:y"),
		"no key \"y\" in Interface record \"p1\" column options\n"
	);
	assert_string_equal(switch_do("--if-exists get Interface p1 options:y"), "\n");
	assert_string_equal(switch_do("--if-exists get Interface p9 options:y"), "");
	switch_fail("get Interface p1 name:x");
	switch_fail("get Interface p1 options:x=3");
}

static void test_set_and_its_errors(void **state)
{
	add_ports();
	switch_do("set Port p2 tag=4 trunks=[] other_config:a=b");
	assert_string_equal(switch_do("get Port p2 tag trunks other_config"), "4\n[]\n{a=b}\n");
	switch_do("set Port p2 other_config:c=d -- set Port p2 other_config:a=x:y,z");
	assert_string_equal(switch_do("get Port p2 other_config"), "{a=\"x:y,z\", c=d}\n");
	assert_string_equal(
		switch_fail("set Port p2 tag=1,2"),
		"tag=1,2: 1,2: 2 value(s) specified but the maximum number is 1\n"
	);
	assert_string_equal(
		switch_fail("set Port p2 tag=5000"),
		"tag=5000: constraint violation: 5000 is not in the range 0 to 4095\n"
	);
	assert_non_null(strstr(
		switch_fail("set Port p2 tag="), "argument does not end in \"=\" followed by"
	));
	assert_string_equal(
		switch_fail("set Port p2 name=foo"),
		"name=foo: cannot modify read-only column name in table Port\n"
	);
	switch_fail("set Port p2 trunks=3-1");
	switch_fail("set Port p2 trunks=0-9223372036854775807");
	switch_fail("set Port p2 trunks=[1");
	switch_fail("set Port p2 mac=\"a");
	switch_fail("set Port p2 other_config=a=1,a=2");
	switch_fail("set Port p2 other_config:x");
	switch_fail("set Port p2 interfaces=[]");
	switch_fail("set Port p9 tag=1");
	switch_do("--if-exists set Port p9 tag=1");
}

static void test_add_remove_clear(void **state)
{
	add_ports();
	switch_do("add Port p2 trunks 9 10 -- remove Port p2 trunks 1 2 99");
	assert_string_equal(switch_do("get Port p2 trunks"), "[4, 5, 6, 9, 10]\n");
	switch_do("set Port p2 other_config={x=y,z=w} -- add Port p2 other_config x=q n=1");
	assert_string_equal(switch_do("get Port p2 other_config"), "{n=\"1\", x=y, z=w}\n");
	switch_do("remove Port p2 other_config x z=w n=3");
	assert_string_equal(switch_do("get Port p2 other_config"), "{n=\"1\"}\n");
	assert_string_equal(
		switch_fail("add Port p2 tag 4"),
		"column tag would have 2 values; it has at most 1\n"
	);
	switch_do("clear Port p2 trunks tag other_config");
	assert_string_equal(switch_do("get Port p2 trunks tag other_config"), "[]\n[]\n{}\n");
	assert_non_null(strstr(switch_fail("clear Port p2 interfaces"), "not allowed to be empty"));
	assert_non_null(strstr(switch_fail("clear Port p2 name"), "read-only"));
}

static void test_create_and_handles(void **state)
{
	add_ports();
	switch_do(
		"set Port p1 qos=@q -- --id=@q create QoS type=linux-htb queues:0=@q0 -- --id=@q0 "
		"create Queue other_config:min-rate=3"
	);
	assert_string_equal(switch_do("get QoS p1 type"), "linux-htb\n");
	assert_string_equal(switch_do("--columns=dscp --bare list Queue"), "\n");
	assert_non_null(
		strstr(switch_fail("set Bridge br0 mirrors=@m"),
		       "row id \"@m\" is referenced but never created")
	);
	assert_string_equal(
		switch_fail("-- --id=m create Mirror name=m"),
		"row id \"m\" does not begin with \"@\"\n"
	);
	switch_fail("-- --id=@m create Mirror name=a -- --id=@m create Mirror name=b");
	assert_non_null(
		strstr(switch_run("--no-wait -- --id=@m create Mirror name=a")->err,
		       "created but no reference to it was inserted")
	);
	assert_string_equal(switch_do("--columns=name list Mirror"), "");
	assert_non_null(
		strstr(switch_fail("-- --id=@m create Mirror name=m output_port=@p -- --id=@p get "
				   "Port p1 -- set Bridge br0 mirrors=@m"),
		       "\"@p\" was used before")
	);
	switch_do("-- --id=@p get Port p1 -- --id=@m create Mirror name=m output_port=@p -- set "
		  "Bridge br0 mirrors=@m");
	assert_string_equal(switch_do("get Mirror m name"), "m\n");
}

static void test_destroy(void **state)
{
	add_ports();
	switch_do("create Queue dscp=1 -- --id=@q create QoS type=x -- set Port p1 qos=@q");
	assert_non_null(strstr(switch_fail("destroy QoS p1"), "referential integrity violation"));
	switch_do("destroy QoS p1 -- clear Port p1 qos");
	switch_do("--all destroy Queue");
	assert_string_equal(switch_do("list QoS -- list Queue"), "\n");
	assert_non_null(
		strstr(switch_run("--no-wait destroy Port p1")->err,
		       "rows of table Port go when nothing refers to them")
	);
	assert_non_null(strstr(
		switch_fail("create Port name=alone"), "must refer to a row of table Interface"
	));
	assert_non_null(
		strstr(switch_fail("set Open_vSwitch external_ids:a=b external_ids:c=d"),
		       "the only one is called \".\"")
	);
	assert_string_equal(switch_fail("get SSL . ca_cert"), "no row \".\" in table SSL\n");
	assert_string_equal(switch_do("get Port p1 name"), "p1\n");
	switch_fail("destroy Queue nothing");
	switch_do("--if-exists destroy Queue nothing");
}

static const char *find(const char *condition)
{
	char line[128];

	snprintf(line, sizeof(line), "--bare --columns=name find %s", condition);
	return switch_do(line);
}

static void test_find_with_all_relations(void **state)
{
	add_ports();
	switch_do("set Interface p1 external_ids:iface-id=abc type=dummy");
	assert_string_equal(find("Interface type=dummy"), "p1\n");
	assert_string_equal(find("Interface type!=internal"), "p1\n\np2\n");
	assert_string_equal(find("Interface external_ids:iface-id=abc"), "p1\n");
	assert_string_equal(find("Interface external_ids:iface-id!=abd"), "p1\n");
	assert_string_equal(find("Interface external_ids:iface-id{!=}abc"), "br0\n\np2\n");
	assert_string_equal(find("Port tag=[]"), "br0\n\np1\n");
	assert_string_equal(find("Port trunks{>=}4,5"), "p2\n");
	assert_string_equal(find("Port trunks{<}1"), "br0\n\np1\n");
	assert_string_equal(find("Port trunks{not-in}7"), "br0\n\np1\n\np2\n");
	assert_string_equal(find("Port name>p1"), "p2\n");
	assert_string_equal(find("Port name{in}p1,p2 tag>=3"), "p2\n");
	assert_string_equal(find("Port tag<3"), "br0\n\np1\n");
	assert_non_null(strstr(switch_fail("find Port name"), "{not-in}"));
	switch_fail("find Port name:x=2");
	switch_fail("find Mirror name=a zz=3");
}

static void test_list_in_every_format(void **state)
{
	add_ports();
	switch_do("set\tPort\tp2\tother_config:a=b,\"c\"");
	assert_string_equal(
		switch_do("--columns=name,tag,trunks list Port p2 p1"),
		"name                : p2\n"
		"tag                 : 3\n"
		"trunks              : [1, 2, 4, 5, 6]\n"
		"\n"
		"name                : p1\n"
		"tag                 : []\n"
		"trunks              : []\n"
	);
	assert_string_equal(
		switch_do("--format=table --columns=name,tag,trunks list Port p2 p1"),
		"name tag trunks\n"
		"---- --- ---------------\n"
		"p2   3   [1, 2, 4, 5, 6]\n"
		"p1   []  []\n"
	);
	assert_string_equal(
		switch_do("-f csv --columns=name,other_config list Port p2"),
		"name,other_config\n"
		"p2,\"{a=\"\"b,\\\"\"c\\\"\"\"\"}\"\n"
	);
	assert_string_equal(
		switch_do("--format=json --columns=name,trunks,tag list Port p2"),
		"{\"data\":[[\"p2\",[\"set\",[1,2,4,5,6]],3]],"
		"\"headings\":[\"name\",\"trunks\",\"tag\"]}\n"
	);
	assert_string_equal(
		switch_do("--format=list --data=json --no-headings --columns=tag list Port p2 p1"),
		"3\n\n[\"set\",[]]\n"
	);
	assert_string_equal(
		switch_do("--format=html --columns=tag list Port p2"),
		"<table border=1>\n  <tr>\n    <th>tag</th>\n  </tr>\n"
		"  <tr>\n    <td>3</td>\n  </tr>\n</table>\n"
	);
	assert_string_equal(
		switch_do("--columns=name list Port p1 -- --columns=name list Port p2 -- list-br"),
		"name                : p1\n\nname                : p2\nbr0\n"
	);
	switch_fail("--format=xml list Port");
	switch_fail("--columns=, list Port");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, switch_setup, switch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_names_may_be_short),
		TEST(test_rows_go_by_uuid_name_dot_and_what_refers_to_them),
		TEST(test_get_prints_columns_and_keys),
		TEST(test_set_and_its_errors),
		TEST(test_add_remove_clear),
		TEST(test_create_and_handles),
		TEST(test_destroy),
		TEST(test_find_with_all_relations),
		TEST(test_list_in_every_format),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
