/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/bfd/bfd_packet.h"

#include <string.h>

#include "tests/unit/unit.h"

enum {
	BFD_AT = BFD_FRAME_SIZE - 24,
	TTL_AT = 14 + 8,
};

static const struct bfd_packet packet = {
	.state = BFD_UP,
	.diagnostic = BFD_CONCATENATED_DOWN,
	.poll = true,
	.mult = 3,
	.my_id = 0x01020304,
	.your_id = 0x05060708,
	.min_tx_us = 100000,
	.min_rx_us = 1000000,
};
static const struct bfd_ends ends = {
	.from = {{2, 0, 0, 0, 0, 1}},
	.to = {{2, 0, 0, 0, 0, 2}},
	.from_ip = 0xc0000201,
	.to_ip = 0xc0000202,
	.from_port = 50000,
};

static void test_a_frame_is_what_the_rfc_says(void **state)
{
	static const uint8_t expected[BFD_FRAME_SIZE] =
		{
			2,    0,    0,	  0,	0,    2,    2,	 0,    0,    0,
			0,    1,    8,	  0, /* Ethernet */
			0x45, 0xc0, 0,	  52,	0,    0,    0,	 0,    255,  17,
			0x36, 0xf5, 192,  0,	2,    1,    192, 0,    2,    2,
			0xc3, 0x50, 0x0e, 0xc8, 0,    32,   0,	 0, /* UDP */
			0x26, 0xe0, 3,	  24,	1,    2,    3,	 4,    5,    6,
			7,    8,    0,	  1,	0x86, 0xa0, 0,	 0x0f, 0x42, 0x40,
		};
	uint8_t frame[BFD_FRAME_SIZE];

	bfd_encode(&packet, &ends, frame);
	assert_memory_equal(frame, expected, sizeof(expected));
}

static void test_it_is_read_as_it_was_written(void **state)
{
	uint8_t frame[BFD_FRAME_SIZE];
	struct bfd_packet back;

	bfd_encode(&packet, &ends, frame);
	assert_null(bfd_decode(frame, sizeof(frame), &back));
	assert_int_equal(back.state, packet.state);
	assert_int_equal(back.diagnostic, packet.diagnostic);
	assert_true(back.poll);
	assert_false(back.final);
	assert_int_equal(back.my_id, packet.my_id);
	assert_int_equal(back.your_id, packet.your_id);
	assert_int_equal(back.min_tx_us, packet.min_tx_us);
	assert_int_equal(back.min_rx_us, packet.min_rx_us);
}

static void test_tags_are_passed_over(void **state)
{
	uint8_t frame[BFD_FRAME_SIZE], tagged[BFD_FRAME_SIZE + 8];
	static const uint8_t tags[] = {0x88, 0xa8, 0, 5, 0x81, 0, 0, 7};
	struct bfd_packet back;

	bfd_encode(&packet, &ends, frame);
	memcpy(tagged, frame, 12);
	memcpy(tagged + 12, tags, sizeof(tags));
	memcpy(tagged + 20, frame + 12, sizeof(frame) - 12);
	assert_null(bfd_decode(tagged, sizeof(tagged), &back));
	assert_int_equal(back.my_id, packet.my_id);
}

static void test_frames_that_end_early_are_refused(void **state)
{
	uint8_t frame[BFD_FRAME_SIZE];
	struct bfd_packet back;

	bfd_encode(&packet, &ends, frame);
	for (size_t n = 0; n < sizeof(frame); n++)
		assert_non_null(bfd_decode(frame, n, &back));
}

static void test_what_makes_no_sense_is_refused(void **state)
{
	static const struct {
		unsigned at;
		uint8_t value;
	} wrong[] = {
		{TTL_AT, 254}, /* through a router */
		{BFD_AT, 0x40}, /* version 2 */
		{BFD_AT + 1, 0xc4}, /* authenticated */
		{BFD_AT + 1, 0xc1}, /* for more than one */
		{BFD_AT + 2, 0}, /* multiplier */
		{BFD_AT + 3, 23}, /* length */
		{BFD_AT + 3, 25},
	};
	struct bfd_packet back;

	for (unsigned i = 0; i < ARRAY_LENGTH(wrong); i++) {
		uint8_t frame[BFD_FRAME_SIZE];

		bfd_encode(&packet, &ends, frame);
		frame[wrong[i].at] = wrong[i].value;
		assert_non_null(bfd_decode(frame, sizeof(frame), &back));
	}
}

static void test_a_session_that_is_up_names_its_far_end(void **state)
{
	struct bfd_packet nameless = packet, back;
	uint8_t frame[BFD_FRAME_SIZE];

	nameless.your_id = 0;
	bfd_encode(&nameless, &ends, frame);
	assert_non_null(bfd_decode(frame, sizeof(frame), &back));
	nameless.state = BFD_DOWN;
	bfd_encode(&nameless, &ends, frame);
	assert_null(bfd_decode(frame, sizeof(frame), &back));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_frame_is_what_the_rfc_says),
		cmocka_unit_test(test_it_is_read_as_it_was_written),
		cmocka_unit_test(test_tags_are_passed_over),
		cmocka_unit_test(test_frames_that_end_early_are_refused),
		cmocka_unit_test(test_what_makes_no_sense_is_refused),
		cmocka_unit_test(test_a_session_that_is_up_names_its_far_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
