/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/keeper/keeper.h"

#include <string.h>
#include <unistd.h>

#include <rte_mbuf.h>
#include <uv.h>

#include "datapath/flow.h"
#include "lib/clock.h"
#include "lib/command.h"
#include "lib/epoch.h"
#include "lib/flow/match.h"
#include "lib/strbuf.h"
#include "ofproto/bridge.h"
#include "ofproto/rules.h"
#include "ofproto/wire/messages.h"
#include "tests/unit/datapath/fixture.h"
#include "tests/unit/ofproto/world.h"
#include "tests/unit/unit.h"

enum {
	N = 4,
	A = 0xa,
	B = 0xb,
	C = 0xc,
	ALL = 0xff,
	SENDERS = 20,
};

static const char *const names[N] = {"p1", "p2", "p3", "p4"};
static struct port *devices[N];
static struct bridge *bridge;
static struct bridge_port_config ports[N];
static struct bridge_lport_config lports[N];
static struct bridge_config config = {.name = "br0", .lports = lports, .n_lports = N};

static int setup(void **state)
{
	struct errbuf err;

	assert_int_equal(bridges_start(&err), 0);
	bridge = bridge_new("br0");
	for (unsigned i = 0; i < N; i++) {
		devices[i] = fixture_port(names[i]);
		ports[i] = (struct bridge_port_config){.name = names[i], .port = devices[i]};
		lports[i] = (struct bridge_lport_config){
			.name = names[i],
			.ports = &ports[i],
			.n_ports = 1,
			.vlan_mode = VLAN_MODE_TRUNK,
		};
		memset(lports[i].trunks, 0xff, sizeof(lports[i].trunks));
	}
	config.n_lports = N;
	bridge_apply(bridge, &config);
	fixture_start_workers(1);
	keeper_set_threads(*state ? 4 : 1);
	return 0;
}

static int teardown(void **state)
{
	fixture_settle();
	for (unsigned i = 0; i < N; i++) {
		bridges_forget_ports(&devices[i], 1);
		port_close(devices[i]);
	}
	bridges_stop();
	uv_run(uv_default_loop(), UV_RUN_NOWAIT);
	return 0;
}

/* Everything that packets set off has happened. */
static void settle(void)
{
	fixture_settle();
	keeper_catch_up();
	keeper_sync();
	epoch_quiesce();
}

static void receive(unsigned port, uint8_t src, uint8_t dst)
{
	uint8_t frame[60] = {2, 0, 0, 0, 0, dst, 2, 0, 0, 0, 0, src, 0x88, 0xb5};

	if (dst == ALL)
		memset(frame, 0xff, 6);
	fixture_receive(devices[port - 1], frame, sizeof(frame));
	settle();
}

/* Where the frames went, as "23" for p2 and p3, twice if twice. */
static const char *sent(void)
{
	static char text[64];
	unsigned n = 0;

	for (unsigned i = 0; i < N; i++)
		for (unsigned count = fixture_n_sent(devices[i]); count--;)
			text[n++] = '1' + i;
	text[n] = '\0';
	return text;
}

static void expect(unsigned port, uint8_t src, uint8_t dst, const char *where)
{
	receive(port, src, dst);
	assert_string_equal(sent(), where);
}

/* Moves the clock on. A worker reads it once a round, so one in the middle of a round would stamp
 * the next packet with the time of before. */
static void warp(int64_t ms)
{
	clock_warp(ms);
	settle();
}

static void wait_for_flows(unsigned n)
{
	for (unsigned i = 0; i < 2000 && flow_count() != n; i++)
		usleep(1000);
	assert_int_equal(flow_count(), n);
}

static json_t *answer;

static void take_answer(struct command_call *call, json_t *take, const struct errbuf *err)
{
	answer = take;
}

/* Runs a command, also one that answers later. */
static json_t *command(const char *name, const char *argument)
{
	struct command_call call = {.argc = argument != NULL, .argv = &argument};
	struct errbuf err;

	call.done = take_answer;
	errbuf_init(&err);
	answer = command_run(name, &call, &err);
	if (err.error)
		fail_msg("%s", err.text);
	while (!answer) {
		keeper_catch_up();
		uv_run(uv_default_loop(), UV_RUN_NOWAIT);
	}
	return answer;
}

static void expect_all_flows_right(void)
{
	json_t *differences = command("revalidator/check", NULL);

	if (json_array_size(differences))
		fail_msg("%s", json_dumps(differences, 0));
	json_decref(differences);
}

static void expect_in(const char *name, const char *text, bool there)
{
	struct strbuf out = STRBUF_INIT;
	json_t *result = command(name, "br0");

	command_render(command_find(name), result, &out);
	if (!strstr(strbuf_text(&out), text) == there)
		fail_msg("'%s' %s in %s", text, there ? "is not" : "is", strbuf_text(&out));
	strbuf_fini(&out);
	json_decref(result);
}

static void test_keeper_floods_then_forwards(void **state)
{
	expect(1, A, B, "234");
	expect(2, B, A, "1");
	expect(1, A, B, "2");
	expect(1, A, B, "2");
	expect(3, C, ALL, "124");
	expect_in("fdb/show", "    1     0  02:00:00:00:00:0a    0", true);
	expect_in("fdb/show", "    2     0  02:00:00:00:00:0b    0", true);
	expect_in("fdb/show", "    3     0  02:00:00:00:00:0c    0", true);
	expect_all_flows_right();
}

static void test_keeper_follows_a_mac_that_moves(void **state)
{
	expect(1, A, B, "234");
	expect(2, B, A, "1");
	expect(3, A, B, "2");
	expect(2, B, A, "3");
	expect(1, A, B, "2");
	expect(2, B, A, "1");
	expect_in("fdb/stats-show", "port moved MAC entries  : 2", true);
	expect_all_flows_right();
}

static void test_keeper_lets_idle_flows_go(void **state)
{
	expect(1, A, B, "234");
	expect(2, B, A, "1");
	wait_for_flows(2);
	warp(6000);
	expect(2, B, A, "1");
	warp(6000);
	wait_for_flows(1);
	warp(6000);
	wait_for_flows(0);
}

static void test_keeper_refreshes_macs_in_use(void **state)
{
	expect(1, A, B, "234");
	expect(2, B, ALL, "134");
	for (unsigned i = 0; i < 8; i++) {
		warp(50000);
		wait_for_flows(0);
		expect(1, A, ALL, "234");
	}
	expect_in("fdb/show", "02:00:00:00:00:0a    0", true);
	expect_in("fdb/show", "02:00:00:00:00:0b", false);
	expect_in("fdb/stats-show", "expired MAC entries     : 1", true);
}

static void test_keeper_touches_only_what_a_change_affects(void **state)
{
	struct keeper_stats before, after;

	expect(1, A, B, "234");
	expect(2, B, A, "1");
	expect(1, A, B, "2");
	expect(3, C, ALL, "124");
	expect(4, 0xd, C, "3");
	expect(3, C, 0xd, "4");
	settle();
	keeper_get_stats(&before);
	/* p4 no longer carries VLAN 0: its own flows and the flood to it have changed. */
	lports[3].trunks[0] &= ~1ULL;
	bridge_apply(bridge, &config);
	settle();
	expect_all_flows_right();
	keeper_get_stats(&after);
	assert_int_equal(after.stale - before.stale, 3);
	expect(3, C, ALL, "12");
	expect(4, 0xd, C, "");
	expect(1, A, B, "2");
	lports[3].trunks[0] |= 1;
	bridge_apply(bridge, &config);
	settle();
	expect(3, C, ALL, "124");
	expect_all_flows_right();
}

static void test_keeper_forgets_ports(void **state)
{
	expect(1, A, B, "234");
	expect(2, B, A, "1");
	bridges_forget_ports(&devices[1], 1);
	expect(1, A, B, "34");
	ports[1].port = devices[1];
	bridge_apply(bridge, &config);
	settle();
	expect(1, A, B, "234");
	assert_int_equal(bridge_port_number(bridge, "p2"), 2);
	expect_all_flows_right();
}

static void test_keeper_flush_makes_packets_teach_again(void **state)
{
	expect(1, A, B, "234");
	expect(2, B, A, "1");
	json_decref(command("fdb/flush", "br0"));
	settle();
	expect(2, B, A, "134");
	expect(1, A, B, "2");
	expect(2, B, A, "1");
	expect_all_flows_right();
}

static void post_rules(unsigned command, const char *match, const char *actions)
{
	struct of_flow_mod mod = world_flow_mod(command, match, actions);

	assert_int_equal(world_send(bridge, &mod, OF13), OF_OK);
}

static void change_rules(unsigned command, const char *match, const char *actions)
{
	post_rules(command, match, actions);
	settle();
}

static void sum(struct rule *rule, void *packets)
{
	*(uint64_t *)packets += rule_packets(rule);
}

static void test_keeper_follows_rules(void **state)
{
	struct keeper_stats before, after;
	struct match any;
	struct rules_query query = {.match = &any, .out_port = UINT32_MAX, .out_group = UINT32_MAX};
	uint64_t packets = 0;

	expect(1, A, B, "234");
	expect(2, B, A, "1");
	expect(1, A, B, "2");
	keeper_get_stats(&before);
	/* Only what comes through p1 is affected. */
	change_rules(0, "in_port=1,dl_dst=02:00:00:00:00:0b", "output:3,output:4");
	keeper_get_stats(&after);
	assert_int_equal(after.stale - before.stale, 1);
	expect(1, A, B, "34");
	expect(2, B, A, "1");
	change_rules(1, "in_port=1", "output:4");
	expect(1, A, B, "4");
	expect(1, A, B, "4");
	expect_all_flows_right();
	match_init(&any, NULL);
	warp(600);
	for (unsigned i = 0; i < 1000 && packets < 7; i++) {
		packets = 0;
		rules_foreach(bridge, &query, sum, &packets);
		usleep(1000);
	}
	assert_int_equal(packets, 7);
	change_rules(3, "in_port=1", "drop");
	expect(1, A, B, "2");
	change_rules(3, "", "drop");
	expect(1, A, B, "");
	expect(2, B, A, "");
	expect_all_flows_right();
}

enum {
	ROUNDS = 300,
	HOSTS = 5, /* new ones in a round … */
	FRAMES = 4, /* … with so many frames each */
};

static void send_number(uint16_t host, uint8_t number)
{
	uint8_t frame[60] = {
		2, 0, 0, 0, 0, B, 2, 0, 0, 1, host >> 8, host & 0xff, 0x88, 0xb5, number};

	fixture_receive(devices[0], frame, sizeof(frame));
}

/* Takes what was sent there; of each host frames come in order. */
static unsigned count_in_order(struct port *port, uint8_t next[ROUNDS * HOSTS])
{
	struct rte_mbuf *pkt;
	unsigned n = 0;

	for (; (pkt = fixture_sent(port)); n++) {
		const uint8_t *bytes = rte_pktmbuf_mtod(pkt, const uint8_t *);
		unsigned host = bytes[10] << 8 | bytes[11];

		assert_in_range(bytes[14], next[host], FRAMES - 1);
		next[host] = bytes[14] + 1;
		rte_pktmbuf_free(pkt);
	}
	return n;
}

/* A host that many send to moves. */
static void move_b(unsigned from, unsigned to)
{
	char was[2] = {'0' + (char)from}, is[2] = {'0' + (char)to};
	struct keeper_stats before, after;

	for (unsigned src = 0x10; src < 0x10 + SENDERS; src++) {
		expect(1, src, ALL, "234");
		receive(1, src, B);
		sent();
		expect(1, src, B, was);
	}
	/* This waits until all are up to date, as it does below. */
	expect_all_flows_right();
	keeper_get_stats(&before);
	expect(to, B, 0x10, "1");
	expect_all_flows_right();
	keeper_get_stats(&after);
	assert_true(after.replaced - before.replaced >= SENDERS);
	assert_true(after.translated - before.translated < SENDERS / 2);
	for (unsigned src = 0x10; src < 0x10 + SENDERS; src++)
		expect(1, src, B, is);
	expect_all_flows_right();
}

static void test_keeper_does_the_same_with_all_that_follow_a_mac(void **state)
{
	expect(2, B, 0x10, "134");
	move_b(2, 3);
	move_b(3, 2);
}

/* They came by several ways, of which some lead to where the address is now. */
static void test_keeper_translates_once_for_each_way_to_a_mac(void **state)
{
	struct keeper_stats before, after;

	expect(2, B, 0x10, "134");
	for (unsigned src = 0x10; src < 0x10 + SENDERS; src++) {
		receive(src % 2 ? 1 : 4, src, ALL);
		receive(src % 2 ? 1 : 4, src, B);
		sent();
		expect(src % 2 ? 1 : 4, src, B, "2");
	}
	expect_all_flows_right();
	for (unsigned to = 3; to <= 4; to++) {
		keeper_get_stats(&before);
		receive(to, B, 0x10);
		expect_all_flows_right();
		sent();
		keeper_get_stats(&after);
		assert_true(after.replaced - before.replaced >= SENDERS / 2);
		assert_true(after.translated - before.translated < SENDERS / 2);
		before = after;
		for (unsigned src = 0x10; src < 0x10 + SENDERS; src++)
			expect(src % 2 ? 1 : 4, src, B, to == 3 ? "3" : src % 2 ? "4" : "");
		keeper_get_stats(&after);
		assert_int_equal(after.misses, before.misses);
		expect_all_flows_right();
	}
}

/* What else is done with a packet hangs on its source. */
static void test_keeper_tells_senders_apart(void **state)
{
	expect(2, B, 0x10, "134");
	change_rules(
		0, "in_port=1,dl_type=0x88b5", "NORMAL,bundle(eth_src,50,hrw,ofport,slaves:2,3,4)"
	);
	for (unsigned src = 0x10; src < 0x10 + SENDERS; src++)
		receive(1, src, B);
	expect_all_flows_right();
	receive(3, B, 0x10);
	expect_all_flows_right();
	change_rules(
		0,
		"in_port=1,dl_type=0x88b5",
		"move:NXM_OF_ETH_SRC[0..15]->NXM_NX_REG0[0..15],NORMAL,output:NXM_NX_REG0[0..1]"
	);
	receive(2, B, 0x10);
	expect_all_flows_right();
	sent();
}

/* New flows come while rules change, and nobody waits for the other. */
static void test_keeper_keeps_order_while_rules_change(void **state)
{
	static const char *const actions[] = {
		"output:2", "output:3", "mod_dl_dst:02:00:00:00:00:77,output:4", "NORMAL"};
	static uint8_t next[N][ROUNDS * HOSTS];
	unsigned n = 0;

	memset(next, 0, sizeof(next));
	expect(2, B, A, "134");
	for (unsigned round = 0; round < ROUNDS; round++) {
		for (unsigned i = 0; i < HOSTS * FRAMES; i++) {
			send_number(round * HOSTS + i % HOSTS, i / HOSTS);
			if (i < HOSTS)
				post_rules(
					0, "in_port=1", actions[(round + i) % ARRAY_LENGTH(actions)]
				);
		}
		if (round % 3 == 0)
			post_rules(
				0,
				"in_port=1,dl_src=02:00:00:01:00:00/ff:ff:ff:ff:00:01",
				"output:4"
			);
		if (round % 7 == 0)
			post_rules(3, "dl_src=02:00:00:01:00:00/ff:ff:ff:ff:00:01", "drop");
		settle();
		expect_all_flows_right();
		for (unsigned port = 1; port < N; port++)
			n += count_in_order(devices[port], next[port]);
	}
	assert_int_equal(n, ROUNDS * HOSTS * FRAMES);
}

/* Threads come and go while there is work, and while they sleep. */
static void test_keeper_changes_its_threads(void **state)
{
	static uint8_t next[N][ROUNDS * HOSTS];
	struct keeper_stats stats;
	unsigned n = 0;

	memset(next, 0, sizeof(next));
	post_rules(0, "in_port=1", "output:2");
	for (unsigned round = 0; round < ROUNDS; round++) {
		for (unsigned i = 0; i < HOSTS; i++)
			send_number(round * HOSTS + i, 0);
		keeper_set_threads(round * 7 % 5 + 1);
		if (round % 4 == 0)
			post_rules(
				0,
				"in_port=1,dl_src=02:00:00:01:00:00/ff:ff:ff:ff:00:01",
				"output:2"
			);
		settle();
		n += count_in_order(devices[1], next[1]);
	}
	keeper_get_stats(&stats);
	assert_int_equal(stats.threads, (ROUNDS - 1) * 7 % 5 + 1);
	assert_int_equal(n, ROUNDS * HOSTS);
	expect_all_flows_right();
}

int main(void)
{
	static char several[] = "with several threads";
	const struct CMUnitTest tests[] = {
#define TEST(name)                                                                                 \
	cmocka_unit_test_setup_teardown(name, setup, teardown),                                    \
		cmocka_unit_test_prestate_setup_teardown(name, setup, teardown, several)
		TEST(test_keeper_floods_then_forwards),
		TEST(test_keeper_follows_a_mac_that_moves),
		TEST(test_keeper_lets_idle_flows_go),
		TEST(test_keeper_refreshes_macs_in_use),
		TEST(test_keeper_touches_only_what_a_change_affects),
		TEST(test_keeper_forgets_ports),
		TEST(test_keeper_flush_makes_packets_teach_again),
		TEST(test_keeper_follows_rules),
		TEST(test_keeper_does_the_same_with_all_that_follow_a_mac),
		TEST(test_keeper_translates_once_for_each_way_to_a_mac),
		TEST(test_keeper_tells_senders_apart),
		TEST(test_keeper_keeps_order_while_rules_change),
		TEST(test_keeper_changes_its_threads),
	};

	return cmocka_run_group_tests(tests, fixture_start, fixture_stop);
}
