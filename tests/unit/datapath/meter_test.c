/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/meter/meter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <rte_mbuf.h>

#include "datapath/fast/meta.h"
#include "datapath/ops/meter.h"
#include "lib/clock.h"
#include "lib/types.h"
#include "tests/unit/datapath/fixture.h"

enum {
	SIZE = 125, /* bytes: a kilobit */
	L3 = 14,
};

static struct rte_mbuf *pkts[32];

static int make_packets(void **state)
{
	fixture_start(state);
	clock_stop();
	for (unsigned i = 0; i < 32; i++) {
		pkts[i] = fixture_packet();
		rte_pktmbuf_append(pkts[i], SIZE);
	}
	return 0;
}

static int free_packets(void **state)
{
	rte_pktmbuf_free_bulk(pkts, 32);
	clock_start();
	return fixture_stop(state);
}

static unsigned n_dropped(uint32_t slot, uint16_t n)
{
	struct meter_verdict verdict;

	meter_measure(slot, pkts, n, &verdict);
	return (unsigned)__builtin_popcount(verdict.drop);
}

static void test_meter_lets_the_burst_pass_and_then_the_rate(void **state)
{
	const struct meter_config config = {
		.packets = true,
		.n_bands = 1,
		.bands = {{.kind = METER_BAND_DROP, .rate = 10, .burst = 5}},
	};
	uint32_t slot = meter_add(&config);
	struct meter_counts counts;

	assert_int_equal(n_dropped(slot, 8), 3);
	assert_int_equal(n_dropped(slot, 1), 1);
	clock_warp(100);
	assert_int_equal(n_dropped(slot, 2), 1);
	clock_warp(10000);
	assert_int_equal(n_dropped(slot, 32), 27);
	meter_get_counts(slot, &counts);
	assert_int_equal(counts.all.packets, 43);
	assert_int_equal(counts.all.bytes, 43 * SIZE);
	assert_int_equal(counts.bands[0].packets, 32);
	meter_del(slot);
	assert_int_equal(n_dropped(slot, 32), 0);
}

static void test_meter_counts_kilobits(void **state)
{
	const struct meter_config config = {
		.n_bands = 1,
		.bands = {{.kind = METER_BAND_DROP, .rate = 20}},
	};
	uint32_t slot = meter_add(&config);

	assert_int_equal(n_dropped(slot, 32), 12);
	clock_warp(500);
	assert_int_equal(n_dropped(slot, 32), 22);
	meter_del(slot);
}

/* The higher rate decides what happens to a packet that exceeds both. */
static void test_meter_obeys_the_highest_band_that_is_exceeded(void **state)
{
	const struct meter_config config = {
		.packets = true,
		.n_bands = 2,
		.bands =
			{{.kind = METER_BAND_DROP, .rate = 20},
			 {.kind = METER_BAND_REMARK, .rate = 10, .levels = 1}},
	};
	uint32_t slot = meter_add(&config);
	struct meter_verdict verdict;
	struct meter_counts counts;

	meter_measure(slot, pkts, 32, &verdict);
	assert_int_equal(verdict.remark, 0x000ffc00);
	assert_int_equal(verdict.drop, 0xfff00000);
	meter_get_counts(slot, &counts);
	assert_int_equal(counts.bands[0].packets, 12);
	assert_int_equal(counts.bands[1].packets, 10);
	meter_del(slot);
}

static void test_meter_without_rate_lets_nothing_pass(void **state)
{
	const struct meter_config none = {
		.packets = true,
		.n_bands = 1,
		.bands = {{.kind = METER_BAND_DROP, .rate = 0, .burst = 7}},
	};
	const struct meter_config much = {
		.n_bands = 1,
		.bands = {{.kind = METER_BAND_DROP, .rate = UINT32_MAX, .burst = UINT32_MAX}},
	};
	uint32_t slot = meter_add(&none);

	assert_int_equal(n_dropped(slot, 32), 32);
	meter_set(slot, &much);
	assert_int_equal(n_dropped(slot, 32), 0);
	meter_del(slot);
}

/* Assured forwarding gets a higher drop precedence, class selectors a lower class. */
static void test_meter_marks_what_can_be_marked(void **state)
{
	static const uint8_t cases[][2] = {
		{10, 12},
		{12, 14},
		{14, 14},
		{24, 16},
		{0, 0},
		{46, 46},
		{34, 36},
	};
	const struct meter_config config = {
		.packets = true,
		.n_bands = 1,
		.bands = {{.kind = METER_BAND_REMARK, .rate = 0, .levels = 1}},
	};
	const struct op_meter op = {.slot = meter_add(&config)};
	uint8_t *ip = rte_pktmbuf_mtod_offset(pkts[0], uint8_t *, L3);

	for (unsigned i = 0; i < ARRAY_LENGTH(cases); i++) {
		*meta_of(pkts[0]) = (struct meta){
			.l3 = (uint16_t)(pkts[0]->data_off + L3),
			.eth_type = be16_from(0x86dd),
		};
		ip[0] = (uint8_t)(0x60 | cases[i][0] >> 2);
		ip[1] = (uint8_t)(cases[i][0] << 6 | 0x35);
		assert_int_equal(op_meter_remark.run(NULL, &op, pkts, 1), 1);
		assert_int_equal((ip[0] & 0xf) << 2 | ip[1] >> 6, cases[i][1]);
		assert_int_equal(ip[1] & 0x3f, 0x35);
	}
	meter_del(op.slot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_meter_lets_the_burst_pass_and_then_the_rate),
		cmocka_unit_test(test_meter_counts_kilobits),
		cmocka_unit_test(test_meter_obeys_the_highest_band_that_is_exceeded),
		cmocka_unit_test(test_meter_without_rate_lets_nothing_pass),
		cmocka_unit_test(test_meter_marks_what_can_be_marked),
	};

	return cmocka_run_group_tests_name("meter", tests, make_packets, free_packets);
}
