/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "lib/command.h"
#include "tests/unit/vswitchd/switch.h"

/* The remaining verbs, options, advice, help and completion.  */

static void test_controllers_and_fail_mode(void **state)
{
	switch_do("add-br br0 -- set-controller br0 tcp:192.0.2.2 tcp:192.0.2.1:66");
	assert_string_equal(switch_do("get-controller br0"), "tcp:192.0.2.1:66\ntcp:192.0.2.2\n");
	switch_do("-- --inactivity-probe=3000 set-controller br0 tcp:192.0.2.2");
	assert_string_equal(switch_do("get Controller br0 inactivity_probe"), "3000\n");
	assert_string_equal(
		switch_run("--no-wait set-controller br0 foo")->err,
		"warning: Controller: foo: not an address: those begin with punix:, ptcp:, pssl:, "
		"unix:, tcp: or ssl:\n"
	);
	assert_non_null(
		strstr(switch_run("--no-wait set-controller br0 tcp:300.1.1.1")->err,
		       "\"300.1.1.1\" is not an IP address")
	);
	assert_string_equal(
		switch_run("--no-wait set-controller br0 ptcp: ssl:[2001:db8::1]")->err, ""
	);
	switch_do("del-controller br0");
	assert_string_equal(switch_do("get-controller br0"), "");
	assert_string_equal(switch_do("get-fail-mode br0"), "");
	switch_do("set-fail-mode br0 secure");
	assert_string_equal(switch_do("get-fail-mode br0"), "secure\n");
	switch_do("del-fail-mode br0");
	assert_string_equal(
		switch_fail("set-fail-mode br0 x"),
		"fail-mode must be \"standalone\" or \"secure\"\n"
	);
}

static void test_managers_and_ssl(void **state)
{
	switch_do("set-manager ptcp:6640 ssl:192.0.2.1");
	assert_string_equal(switch_do("get-manager"), "ptcp:6640\nssl:192.0.2.1\n");
	switch_fail("set-manager ptcp:6640 ptcp:6640");
	assert_non_null(
		strstr(switch_run("--no-wait set-manager ptcp:abc")->err,
		       "Manager: ptcp:abc: \"abc\" is not a port")
	);
	switch_do("del-manager");
	assert_string_equal(switch_do("get-manager -- get-ssl"), "");
	switch_do("--bootstrap set-ssl /a /b /c");
	assert_string_equal(
		switch_do("get-ssl"),
		"Private key: /a\nCertificate: /b\nCA Certificate: /c\nBootstrap: true\n"
	);
	switch_do("del-ssl");
	assert_string_equal(switch_do("get-ssl"), "");
}

static void test_zones(void **state)
{
	assert_non_null(strstr(switch_fail("list-zone-tp netdev"), "not found"));
	switch_do("-- --id=@d create Datapath capabilities:recirc=true -- set O . "
		  "datapaths:netdev=@d");
	assert_string_equal(switch_do("list-dp-cap netdev"), "recirc=true\n");
	switch_do("add-zone-tp netdev zone=3 icmp_first=1 icmp_reply=2");
	assert_string_equal(
		switch_fail("add-zone-tp netdev zone=3 icmp_first=1"), "zone id 3 already exists\n"
	);
	switch_do("--may-exist add-zone-tp netdev zone=3 icmp_first=1");
	switch_do("set-zone-limit netdev 3 100 -- set-zone-limit netdev default 7");
	assert_string_equal(
		switch_do("list-zone-tp netdev"),
		"Zone:3, Timeout Policies: icmp_first=1 icmp_reply=2\n"
	);
	assert_string_equal(
		switch_do("list-zone-limits netdev"), "Default limit: 7\nZone: 3, Limit: 100\n"
	);
	switch_do("del-zone-tp netdev zone=3 -- del-zone-limit netdev default");
	assert_string_equal(switch_do("list-zone-limits netdev"), "Zone: 3, Limit: 100\n");
	switch_do("del-zone-limit netdev zone=3");
	assert_string_equal(switch_do("get Datapath . ct_zones"), "{}\n");
	switch_fail("del-zone-tp netdev zone=3");
	switch_do("--if-exists del-zone-tp netdev zone=3");
	switch_fail("add-zone-tp netdev zone=4 icmp=2");
	switch_fail("add-zone-tp netdev zone=99999 icmp_first=2");
}

static void test_auto_attach(void **state)
{
	switch_do("add-br br0 -- add-aa-mapping br0 100 200 -- add-aa-mapping br0 101 201");
	assert_string_equal(switch_do("get-aa-mapping br0"), "100 200\n101 201\n");
	switch_do("del-aa-mapping br0 100 200");
	assert_string_equal(switch_do("get-aa-mapping br0"), "101 201\n");
	switch_fail("add-aa-mapping br0 1 5000");
}

static void test_emer_reset_keeps_hwaddr(void **state)
{
	switch_do("add-br br0 -- set-controller br0 tcp:192.0.2.1 -- set-fail-mode br0 secure");
	switch_do("set Bridge br0 other_config:hwaddr=\"02:00:00:00:00:01\" "
		  "other_config:forward-bpdu=true");
	switch_do("set-manager ptcp:6640 -- emer-reset");
	assert_string_equal(switch_do("get-manager -- get-controller br0"), "");
	assert_string_equal(
		switch_do("get Bridge br0 other_config"), "{hwaddr=\"02:00:00:00:00:01\"}\n"
	);
	assert_int_equal(db_table_count(db_find_table(switch_db(), "Controller")), 0);
}

static void test_show_is_a_tree_by_name(void **state)
{
	switch_do("add-br br0 -- add-port br0 p2 tag=3 -- add-port br0 bad1");
	switch_apply();
	assert_non_null(
		strstr(switch_do("show"),
		       "    Bridge br0\n"
		       "        Port bad1\n"
		       "            Interface bad1\n"
		       "                error: \"no such device\"\n"
		       "                state: failed\n"
		       "        Port br0\n"
		       "            Interface br0\n"
		       "                type: internal\n"
		       "                state: port ")
	);
}

static void test_describe(void **state)
{
	assert_non_null(strstr(switch_do("describe"), "Bridge    "));
	assert_non_null(strstr(
		switch_do("describe Port"), "tag: optional integer (0 to 4095)\n    The VLAN of"
	));
	assert_non_null(
		strstr(switch_do("describe bridge fail-mode"),
		       "Bridge.fail_mode: optional string (secure or standalone)\n")
	);
	assert_non_null(
		strstr(switch_do("describe Bridge other_config:mac-aging-time"),
		       "integer (1 to 1000000); 300 unless set\n")
	);
	assert_non_null(strstr(
		switch_do("describe Port other_config:net_uuid"), "(kept for other programs)"
	));
	assert_non_null(strstr(
		switch_do("describe Interface options:n_rxq"), "With type fake:\noptions:n_rxq: "
	));
	assert_string_equal(
		switch_fail("describe Bridge other_config:mac-ageing-time"),
		"other_config has no key \"mac-ageing-time\": did you mean mac-aging-time?\n"
	);
}

static void test_describe_in_json(void **state)
{
	json_auto_t *all = json_loads(switch_do("--format=json describe"), 0, NULL);
	json_auto_t *port = json_loads(switch_do("--format=json describe Port tag"), 0, NULL);
	json_auto_t *key = json_loads(
		switch_do("--format=json describe Bridge other_config:mac-aging-time"), 0, NULL
	);
	const json_t *one;
	size_t i;

	assert_true(json_array_size(all) > 400);
	json_array_foreach(all, i, one)
		assert_non_null(json_object_get(one, "help"));
	assert_int_equal(json_array_size(port), 1);
	one = json_array_get(port, 0);
	assert_string_equal(
		json_string_value(json_object_get(one, "type")), "optional integer (0 to 4095)"
	);
	assert_int_equal(json_array_size(key), 1);
	one = json_array_get(key, 0);
	assert_string_equal(json_string_value(json_object_get(one, "key")), "mac-aging-time");
	assert_string_equal(json_string_value(json_object_get(one, "default")), "300");
	switch_fail("--format=json describe Bridge other_config:mac-ageing-time");
}

static void test_describe_writes_the_manual_page(void **state)
{
	const char *page = switch_do("--man describe");

	assert_ptr_equal(strstr(page, ".TH weir.conf.db 5"), page);
	assert_non_null(strstr(
		page,
		".TP\n\\fBmappings\\fR: map from integer (0 to 16777215) to integer (0 to 4095)\n"
	));
}

static void test_options_and_words(void **state)
{
	switch_do("add-br br0 -- add-port br0 p1");
	assert_string_equal(switch_do("--timeout 5 -t5 list-br"), "br0\n");
	assert_string_equal(switch_do("--oneline list-ports br0 -- list-br"), "p1\nbr0\n");
	assert_string_equal(switch_do("list-br --"), "br0\n");
	assert_string_equal(switch_do("--columns name --bare list Bridge"), "br0\n");
	assert_string_equal(
		switch_fail("lst-br"),
		"unknown command 'lst-br'; use --help for help: did you mean list-br?\n"
	);
	assert_string_equal(
		switch_fail("-- --foo list-br"), "'list-br' command has no '--foo' option\n"
	);
	assert_string_equal(
		switch_fail("--may-exist list-br"),
		"'list-br' command has no '--may-exist' option\n"
	);
	assert_string_equal(
		switch_fail("-- --may-exist --may-exist add-br br1"),
		"'--may-exist' option specified multiple times\n"
	);
	assert_string_equal(
		switch_fail("-- --may-exist=1 add-br br1"),
		"'--may-exist' option on 'add-br' does not accept an argument\n"
	);
	assert_string_equal(
		switch_fail("-- --id create Mirror name=a"),
		"missing argument to '--id' option on 'create' command\n"
	);
	assert_non_null(strstr(switch_fail("--no-wiat list-br"), "did you mean --no-wait?"));
	assert_non_null(strstr(switch_fail("list-br a"), "takes at most 0 arguments"));
	assert_non_null(strstr(switch_fail("add-port br0"), "requires at least 2 arguments"));
	assert_non_null(strstr(switch_fail("--"), "missing command name"));
	assert_non_null(strstr(switch_do("--help"), "add-port BRIDGE PORT"));
}

static void test_options_that_stand_behind_their_verb(void **state)
{
	switch_do("add-br br0");
	assert_string_equal(
		switch_fail("add-br br1 --may-exist"),
		"option '--may-exist' goes before the command: --may-exist add-br\n"
	);
	assert_non_null(strstr(switch_fail("del-br br0 --if-exists"), "goes before the command"));
	assert_non_null(strstr(switch_fail("list Bridge --columns=name"), "--columns=name list"));
	assert_non_null(strstr(switch_fail("list-br --timeout=5"), "--timeout=5 list-br"));
	assert_non_null(strstr(switch_fail("--if-exist del-br br1"), "did you mean --if-exists?"));
	switch_do("comment --may-exist goes before add-br");
	assert_string_equal(switch_do("list-br"), "br0\n");
}

static void test_help_of_one_verb(void **state)
{
	const char *out = switch_do("add-br --help");

	assert_non_null(strstr(out, "add-br BRIDGE [PARENT VLAN]"));
	assert_non_null(strstr(out, "--may-exist"));
	assert_null(strstr(out, "del-br"));
	assert_non_null(strstr(switch_do("--help add-port"), "add-port BRIDGE PORT"));
	assert_null(strstr(switch_do("add-port -h"), "add-br"));
	assert_string_equal(switch_do("list-br"), "");
}

static void test_advice_about_what_was_set(void **state)
{
	const char *err;

	switch_do("add-br br0 -- add-port br0 p1 -- set Interface p1 type=fake");
	err = switch_run("--no-wait set Bridge br0 other_config:mac-ageing-time=5")->err;
	assert_string_equal(
		err,
		"warning: Bridge br0: other_config: unknown key mac-ageing-time: did you mean "
		"mac-aging-time?\n"
	);
	err = switch_run("--no-wait set Bridge br0 other_config:hwaddr=yes")->err;
	assert_non_null(strstr(err, "hwaddr=yes: a MAC address like"));
	assert_null(strstr(err, "mac-ageing-time"));
	err = switch_run("--no-wait set Port p1 bond_mode=balance-tcp")->err;
	assert_string_equal(err, "warning: Port p1: bond_mode has no effect in this version\n");
	err = switch_run("--no-wait set Interface p1 options:n-rxq=2 options:path=x")->err;
	assert_non_null(strstr(err, "options: unknown key n-rxq: did you mean n_rxq?"));
	err = switch_run("--no-wait set Open_vSwitch . other_config:dpdk-extra=-v")->err;
	assert_string_equal(
		err,
		"note: Open_vSwitch: other_config: the new value of dpdk-extra takes effect when "
		"the daemon is started again\n"
	);
	err = switch_run("--no-wait set Open_vSwitch . other_config:max-idle=600")->err;
	assert_string_equal(err, "");
	err = switch_run("--no-wait remove Open_vSwitch . other_config dpdk-extra")->err;
	assert_non_null(strstr(err, "note: Open_vSwitch: other_config: the removal of dpdk-extra"));
	err = switch_run("--no-wait set Interface p1 external_ids:anything=2")->err;
	assert_string_equal(err, "");
}

static bool completes(const char *const *words, int n, const char *wanted)
{
	struct command_call call = {.argc = n, .argv = words};
	struct errbuf err;
	json_t *list, *word;
	bool found = false;
	size_t i;

	errbuf_init(&err);
	list = command_run("vsctl/complete", &call, &err);
	assert_non_null(list);
	json_array_foreach(list, i, word)
		found |= !strcmp(json_string_value(word), wanted);
	json_decref(list);
	return found;
}

static void test_completion(void **state)
{
	const char *const verb[] = {"add-p"};
	const char *const bridge[] = {"--no-wait", "del-br", "b"};
	const char *const second[] = {"list-br", "--", "del-port", "p"};
	const char *const column[] = {"set", "Bridge", "br0", "other_config:mac-"};
	const char *const row[] = {"get", "port", ""};
	const char *const reason[] = {"capture", "any", "--dropped=t"};
	const char *const drops[] = {"drops", "p1", "test_"};

	switch_do("add-br br0 -- add-port br0 p1");
	assert_true(completes(verb, 1, "add-port"));
	assert_false(completes(verb, 1, "add-br"));
	assert_true(completes(bridge, 3, "br0"));
	assert_true(completes(second, 4, "p1"));
	assert_true(completes(column, 4, "other_config:mac-aging-time="));
	assert_true(completes(row, 3, "p1"));
	assert_true(completes(reason, 3, "--dropped=test_reason"));
	assert_true(completes(drops, 3, "test_reason"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, switch_setup, switch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_controllers_and_fail_mode),
		TEST(test_managers_and_ssl),
		TEST(test_zones),
		TEST(test_auto_attach),
		TEST(test_emer_reset_keeps_hwaddr),
		TEST(test_show_is_a_tree_by_name),
		TEST(test_describe),
		TEST(test_describe_in_json),
		TEST(test_describe_writes_the_manual_page),
		TEST(test_options_and_words),
		TEST(test_options_that_stand_behind_their_verb),
		TEST(test_help_of_one_verb),
		TEST(test_advice_about_what_was_set),
		TEST(test_completion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
