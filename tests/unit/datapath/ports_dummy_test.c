/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <uv.h>

#include "datapath/ports/dummy.h"
#include "datapath/worker.h"
#include "lib/command.h"
#include "tests/unit/datapath/fixture.h"
#include "tests/unit/loop.h"
#include "tests/unit/unit.h"

static struct port *a, *b;
static bool answered;

static struct port *open_dummy(const char *name)
{
	json_t *none = json_object();
	struct errbuf err;
	struct port *port = port_open(name, "dummy", none, &err);

	json_decref(none);
	assert_non_null(port);
	plan_add_port(port);
	return port;
}

static int open_ports(void **state)
{
	fixture_start_workers(1);
	a = open_dummy("a");
	b = open_dummy("b");
	fixture_port_flow(a, fixture_output(b));
	fixture_port_flow(b, fixture_output(a));
	return 0;
}

static int close_ports(void **state)
{
	fixture_settle();
	port_close(a);
	port_close(b);
	return 0;
}

static json_t *run(const char *name, int argc, const char *const *argv, struct errbuf *err)
{
	struct command_call call = {.argc = argc, .argv = argv};

	errbuf_init(err);
	return command_run(name, &call, err);
}

static void mark_answered(struct command_call *call, json_t *take_answer, const struct errbuf *err)
{
	assert_non_null(take_answer);
	json_decref(take_answer);
	answered = true;
}

static void test_dummy_forwards_what_it_is_given(void **state)
{
	const char *receive[] = {
		"a", "0202020202020404040404040800450000", "FFFFFFFFFFFF0404040404040806000102"};
	const char *sent[] = {"b"};
	struct command_call wait = {.done = mark_answered};
	struct errbuf err;

	json_decref(run("netdev-dummy/receive", 3, receive, &err));
	assert_int_equal(err.error, 0);
	assert_null(command_run("dummy/wait", &wait, &err));
	loop_until(uv_default_loop(), answered);
	json_t *packets = run("dummy/sent", 1, sent, &err);

	assert_int_equal(json_array_size(packets), 2);
	assert_string_equal(json_string_value(json_array_get(packets, 0)), receive[1]);
	assert_string_equal(
		json_string_value(json_array_get(packets, 1)), "ffffffffffff0404040404040806000102"
	);
	json_decref(packets);
	packets = run("dummy/sent", 1, sent, &err);
	assert_int_equal(json_array_size(packets), 0);
	json_decref(packets);
}

static void test_dummy_makes_packets_from_flows(void **state)
{
	static const char from_keys[] =
		"eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02),eth_type(0x0800),"
		"ipv4(src=192.0.2.2,dst=192.0.2.1,proto=17),udp(src=1,dst=2)";
	const char *receive[] = {
		"b",
		"--len",
		"100",
		"udp,dl_src=02:00:00:00:00:01,dl_dst=02:00:00:00:00:02,nw_dst=192.0.2.1",
		from_keys,
	};
	struct command_call wait = {.done = mark_answered};
	const char *sent[] = {"a"};
	struct errbuf err;

	answered = false;
	json_decref(run("netdev-dummy/receive", ARRAY_LENGTH(receive), receive, &err));
	assert_int_equal(err.error, 0);
	assert_null(command_run("dummy/wait", &wait, &err));
	loop_until(uv_default_loop(), answered);
	json_t *packets = run("dummy/sent", 1, sent, &err);

	assert_int_equal(json_array_size(packets), 2);
	for (size_t i = 0; i < 2; i++) {
		const char *hex = json_string_value(json_array_get(packets, i));

		assert_int_equal(strlen(hex), 200);
		assert_memory_equal(hex, "02000000000202000000000108004500", 32);
		assert_memory_equal(hex + 2 * 30, "c0000201", 8);
	}
	json_decref(packets);
}

static void test_dummy_explains_mistakes(void **state)
{
	const char *odd[] = {"a", "123"};
	const char *unknown[] = {"c", "12"};
	const char *state_name[] = {"a", "sideways"};
	struct errbuf err;

	assert_null(run("netdev-dummy/receive", 2, odd, &err));
	assert_non_null(strstr(err.text, "hex"));
	assert_null(run("netdev-dummy/receive", 2, unknown, &err));
	assert_non_null(strstr(err.text, "no port c"));
	assert_null(run("netdev-dummy/set-admin-state", 2, state_name, &err));
	assert_non_null(strstr(err.text, "up or down"));
}

static void test_dummy_link_is_set(void **state)
{
	const char *down[] = {"a", "down"};
	const char *up[] = {"up"};
	struct errbuf err;

	assert_true(port_link_up(a));
	json_decref(run("netdev-dummy/set-admin-state", 2, down, &err));
	assert_false(port_link_up(a));
	assert_true(port_link_up(b));
	json_decref(run("netdev-dummy/set-admin-state", 1, up, &err));
	assert_true(port_link_up(a));
}

static void test_port_ids_rest_and_are_used_again(void **state)
{
	enum {
		TURNS = 1000,
		MOST = 400, /* those that are open here, and those that rest */
	};
	uint16_t last = 0;

	for (unsigned i = 0; i < TURNS; i++) {
		struct port *port = open_dummy("turn");

		assert_int_not_equal(port->id, last);
		assert_true(port->id && port->id < MOST);
		last = port->id;
		port_close(port);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dummy_forwards_what_it_is_given),
		cmocka_unit_test(test_dummy_makes_packets_from_flows),
		cmocka_unit_test(test_dummy_explains_mistakes),
		cmocka_unit_test(test_dummy_link_is_set),
		cmocka_unit_test(test_port_ids_rest_and_are_used_again),
	};

	fixture_start(NULL);
	int failed = cmocka_run_group_tests(tests, open_ports, close_ports);

	fixture_stop(NULL);
	return failed;
}
