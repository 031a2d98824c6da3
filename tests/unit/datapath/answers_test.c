/* SPDX-License-Identifier: Apache-2.0 */

/* What becomes of packets when translators answer.  */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "datapath/drop.h"
#include "datapath/flow.h"
#include "datapath/miss_priv.h"
#include "datapath/program.h"
#include "tests/unit/datapath/fixture.h"

DROP_REASON(no_flow, "for the test");

/* Who came after a change must not get what was decided before it, though nobody has made a flow that
 * could have been marked. */
static void test_answers_do_not_outlive_changes(void **state)
{
	struct frame frame = fixture_udp(1, 2, 3, 4);
	struct program *before = fixture_output(fixture_b), *after = fixture_output(fixture_c);
	uint64_t set_aside = fixture_count_set_aside();

	fixture_receive(fixture_a, &frame, sizeof(frame));
	struct miss *miss = fixture_take_miss();

	misses_changed(miss->changes + 1);
	for (unsigned i = 1; i <= 3; i++) {
		frame.bytes[50] = (uint8_t)i;
		fixture_receive(fixture_a, &frame, sizeof(frame));
	}
	fixture_wait_until_set_aside(set_aside + 3);
	miss_answer(miss, before);
	miss = fixture_take_miss();
	miss->changes++;
	miss_answer(miss, after);
	fixture_settle();
	assert_int_equal(fixture_n_sent(fixture_b), 1);
	rte_pktmbuf_free(fixture_sent(fixture_b));
	for (unsigned i = 1; i <= 3; i++) {
		struct rte_mbuf *pkt = fixture_sent(fixture_c);

		assert_non_null(pkt);
		assert_int_equal(rte_pktmbuf_mtod(pkt, uint8_t *)[50], i);
		rte_pktmbuf_free(pkt);
	}
	misses_changed(0);
	program_unref(before);
	program_unref(after);
}

/* Makes the miss's flow as the keeper does, which counts the first packet. */
static struct flow *make_flow(struct miss *miss, struct program *take_program)
{
	const struct flow_first first = {
		.worker = miss->worker,
		.bytes = miss->length,
		.used_ms = 1,
	};
	struct key mask;
	struct flow *flow;

	fixture_mask_udp(&mask);
	assert_int_equal(flow_add(&first, &miss->key, &mask, take_program, NULL, &flow), 0);
	miss->program = (struct program *)flow_program(flow);
	miss->made = flow_get_life(flow);
	miss->counted = true;
	return flow;
}

static void assert_counted(const struct flow *flow, uint64_t packets)
{
	struct flow_stats stats;

	flow_get_stats(flow, &stats);
	assert_int_equal(stats.packets, packets);
	assert_int_equal(stats.bytes, packets * sizeof(struct frame));
}

/* Its flow counts a packet that was translated once, whether others wait behind it or not. */
static void test_answers_count_first_packets_once(void **state)
{
	struct frame frames[2] = {fixture_udp(1, 2, 3, 4), fixture_udp(1, 2, 5, 6)};
	struct miss *misses[2];
	struct flow *flow[2];

	for (unsigned i = 0; i < 2; i++) {
		fixture_receive(fixture_a, &frames[i], sizeof(frames[i]));
		misses[i] = fixture_take_miss();
		assert_int_equal(misses[i]->length, sizeof(frames[i]));
	}
	uint64_t waited = fixture_count_set_aside();

	fixture_receive(fixture_a, &frames[1], sizeof(frames[1]));
	fixture_wait_until_set_aside(waited + 1);
	for (unsigned i = 0; i < 2; i++)
		flow[i] = make_flow(misses[i], fixture_output(fixture_b));
	misses_answer(misses, 2);
	fixture_settle();
	assert_int_equal(fixture_n_sent(fixture_b), 3);
	for (unsigned i = 0; i < 2; i++) {
		assert_counted(flow[i], 1 + i);
		fixture_receive(fixture_a, &frames[i], sizeof(frames[i]));
	}
	fixture_settle();
	assert_int_equal(fixture_n_sent(fixture_b), 2);
	for (unsigned i = 0; i < 2; i++) {
		assert_counted(flow[i], 2 + i);
		flow_del(flow[i]);
	}
}

/* Where the flow was there already the worker counts, and where it has gone since, looks again. */
static void test_answers_name_flows_that_count(void **state)
{
	struct frame frame = fixture_udp(1, 2, 3, 4);
	struct key mask;
	struct flow *flow, *other;

	fixture_mask_udp(&mask);
	fixture_receive(fixture_a, &frame, sizeof(frame));
	struct miss *miss = fixture_take_miss();

	assert_int_equal(
		flow_add(NULL, &miss->key, &mask, fixture_output(fixture_b), NULL, &flow), 0
	);
	miss->made = flow_get_life(flow);
	miss_answer(miss, (struct program *)flow_program(flow));
	fixture_settle();
	assert_int_equal(fixture_n_sent(fixture_b), 1);
	assert_counted(flow, 1);

	flow_mark_stale(flow);
	fixture_receive(fixture_a, &frame, sizeof(frame));
	miss = fixture_take_miss();
	flow_set_program(flow, fixture_output(fixture_b));
	miss->made = flow_get_life(flow);
	miss->program = program_ref((struct program *)flow_program(flow));
	struct program *program = miss->program;

	/* Meanwhile it becomes another. */
	flow_del(flow);
	assert_int_equal(
		flow_add(NULL, &miss->key, &mask, fixture_output(fixture_c), NULL, &other), 0
	);
	misses_answer(&miss, 1);
	fixture_settle();
	assert_int_equal(fixture_n_sent(fixture_b), 0);
	assert_int_equal(fixture_n_sent(fixture_c), 1);
	assert_counted(other, 1);
	program_unref(program);
	flow_del(other);
}

/* Without a flow the answer alone says what becomes of a packet, and of those that are like it. */
static void test_answers_do_without_flows(void **state)
{
	struct frame frame = fixture_udp(1, 2, 3, 4);
	uint64_t unknown = fixture_count_drops(fixture_a, "no_flow"),
		 set_aside = fixture_count_set_aside();
	struct program *program = fixture_output(fixture_c);

	for (unsigned behind = 0; behind < 2; behind++) {
		fixture_receive(fixture_a, &frame, sizeof(frame));
		struct miss *miss = fixture_take_miss();

		for (unsigned i = 0; i < behind; i++)
			fixture_receive(fixture_a, &frame, sizeof(frame));
		fixture_wait_until_set_aside(set_aside += behind);
		miss_answer(miss, program);
		fixture_settle();
		assert_int_equal(fixture_n_sent(fixture_c), 1 + behind);
	}
	fixture_receive(fixture_a, &frame, sizeof(frame));
	miss_drop(fixture_take_miss(), &drop_no_flow);
	fixture_settle();
	assert_int_equal(fixture_count_drops(fixture_a, "no_flow"), unknown + 1);
	program_unref(program);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(test_answers_do_not_outlive_changes),
		FIXTURE_TEST(test_answers_count_first_packets_once),
		FIXTURE_TEST(test_answers_name_flows_that_count),
		FIXTURE_TEST(test_answers_do_without_flows),
	};

	return cmocka_run_group_tests(tests, fixture_start, fixture_stop);
}
