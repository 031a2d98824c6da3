/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/lldp/lldp_frame.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/unit.h"

static const struct mac chassis = {{2, 0, 0, 0, 0, 1}}, source = {{2, 0, 0, 0, 0, 2}};

static void test_a_frame_is_read_as_it_was_written(void **state)
{
	struct lldp_news news = {
		.port = "eth0",
		.port_description = "to the roof",
		.system = "host",
		.ttl = 121,
		.capabilities = LLDP_BRIDGE | LLDP_ROUTER,
	};
	uint8_t frame[LLDP_FRAME_SIZE];
	struct lldp_news back;
	size_t n = lldp_encode(&news, chassis, source, frame);

	assert_return_code(lldp_decode(frame, n, &back), 0);
	assert_string_equal(back.chassis, "02:00:00:00:00:01");
	assert_string_equal(back.port, "eth0");
	assert_string_equal(back.port_description, "to the roof");
	assert_string_equal(back.system, "host");
	assert_string_equal(back.description, "");
	assert_int_equal(back.ttl, 121);
	assert_int_equal(back.capabilities, LLDP_BRIDGE | LLDP_ROUTER);
}

/* What a switch of another maker says. */
static void test_ids_are_text_whatever_they_are(void **state)
{
	static const uint8_t frame[] = {
		1,   0x80, 0xc2, 0,    0,    14, 2, 0,	 0,   0,  0,
		9,   0x88, 0xcc, 2,    6,    5,	 1, 192, 0,   2,  7, /* chassis: an IPv4 address */
		4,   7,	   3,	 2,    0,    0,	 0, 0,	 8, /* port: a MAC */
		6,   2,	   0,	 120,  16,   12, 5, 1,	 198, 51, 100,
		1,   2,	   0,	 0,    0,    1,	 0, /* management address */
		254, 6,	   0,	 0x80, 0xc2, 1,	 0, 42, /* VLAN 42 */
		0,   0,
	};
	struct lldp_news news;

	assert_return_code(lldp_decode(frame, sizeof(frame), &news), 0);
	assert_string_equal(news.chassis, "192.0.2.7");
	assert_string_equal(news.port, "02:00:00:00:00:08");
	assert_string_equal(news.address, "198.51.100.1");
	assert_int_equal(news.vlan, 42);
}

static void test_frames_that_end_early_make_no_sense(void **state)
{
	struct lldp_news news = {.port = "eth0", .ttl = 1}, back;
	uint8_t frame[LLDP_FRAME_SIZE];
	size_t n = lldp_encode(&news, chassis, source, frame);

	for (size_t i = 0; i < n - 2; i++)
		assert_int_equal(lldp_decode(frame, i, &back), -EINVAL);
	/* Only the end may be missing. */
	assert_return_code(lldp_decode(frame, n - 2, &back), 0);
	frame[14] = 4;
	assert_int_equal(lldp_decode(frame, n, &back), -EINVAL);
}

static void test_texts_are_bounded_and_plain(void **state)
{
	struct lldp_news news = {.port = "eth0", .ttl = 1}, back;
	uint8_t frame[LLDP_FRAME_SIZE];
	size_t n = lldp_encode(&news, chassis, source, frame) - 2;

	frame[n++] = 5 << 1 | 1;
	frame[n++] = 0xff;
	memset(frame + n, '\n', 511);
	assert_return_code(lldp_decode(frame, n + 511, &back), 0);
	assert_int_equal(strlen(back.system), LLDP_TEXT_SIZE - 1);
	assert_null(strchr(back.system, '\n'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_frame_is_read_as_it_was_written),
		cmocka_unit_test(test_ids_are_text_whatever_they_are),
		cmocka_unit_test(test_frames_that_end_early_make_no_sense),
		cmocka_unit_test(test_texts_are_bounded_and_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
