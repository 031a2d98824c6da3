/* SPDX-License-Identifier: Apache-2.0 */

/* Two workers send to a guest with five queues, of which one is not in use.  */

#include "datapath/ports/vhost_spread.h"

#include <string.h>

#include "datapath/ports/vhost.h"
#include "lib/errbuf.h"
#include "tests/unit/datapath/fixture.h"
#include "tests/unit/unit.h"

enum {
	TAG_SIZE = 4,
	MACS_SIZE = 12,
};

static const struct vhost_link link_of_four = {.n_tx = 4, .tx = {0, 1, 3, 4}};

static struct rte_mbuf *packet(struct frame frame)
{
	struct rte_mbuf *pkt = fixture_packet();

	memcpy(rte_pktmbuf_append(pkt, sizeof(frame)), &frame, sizeof(frame));
	return pkt;
}

static uint32_t hash(struct frame frame)
{
	struct rte_mbuf *pkt = packet(frame);
	uint32_t value = vhost_spread_hash(pkt);

	rte_pktmbuf_free(pkt);
	return value;
}

static uint32_t hash_tagged(struct frame frame)
{
	static const uint8_t tag[TAG_SIZE] = {0x81, 0, 0, 7};
	struct rte_mbuf *pkt = fixture_packet();
	const uint8_t *rest = frame.bytes + MACS_SIZE;

	memcpy(rte_pktmbuf_append(pkt, MACS_SIZE), frame.bytes, MACS_SIZE);
	memcpy(rte_pktmbuf_append(pkt, TAG_SIZE), tag, TAG_SIZE);
	memcpy(rte_pktmbuf_append(pkt, sizeof(frame) - MACS_SIZE), rest, sizeof(frame) - MACS_SIZE);
	uint32_t value = vhost_spread_hash(pkt);

	rte_pktmbuf_free(pkt);
	return value;
}

static void test_vhost_spread_knows_flows_by_addresses_and_ports(void **state)
{
	struct frame one = fixture_udp(1, 2, 3, 4), later = one, fragment = one;

	later.bytes[sizeof(later) - 1] ^= 1;
	assert_int_equal(hash(one), hash(later));
	assert_int_equal(hash(one), hash_tagged(one));
	assert_int_not_equal(hash(one), hash(fixture_udp(1, 2, 3, 5)));
	assert_int_not_equal(hash(one), hash(fixture_udp(1, 3, 3, 4)));
	/* Of a packet in pieces only the first has ports. */
	fragment.bytes[20] |= 0x20;
	later = fragment;
	later.bytes[34] ^= 1;
	assert_int_equal(hash(fragment), hash(later));
}

/* Of anything the guest's side may be sent, however short. */
static void test_vhost_spread_looks_at_no_more_than_there_is(void **state)
{
	struct frame frame = fixture_udp(1, 2, 3, 4);

	for (size_t n = 0; n <= sizeof(frame); n++) {
		struct rte_mbuf *pkt = packet(frame);

		rte_pktmbuf_trim(pkt, (uint16_t)(sizeof(frame) - n));
		vhost_spread_hash(pkt);
		rte_pktmbuf_free(pkt);
	}
}

/* Which of the guest's queues a worker used, as bits; each packet is in one group, and a group's in
 * the order in which they came. */
static unsigned spread_batch(uint16_t worker, uint16_t n)
{
	struct rte_mbuf *pkts[BATCH_SIZE];
	struct vhost_spread spread;
	unsigned used = 0;

	for (uint16_t i = 0; i < n; i++) {
		pkts[i] = packet(fixture_udp(1, 2, 1000 + i / 2, 4));
		pkts[i]->hash.usr = i;
	}
	vhost_spread_make(&spread, &link_of_four, worker, pkts, n);
	assert_int_equal(spread.starts[0], 0);
	assert_int_equal(spread.starts[spread.n_groups], n);
	for (uint16_t g = 0; g < spread.n_groups; g++) {
		assert_false(used >> spread.queues[g] & 1);
		used |= 1U << spread.queues[g];
		for (uint16_t i = spread.starts[g] + 1; i < spread.starts[g + 1]; i++)
			assert_true(spread.pkts[i]->hash.usr > spread.pkts[i - 1]->hash.usr);
	}
	for (uint16_t i = 0; i + 1 < n; i += 2)
		assert_int_equal(vhost_spread_hash(pkts[i]), vhost_spread_hash(pkts[i + 1]));
	rte_pktmbuf_free_bulk(pkts, n);
	return used;
}

static void test_vhost_spread_gives_each_worker_queues_of_its_own(void **state)
{
	unsigned used[2] = {0, 0};

	for (unsigned i = 0; i < 20; i++) {
		used[0] |= spread_batch(0, BATCH_SIZE);
		used[1] |= spread_batch(1, BATCH_SIZE);
	}
	assert_int_equal(used[0], 1 << 0 | 1 << 3);
	assert_int_equal(used[1], 1 << 1 | 1 << 4);
	assert_int_equal(spread_batch(0, 0), 0);
	/* A worker more than there are, for the moment. */
	assert_int_equal(spread_batch(2, BATCH_SIZE), 1 << 3);
	spread_batch(9, BATCH_SIZE);
}

static void test_vhost_spread_is_for_guests(void **state)
{
	struct port *host = fixture_port("host");
	struct errbuf err;

	errbuf_init(&err);
	assert_int_equal(port_set_steering(host, false, &err), 0);
	assert_true(port_set_steering(host, true, &err) < 0);
	assert_non_null(strstr(err.text, "tx-steering=hash is for guests"));
	port_close(host);
}

static int start(void **state)
{
	fixture_start_workers(2);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vhost_spread_knows_flows_by_addresses_and_ports),
		cmocka_unit_test(test_vhost_spread_looks_at_no_more_than_there_is),
		cmocka_unit_test(test_vhost_spread_gives_each_worker_queues_of_its_own),
		cmocka_unit_test(test_vhost_spread_is_for_guests),
	};

	fixture_start(NULL);
	int failed = cmocka_run_group_tests(tests, start, NULL);

	fixture_stop(NULL);
	return failed;
}
