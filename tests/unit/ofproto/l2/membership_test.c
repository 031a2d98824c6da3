/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/l2/membership.h"

#include <string.h>

#include "tests/unit/unit.h"

enum {
	HEAD = 14,
	IGMP3_REPORT = 0x22,
	RECORD = 8,
};

static unsigned n_joins, n_leaves, n_queries;
static uint8_t last[16];

static void count(void *context, enum membership_kind kind, const uint8_t *ip)
{
	n_joins += kind == MEMBERSHIP_JOIN;
	n_leaves += kind == MEMBERSHIP_LEAVE;
	n_queries += kind == MEMBERSHIP_QUERY;
	memcpy(last, ip, sizeof(last));
}

static int setup(void **state)
{
	n_joins = n_leaves = n_queries = 0;
	return 0;
}

/* A report of IGMPv3 with these records, each for 239.0.0.N; its size. */
static uint32_t write_report(uint8_t *frame, const uint8_t *types, unsigned n)
{
	uint8_t *ip = frame + HEAD, *igmp = ip + 20;
	uint32_t size = 20 + 8 + n * RECORD;

	memset(frame, 0, HEAD + size);
	frame[12] = 0x08;
	ip[0] = 0x45;
	ip[3] = (uint8_t)size;
	ip[9] = 2;
	igmp[0] = IGMP3_REPORT;
	igmp[7] = (uint8_t)n;
	for (unsigned i = 0; i < n; i++) {
		uint8_t *record = igmp + 8 + i * RECORD;

		record[0] = types[i];
		record[4] = 239;
		record[7] = (uint8_t)(i + 1);
	}
	return HEAD + size;
}

static void test_membership_reads_records(void **state)
{
	static const uint8_t types[] = {1, 2, 3, 4, 5, 6, 7, 0};
	static const uint8_t ip[16] = {[10] = 0xff, [11] = 0xff, [12] = 239, [15] = 5};
	uint8_t frame[128];

	assert_true(membership_parse(frame, write_report(frame, types, 8), count, NULL));
	/* Modes without sources are leaves; what blocks sources, or is unknown, says nothing. */
	assert_int_equal(n_leaves, 2);
	assert_int_equal(n_joins, 3);
	assert_memory_equal(last, ip, sizeof(ip));
}

static void test_membership_reads_no_further_than_the_frame(void **state)
{
	static const uint8_t types[] = {4, 4};
	uint8_t frame[128];
	uint32_t n = write_report(frame, types, 2);

	/* However short it is cut, and whatever it claims to hold. */
	for (uint32_t cut = 0; cut < n; cut++)
		assert_false(membership_parse(frame, cut, count, NULL));
	assert_int_equal(n_joins, 0);
	frame[HEAD + 20 + 7] = 200;
	assert_false(membership_parse(frame, n, count, NULL));
	assert_int_equal(n_joins, 2);
	/* More sources than there is room for. */
	write_report(frame, types, 2);
	frame[HEAD + 28 + 2] = 0xff;
	frame[HEAD + 28 + 1] = 0xff;
	assert_false(membership_parse(frame, n, count, NULL));
	assert_int_equal(n_joins, 2);
}

static void test_membership_sees_groups_only(void **state)
{
	static const uint8_t types[] = {4};
	uint8_t frame[128];
	uint32_t n = write_report(frame, types, 1);

	frame[HEAD + 28 + 4] = 10;
	assert_false(membership_parse(frame, n, count, NULL));
	assert_int_equal(n_joins, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup(name, setup)
		TEST(test_membership_reads_records),
		TEST(test_membership_reads_no_further_than_the_frame),
		TEST(test_membership_sees_groups_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
