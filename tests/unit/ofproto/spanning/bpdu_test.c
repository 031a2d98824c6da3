/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/spanning/bpdu.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/unit.h"

static const struct mac source = {{2, 0, 0, 0, 0, 1}};
static const struct bpdu rapid = {
	.kind = BPDU_RAPID,
	.role = BPDU_ROLE_DESIGNATED,
	.flags = BPDU_PROPOSAL | BPDU_LEARNING,
	.vector = {0x8000020000000001, 20000, 0x8000020000000002, 0x8003},
	.times = {1, 20, 2, 15},
};

static void test_a_frame_is_read_as_it_was_written(void **state)
{
	uint8_t frame[BPDU_FRAME_MIN];
	struct bpdu back;

	bpdu_encode(&rapid, source, frame);
	assert_return_code(bpdu_decode(frame, sizeof(frame), &back), 0);
	assert_int_equal(back.kind, BPDU_RAPID);
	assert_int_equal(back.role, BPDU_ROLE_DESIGNATED);
	assert_int_equal(back.flags & 0xf3, rapid.flags);
	assert_int_equal(bpdu_vector_compare(&back.vector, &rapid.vector), 0);
	assert_memory_equal(&back.times, &rapid.times, sizeof(back.times));
}

/* A capture of another bridge's configuration message. */
static void test_a_plain_message_is_a_designated_ports(void **state)
{
	static const uint8_t frame[BPDU_FRAME_MIN] = {
		0x01, 0x80, 0xc2, 0, 0,	   0, 2,    0, 0, 0, 0,	 9, 0, 38, 0x42, 0x42, 3,    0,
		0,    0,    0,	  1, 0x80, 0, 2,    0, 0, 0, 0,	 1, 0, 0,  0,	 4,    0x80, 0,
		2,    0,    0,	  0, 0,	   9, 0x80, 2, 1, 0, 20, 0, 2, 0,  15,	 0,
	};
	struct bpdu bpdu;

	assert_return_code(bpdu_decode(frame, sizeof(frame), &bpdu), 0);
	assert_int_equal(bpdu.kind, BPDU_CONFIG);
	assert_int_equal(bpdu.role, BPDU_ROLE_DESIGNATED);
	assert_int_equal(bpdu.flags, BPDU_TOPOLOGY_CHANGE);
	assert_true(bpdu.vector.root == 0x8000020000000001);
	assert_int_equal(bpdu.vector.cost, 4);
	assert_int_equal(bpdu.vector.port, 0x8002);
	assert_int_equal(bpdu.times.message_age, 1);
	assert_int_equal(bpdu.times.forward_delay, 15);
}

static void test_short_frames_make_no_sense(void **state)
{
	uint8_t frame[BPDU_FRAME_MIN];
	struct bpdu bpdu;

	bpdu_encode(&rapid, source, frame);
	for (size_t n = 0; n < 17 + 36; n++)
		assert_int_equal(bpdu_decode(frame, n, &bpdu), -EINVAL);
}

static void test_times_out_of_bounds_make_no_sense(void **state)
{
	static const struct bpdu_times wrong[] = {
		{0, 41, 2, 15},
		{0, 5, 2, 15},
		{0, 20, 0, 15},
		{0, 20, 11, 15},
		{0, 20, 2, 3},
		{0, 20, 2, 31},
	};
	struct bpdu bpdu = rapid, back;
	uint8_t frame[BPDU_FRAME_MIN];

	for (unsigned i = 0; i < ARRAY_LENGTH(wrong); i++) {
		bpdu.times = wrong[i];
		bpdu_encode(&bpdu, source, frame);
		assert_int_equal(bpdu_decode(frame, sizeof(frame), &back), -EINVAL);
	}
}

static void test_too_old_counts_for_plain_messages_only(void **state)
{
	struct bpdu bpdu = rapid, back;
	uint8_t frame[BPDU_FRAME_MIN];

	bpdu.times.message_age = bpdu.times.max_age;
	bpdu_encode(&bpdu, source, frame);
	assert_return_code(bpdu_decode(frame, sizeof(frame), &back), 0);
	bpdu.kind = BPDU_CONFIG;
	bpdu_encode(&bpdu, source, frame);
	assert_int_equal(bpdu_decode(frame, sizeof(frame), &back), -EINVAL);
}

static void test_other_protocols_make_no_sense(void **state)
{
	uint8_t frame[BPDU_FRAME_MIN];
	struct bpdu bpdu;

	bpdu_encode(&rapid, source, frame);
	frame[14] = 0xaa;
	assert_int_equal(bpdu_decode(frame, sizeof(frame), &bpdu), -EINVAL);
	bpdu_encode(&rapid, source, frame);
	frame[18] = 1;
	assert_int_equal(bpdu_decode(frame, sizeof(frame), &bpdu), -EINVAL);
	bpdu_encode(&rapid, source, frame);
	frame[12] = 8;
	assert_int_equal(bpdu_decode(frame, sizeof(frame), &bpdu), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_frame_is_read_as_it_was_written),
		cmocka_unit_test(test_a_plain_message_is_a_designated_ports),
		cmocka_unit_test(test_short_frames_make_no_sense),
		cmocka_unit_test(test_times_out_of_bounds_make_no_sense),
		cmocka_unit_test(test_too_old_counts_for_plain_messages_only),
		cmocka_unit_test(test_other_protocols_make_no_sense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
