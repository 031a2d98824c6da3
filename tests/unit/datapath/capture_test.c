/* SPDX-License-Identifier: Apache-2.0 */

/* Rings of captured packets: nothing is lost unsaid, nothing comes out otherwise than it went in.  */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <rte_mbuf.h>

#include "datapath/capture/pcapng.h"
#include "datapath/capture/remains.h"
#include "datapath/capture/ring.h"
#include "datapath/drop.h"
#include "datapath/port.h"
#include "datapath/worker.h"
#include "lib/strbuf.h"
#include "tests/unit/datapath/fixture.h"

DROP_REASON(test_capture, "a test wanted it");

static struct rte_mbuf *packet(unsigned length, uint8_t fill)
{
	struct rte_mbuf *pkt = fixture_packet();

	memset(rte_pktmbuf_append(pkt, (uint16_t)length), fill, length);
	return pkt;
}

static bool put(struct capture_ring *ring, unsigned length, uint8_t fill)
{
	const struct captured about = {.length = length, .total = length, .ns = fill};
	struct rte_mbuf *pkt = packet(length, fill);
	bool added = capture_ring_add(ring, &about, pkt);

	rte_pktmbuf_free(pkt);
	return added;
}

static void take(struct capture_ring *ring, unsigned length, uint8_t fill)
{
	const struct captured *first = capture_ring_first(ring);
	const uint8_t *bytes = (const uint8_t *)(first + 1);

	assert_non_null(first);
	assert_int_equal(first->length, length);
	assert_int_equal(first->ns, fill);
	for (unsigned i = 0; i < length; i++)
		assert_int_equal(bytes[i], fill);
	capture_ring_take(ring, first);
}

static void test_ring_gives_back_what_it_got(void **state)
{
	struct capture_ring *ring = capture_ring_new();
	unsigned lengths[] = {0, 1, 31, 32, 33, 60, 1000, 1500};

	assert_null(capture_ring_first(ring));
	/* Several times round, so that records meet the end in every way. */
	for (unsigned i = 0; i < 40000; i++) {
		assert_true(put(ring, lengths[i % 8], (uint8_t)i));
		if (i < 100)
			continue;
		take(ring, lengths[(i - 100) % 8], (uint8_t)(i - 100));
	}
	capture_ring_free(ring);
}

static void test_ring_counts_what_it_cannot_take(void **state)
{
	struct capture_ring *ring = capture_ring_new();
	unsigned n = 0;

	while (put(ring, 1000, (uint8_t)n))
		n++;
	assert_int_equal(n, CAPTURE_RING / 1056);
	assert_int_equal(ring->lost, 1);
	assert_false(put(ring, 1000, 0));
	assert_int_equal(ring->lost, 2);
	take(ring, 1000, 0);
	take(ring, 1000, 1);
	assert_true(put(ring, 1000, (uint8_t)n));
	for (unsigned i = 2; i <= n; i++)
		take(ring, 1000, (uint8_t)i);
	assert_null(capture_ring_first(ring));
	capture_ring_free(ring);
}

static void test_blocks_end_where_they_say(void **state)
{
	struct {
		struct captured head;
		uint8_t bytes[8];
	} one = {.head = {.length = 5, .total = 900, .way = CAPTURE_DROPPED}};
	struct strbuf out = STRBUF_INIT;
	unsigned n = 0;

	pcapng_add_section(&out);
	pcapng_add_interface(&out, "h1", 128);
	pcapng_add_packet(&out, 0, &one.head, "dropped: why");
	pcapng_add_packet(&out, 0, &one.head, NULL);
	pcapng_add_statistics(&out, 0, 2, 1);
	for (size_t at = 0; at < out.length; n++) {
		uint32_t size, again;

		memcpy(&size, out.text + at + 4, sizeof(size));
		assert_true(size >= 12 && size % 4 == 0 && at + size <= out.length);
		memcpy(&again, out.text + at + size - 4, sizeof(again));
		assert_int_equal(size, again);
		at += size;
	}
	assert_int_equal(n, 5);
	strbuf_fini(&out);
}

static unsigned count_kept(const struct remains *remains)
{
	unsigned n = 0;

	for (unsigned i = 0; i < REMAINS_PLACES; i++)
		n += remains->names[i] ? remains->places[i].n : 0;
	return n;
}

static void test_masses_do_not_push_others_out(void **state)
{
	struct remains *remains = remains_of_worker(WORKERS_MAX - 1);
	struct rte_mbuf *one = packet(60, 1), *other = packet(60, 2);

	remains_keep(remains, 1, &drop_test_capture, one, 1000);
	for (unsigned i = 0; i < 100000; i++)
		remains_keep(remains, 2, &drop_test_capture, other, 1000);
	assert_int_equal(count_kept(remains), 1 + REMAINS_BURST);
	/* Later some more may be kept. */
	for (unsigned i = 0; i < 100000; i++)
		remains_keep(remains, 2, &drop_test_capture, other, 1000 + 3 * REMAINS_MS);
	assert_int_equal(count_kept(remains), 1 + REMAINS_BURST + 3);
	rte_pktmbuf_free(one);
	rte_pktmbuf_free(other);
}

static void test_places_are_for_those_who_drop_now(void **state)
{
	struct remains *remains = remains_of_worker(WORKERS_MAX - 2);
	struct rte_mbuf *pkt = packet(60, 1);
	unsigned before;

	for (unsigned port = 1; port < PORT_IDS; port++)
		remains_keep(remains, (uint16_t)port, &drop_test_capture, pkt, 1000);
	before = count_kept(remains);
	assert_true(before > REMAINS_PLACES / 2 && before <= REMAINS_PLACES);
	remains_keep(remains, PORT_IDS - 1, &drop_test_capture, pkt, 1001);
	assert_true(count_kept(remains) <= before + 1);
	/* All are old now, so that anybody finds a place. */
	for (unsigned port = 1; port <= 8; port++)
		remains_keep(remains, (uint16_t)port, &drop_test_capture, pkt, 10000);
	for (unsigned port = 1; port <= 8; port++) {
		bool found = false;

		for (unsigned i = 0; i < REMAINS_PLACES; i++)
			found |= remains->names[i] ==
				1 + ((uint32_t)drop_test_capture.id << 16 | port);
		assert_true(found);
	}
	rte_pktmbuf_free(pkt);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ring_gives_back_what_it_got),
		cmocka_unit_test(test_ring_counts_what_it_cannot_take),
		cmocka_unit_test(test_blocks_end_where_they_say),
		cmocka_unit_test(test_masses_do_not_push_others_out),
		cmocka_unit_test(test_places_are_for_those_who_drop_now),
	};

	return cmocka_run_group_tests(tests, fixture_start, fixture_stop);
}
