/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/bfd/bfd_session.h"

#include "tests/unit/unit.h"

/* Two sessions on a link that can be cut, and the time. */
struct world {
	struct bfd_session ends[2];
	bool cut;
	int64_t now;
	unsigned sent[2];
};

static const struct bfd_config usual = {.min_tx = 100, .min_rx = 100, .mult = 3};

static void start(struct world *world)
{
	*world = (struct world){.now = 1000};
	for (unsigned i = 0; i < 2; i++)
		bfd_session_init(&world->ends[i], &usual, i + 1, world->now);
}

static void serve(struct world *world, unsigned from)
{
	struct bfd_session *session = &world->ends[from];
	struct bfd_packet packet;

	bfd_session_tick(session, world->now);
	while (bfd_session_must_send(session, world->now)) {
		bfd_session_make(session, &packet, (unsigned)world->now, world->now);
		world->sent[from]++;
		if (!world->cut)
			bfd_session_receive(&world->ends[!from], &packet, world->now);
	}
}

static void pass(struct world *world, unsigned ms)
{
	for (int64_t until = world->now + ms; world->now < until; world->now++)
		for (unsigned i = 0; i < 2; i++)
			serve(world, i);
}

static void bring_up(struct world *world)
{
	start(world);
	pass(world, 3500);
	assert_int_equal(world->ends[0].state, BFD_UP);
	assert_int_equal(world->ends[1].state, BFD_UP);
}

static void test_two_that_hear_each_other_are_up(void **state)
{
	struct world world;

	bring_up(&world);
	assert_true(world.ends[0].forwarding);
	assert_int_equal(world.ends[0].far_id, 2);
	assert_int_equal(world.ends[0].diagnostic, BFD_NO_DIAGNOSTIC);
}

static void test_who_hears_nobody_is_down_and_speaks_slowly(void **state)
{
	struct world world;

	start(&world);
	world.cut = true;
	pass(&world, 10000);
	assert_int_equal(world.ends[0].state, BFD_DOWN);
	assert_false(world.ends[0].forwarding);
	assert_in_range(world.sent[0], 10, 14);
}

static void test_who_is_up_speaks_as_often_as_agreed(void **state)
{
	struct world world;

	bring_up(&world);
	world.sent[0] = 0;
	pass(&world, 10000);
	assert_in_range(world.sent[0], 100, 134);
}

static void test_a_cut_is_noticed_in_time(void **state)
{
	struct world world;

	bring_up(&world);
	world.cut = true;
	pass(&world, 200);
	assert_int_equal(world.ends[0].state, BFD_UP);
	pass(&world, 150);
	assert_int_equal(world.ends[0].state, BFD_DOWN);
	assert_int_equal(world.ends[0].diagnostic, BFD_DETECTION_EXPIRED);
	assert_int_equal(world.ends[0].far_id, 0);
	assert_int_equal(world.ends[0].flaps, 2);
	world.cut = false;
	pass(&world, 3500);
	assert_int_equal(world.ends[0].state, BFD_UP);
}

static void test_who_ends_says_so(void **state)
{
	struct world world;

	bring_up(&world);
	bfd_session_end(&world.ends[0]);
	world.ends[0].next_ms = world.now;
	pass(&world, 1);
	assert_int_equal(world.ends[1].state, BFD_DOWN);
	assert_int_equal(world.ends[1].diagnostic, BFD_NEIGHBOR_DOWN);
}

/* Who starts anew does not know the session; the other one must not think it is still up. */
static void test_a_restart_is_noticed(void **state)
{
	struct world world;

	bring_up(&world);
	bfd_session_init(&world.ends[0], &usual, 77, world.now);
	pass(&world, 3500);
	assert_int_equal(world.ends[1].flaps, 3);
	assert_int_equal(world.ends[1].state, BFD_UP);
	assert_int_equal(world.ends[1].far_id, 77);
}

static void test_new_intervals_are_agreed_without_a_flap(void **state)
{
	struct bfd_config slow = {.min_tx = 400, .min_rx = 500, .mult = 3};
	struct world world;

	bring_up(&world);
	bfd_session_configure(&world.ends[0], &slow, world.now);
	assert_int_equal(world.ends[0].tx_in_force, 100);
	pass(&world, 5000);
	assert_int_equal(world.ends[0].tx_in_force, 400);
	assert_false(world.ends[0].poll);
	world.sent[0] = world.sent[1] = 0;
	pass(&world, 10000);
	assert_in_range(world.sent[0], 25, 34);
	assert_in_range(world.sent[1], 20, 27);
	bfd_session_configure(&world.ends[0], &usual, world.now);
	assert_int_equal(world.ends[0].rx_in_force, 500);
	pass(&world, 5000);
	assert_int_equal(world.ends[0].rx_in_force, 100);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(world.ends[i].flaps, 1);
}

static void test_who_wants_nothing_gets_nothing(void **state)
{
	struct bfd_packet packet = {
		.state = BFD_DOWN, .mult = 3, .my_id = 9, .min_tx_us = 100000, .min_rx_us = 0};
	struct bfd_session session;

	bfd_session_init(&session, &usual, 1, 0);
	bfd_session_make(&session, &packet, 0, 0);
	packet = (struct bfd_packet){.state = BFD_DOWN, .mult = 3, .my_id = 9, .min_tx_us = 1};
	bfd_session_receive(&session, &packet, 1);
	assert_false(bfd_session_must_send(&session, 1000000));
	packet.poll = true;
	bfd_session_receive(&session, &packet, 2);
	assert_true(bfd_session_must_send(&session, 2));
	bfd_session_make(&session, &packet, 0, 2);
	assert_true(packet.final);
	assert_false(bfd_session_must_send(&session, 1000000));
}

static void test_strangers_change_nothing(void **state)
{
	struct bfd_packet packet = {
		.state = BFD_ADMIN_DOWN, .mult = 3, .my_id = 9, .your_id = 1234};
	struct world world;

	bring_up(&world);
	bfd_session_receive(&world.ends[0], &packet, world.now);
	assert_int_equal(world.ends[0].state, BFD_UP);
}

static void test_trouble_behind_the_far_end_counts(void **state)
{
	struct bfd_config troubled = usual;
	struct world world;

	bring_up(&world);
	troubled.cpath_down = true;
	bfd_session_configure(&world.ends[0], &troubled, world.now);
	pass(&world, 10);
	assert_int_equal(world.ends[1].state, BFD_UP);
	assert_false(world.ends[1].forwarding);
	assert_true(world.ends[0].forwarding);
	bfd_session_configure(&world.ends[0], &usual, world.now);
	pass(&world, 10);
	assert_true(world.ends[1].forwarding);
}

static void test_other_traffic_can_count_as_life(void **state)
{
	struct bfd_config lenient = usual;
	struct world world;

	lenient.forwarding_if_rx = true;
	start(&world);
	world.cut = true;
	/* What the port received before it was watched says nothing. */
	bfd_session_see_traffic(&world.ends[0], 12345, world.now);
	assert_false(world.ends[0].forwarding);
	pass(&world, 1000);
	bfd_session_configure(&world.ends[0], &lenient, world.now);
	for (unsigned i = 0; i < 10; i++) {
		bfd_session_see_traffic(&world.ends[0], 12346 + i, world.now);
		pass(&world, 500);
	}
	assert_int_equal(world.ends[0].state, BFD_DOWN);
	assert_true(world.ends[0].forwarding);
	for (unsigned i = 0; i < 10; i++) {
		bfd_session_see_traffic(&world.ends[0], 12355, world.now);
		pass(&world, 500);
	}
	assert_false(world.ends[0].forwarding);
}

/* Once in a hundred intervals BFD itself must be heard. */
static void test_other_traffic_alone_does_not_count_for_ever(void **state)
{
	struct bfd_config lenient = usual;
	struct world world;

	lenient.forwarding_if_rx = true;
	bring_up(&world);
	bfd_session_configure(&world.ends[0], &lenient, world.now);
	world.cut = true;
	for (unsigned i = 0; i < 18; i++) {
		bfd_session_see_traffic(&world.ends[0], i, world.now);
		pass(&world, 500);
	}
	assert_int_equal(world.ends[0].state, BFD_DOWN);
	assert_true(world.ends[0].forwarding);
	for (unsigned i = 0; i < 6; i++) {
		bfd_session_see_traffic(&world.ends[0], 18 + i, world.now);
		pass(&world, 500);
	}
	assert_false(world.ends[0].forwarding);
}

/* An answer speaks of the question before it, not of what was said after that. */
static void test_a_second_question_waits_for_the_first_ones_answer(void **state)
{
	struct bfd_config second = usual, third = usual;
	struct bfd_packet packet, answer;
	struct world world;

	bring_up(&world);
	second.min_tx = 400;
	third.min_tx = 900;
	bfd_session_configure(&world.ends[0], &second, world.now);
	bfd_session_make(&world.ends[0], &packet, 0, world.now);
	assert_true(packet.poll);
	bfd_session_configure(&world.ends[0], &third, world.now);
	bfd_session_receive(&world.ends[1], &packet, world.now);
	bfd_session_make(&world.ends[1], &answer, 0, world.now);
	assert_true(answer.final);
	bfd_session_receive(&world.ends[0], &answer, world.now);
	assert_int_equal(world.ends[0].tx_in_force, 100);
	assert_true(world.ends[0].poll);
	pass(&world, 300);
	assert_int_equal(world.ends[0].tx_in_force, 900);
	assert_false(world.ends[0].poll);
}

static void test_a_quiet_link_is_watched_less_often(void **state)
{
	struct bfd_config frugal = usual;
	struct world world;
	uint64_t packets = 0;

	bring_up(&world);
	frugal.decay_min_rx = 1000;
	bfd_session_configure(&world.ends[0], &frugal, world.now);
	for (unsigned i = 0; i < 5; i++) {
		bfd_session_see_traffic(&world.ends[0], packets, world.now);
		pass(&world, 1000);
	}
	assert_int_equal(world.ends[0].said_min_rx, 1000);
	for (unsigned i = 0; i < 10; i++) {
		packets += 1000;
		bfd_session_see_traffic(&world.ends[0], packets, world.now);
		pass(&world, 1000);
	}
	assert_int_equal(world.ends[0].said_min_rx, 100);
	assert_int_equal(world.ends[0].flaps, 1);
}

static void test_a_command_decides_over_all(void **state)
{
	struct world world;

	bring_up(&world);
	bfd_session_force(&world.ends[0], 0, world.now);
	assert_false(world.ends[0].forwarding);
	pass(&world, 500);
	assert_false(world.ends[0].forwarding);
	bfd_session_force(&world.ends[0], -1, world.now);
	assert_true(world.ends[0].forwarding);
}

/* Nothing is due in the past: whoever serves the session would not sleep any more. */
static void test_a_command_to_forward_needs_no_more_turns(void **state)
{
	struct bfd_config lenient = usual;
	struct world world;

	bring_up(&world);
	lenient.forwarding_if_rx = true;
	bfd_session_configure(&world.ends[0], &lenient, world.now);
	bfd_session_force(&world.ends[0], 1, world.now);
	world.cut = true;
	for (unsigned i = 0; i < 200; i++) {
		pass(&world, 100);
		bfd_session_see_traffic(&world.ends[0], 0, world.now);
		bfd_session_tick(&world.ends[0], world.now);
		assert_true(world.ends[0].forwarding);
		assert_true(bfd_session_next(&world.ends[0]) >= world.now);
	}
}

/* It sends so seldom that BFD is missing for longer than other traffic would be believed. */
static void test_a_slow_far_end_needs_no_more_turns(void **state)
{
	struct bfd_config lenient = usual, slow = usual;
	struct world world;

	bring_up(&world);
	lenient.forwarding_if_rx = true;
	slow.min_tx = 20000;
	bfd_session_configure(&world.ends[0], &lenient, world.now);
	bfd_session_configure(&world.ends[1], &slow, world.now);
	for (unsigned i = 0; i < 600; i++) {
		pass(&world, 100);
		bfd_session_see_traffic(&world.ends[0], i, world.now);
		bfd_session_tick(&world.ends[0], world.now);
		assert_int_equal(world.ends[0].state, BFD_UP);
		assert_true(bfd_session_next(&world.ends[0]) >= world.now);
	}
}

static void test_states_and_diagnostics_have_names(void **state)
{
	assert_string_equal(bfd_state_name(BFD_ADMIN_DOWN), "admin_down");
	assert_string_equal(bfd_state_name(BFD_UP), "up");
	assert_string_equal(
		bfd_diagnostic_name(BFD_NEIGHBOR_DOWN), "Neighbor Signaled Session Down"
	);
	/* The far end may say anything. */
	assert_string_equal(bfd_diagnostic_name(31), "Unknown Diagnostic");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_that_hear_each_other_are_up),
		cmocka_unit_test(test_who_hears_nobody_is_down_and_speaks_slowly),
		cmocka_unit_test(test_who_is_up_speaks_as_often_as_agreed),
		cmocka_unit_test(test_a_cut_is_noticed_in_time),
		cmocka_unit_test(test_who_ends_says_so),
		cmocka_unit_test(test_a_restart_is_noticed),
		cmocka_unit_test(test_new_intervals_are_agreed_without_a_flap),
		cmocka_unit_test(test_who_wants_nothing_gets_nothing),
		cmocka_unit_test(test_strangers_change_nothing),
		cmocka_unit_test(test_trouble_behind_the_far_end_counts),
		cmocka_unit_test(test_other_traffic_can_count_as_life),
		cmocka_unit_test(test_other_traffic_alone_does_not_count_for_ever),
		cmocka_unit_test(test_a_second_question_waits_for_the_first_ones_answer),
		cmocka_unit_test(test_a_quiet_link_is_watched_less_often),
		cmocka_unit_test(test_a_command_decides_over_all),
		cmocka_unit_test(test_a_command_to_forward_needs_no_more_turns),
		cmocka_unit_test(test_a_slow_far_end_needs_no_more_turns),
		cmocka_unit_test(test_states_and_diagnostics_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
