/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <rte_dev.h>
#include <rte_ethdev.h>
#include <rte_ip.h>
#include <rte_tcp.h>

#include "datapath/ops/encap.h"
#include "datapath/packet/offload.h"
#include "datapath/packet/packet.h"
#include "datapath/ports/dummy.h"
#include "datapath/ports/ethdev.h"
#include "datapath/tunnel/tunnel.h"
#include "datapath/worker.h"
#include "lib/errbuf.h"
#include "tests/unit/datapath/fixture.h"
#include "tests/unit/unit.h"

static char capture[] = "/tmp/weir-capture-XXXXXX";

enum {
	CAPTURED = 3
};

/* A capture file with three frames. */
static int write_capture(void **state)
{
	const uint32_t header[] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, 65535, 1};
	struct frame frame = fixture_udp(1, 2, 3, 4);
	const uint32_t record[] = {0, 0, sizeof(frame), sizeof(frame)};
	int fd = mkstemp(capture);
	FILE *file = fdopen(fd, "w");

	fwrite(header, sizeof(header), 1, file);
	for (int i = 0; i < CAPTURED; i++) {
		fwrite(record, sizeof(record), 1, file);
		fwrite(&frame, sizeof(frame), 1, file);
	}
	fclose(file);
	fixture_start_workers(1);
	return 0;
}

static int remove_capture(void **state)
{
	unlink(capture);
	return 0;
}

static struct port *try_open(const char *name, const char *devargs, struct errbuf *err)
{
	json_t *options = json_pack(
		"{s:s, s:s, s:s}", "dpdk-devargs", devargs, "n_rxq_desc", "128", "n_txq_desc", "128"
	);
	struct port *port = port_open(name, "dpdk", options, err);

	json_decref(options);
	return port;
}

static struct port *must_open(const char *name, const char *devargs)
{
	struct errbuf err;
	struct port *port = try_open(name, devargs, &err);

	if (!port)
		fail_msg("%s", err.text);
	return port;
}

static void test_dpdk_opens_again_what_it_closed(void **state)
{
	for (int i = 0; i < 3; i++) {
		struct port *port = must_open("p", "net_null0,no-rx=1");
		json_t *status = port_status(port);

		assert_int_equal(port->n_rxqs, 1);
		assert_true(port->n_txqs >= 1);
		assert_true(port_link_up(port));
		assert_string_equal(
			json_string_value(json_object_get(status, "driver_name")), "net_null"
		);
		json_decref(status);
		port_close(port);
	}
}

static void test_dpdk_sets_mtu_while_polled(void **state)
{
	struct port *port = must_open("p", "net_null0,no-rx=1");
	struct errbuf err;

	plan_add_port(port);
	assert_int_equal(port_set_mtu(port, 3000, &err), 0);
	assert_int_equal(port->mtu, 3000);
	assert_int_equal(port_set_mtu(port, 20, &err), -ERANGE);
	assert_int_equal(port->mtu, 3000);
	assert_int_equal(port_set_mtu(port, 1500, &err), 0);
	port_close(port);
}

/* Lengths are looked at only where a frame may be too long. */
static void test_dpdk_limits_frames_where_others_are_longer(void **state)
{
	struct port *card = must_open("card", "net_null0,no-rx=1");
	struct port *other = must_open("other", "net_null1,no-rx=1");
	struct errbuf err;

	assert_int_equal(card->frame_most, 0);
	assert_int_equal(port_set_mtu(other, 3000, &err), 0);
	assert_int_equal(card->frame_most, 1500 + 14 + 4);
	assert_int_equal(other->frame_most, 0);
	assert_int_equal(port_set_mtu(card, 3000, &err), 0);
	assert_int_equal(card->frame_most, 0);
	/* What sends as long frames as it likes. */
	struct port *any = fixture_port("any");

	assert_int_equal(card->frame_most, 3000 + 14 + 4);
	assert_int_equal(other->frame_most, 3000 + 14 + 4);
	assert_int_equal(port_set_mtu(card, 2900, &err), 0);
	assert_int_equal(card->frame_most, 2900 + 14 + 4);
	port_close(any);
	assert_int_equal(card->frame_most, 2900 + 14 + 4);
	assert_int_equal(other->frame_most, 0);
	port_close(other);
	assert_int_equal(card->frame_most, 0);
	port_close(card);
}

static void test_dpdk_refuses_a_device_in_use(void **state)
{
	struct port *port = must_open("first", "net_null0,no-rx=1");
	struct errbuf err;

	assert_null(try_open("second", "net_null0,no-rx=1", &err));
	assert_int_equal(err.error, -EBUSY);
	assert_non_null(strstr(err.text, "used by port first"));
	/* The other's device is as it was. */
	assert_true(port_link_up(port));
	port_close(port);
}

static void test_dpdk_explains_wrong_devargs(void **state)
{
	const struct {
		const char *devargs, *expected;
	} cases[] = {
		{"", "empty"},
		{"garbage", "neither a PCI address"},
		{"net_nosuch0", "neither a PCI address"},
		{"net_pcap0,rx_pcap=/nonexistent", "/nonexistent"},
		{"net_pcap0,nonsense=1", "parameters"},
		{"class=eth,mac=02:00:00:00:00:77", "no device that DPDK has found"},
		{"class=eth,mac=nonsense", "port p: mac=nonsense is no MAC address"},
		{"net_null0,no-rx=1,representor=[0-3]", "port p: representor=[0-3] names several"},
	};

	for (unsigned i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct errbuf err;

		assert_null(try_open("p", cases[i].devargs, &err));
		if (!strstr(err.text, cases[i].expected))
			fail_msg("%s: %s", cases[i].devargs, err.text);
	}
}

/* A device that something else than a port brought in, such as a driver that found several. */
static void test_dpdk_takes_a_device_by_its_mac(void **state)
{
	struct rte_ether_addr address;
	char devargs[64];
	struct errbuf err;
	uint16_t id;

	assert_int_equal(rte_eal_hotplug_add("vdev", "net_null7", "no-rx=1"), 0);
	assert_int_equal(rte_eth_dev_get_port_by_name("net_null7", &id), 0);
	assert_int_equal(rte_eth_macaddr_get(id, &address), 0);
	snprintf(
		devargs,
		sizeof(devargs),
		"class=eth,mac=" RTE_ETHER_ADDR_PRT_FMT,
		RTE_ETHER_ADDR_BYTES(&address)
	);
	for (int i = 0; i < 2; i++) {
		struct port *port = must_open("p", devargs);

		assert_memory_equal(
			port->mac.bytes, address.addr_bytes, sizeof(address.addr_bytes)
		);
		assert_null(try_open("other", devargs, &err));
		assert_int_equal(err.error, -EBUSY);
		port_close(port);
	}
	assert_int_equal(rte_eal_hotplug_remove("vdev", "net_null7"), 0);
}

/* Rings are the only devices of which several stand on one "card" without hardware. When the first
 * is declared a representor, the card's address alone means the second. */
static const char several[] = "net_ring9";

/* The driver leaves rings behind: they are others each time. */
static const char *card_args(void)
{
	static char args[64];
	static unsigned n;

	n++;
	snprintf(args, sizeof(args), "nodeaction=a%u:0:CREATE,nodeaction=b%u:0:CREATE", n, n);
	return args;
}

static struct port *plug_in(const char *name)
{
	char devargs[128];

	snprintf(devargs, sizeof(devargs), "%s,%s", several, card_args());
	return must_open(name, devargs);
}

static uint16_t id_of(const struct port *port)
{
	return container_of(port, const struct ethdev, port)->ethdev_id;
}

/* The device behind 'before' on the card, or on it at all. */
static uint16_t next_on_card(int before)
{
	struct rte_eth_dev_info info;

	for (uint16_t id = (uint16_t)(before + 1); id < RTE_MAX_ETHPORTS; id++)
		if (!rte_eth_dev_info_get(id, &info) && !strcmp(rte_dev_name(info.device), several))
			return id;
	return RTE_MAX_ETHPORTS;
}

static void declare_representor(uint16_t id, bool is_one)
{
	struct rte_eth_dev_info info;

	assert_int_equal(rte_eth_dev_info_get(id, &info), 0);
	uint32_t *flags = (uint32_t *)(uintptr_t)info.dev_flags;

	*flags = is_one ? *flags | RTE_ETH_DEV_REPRESENTOR : *flags & ~RTE_ETH_DEV_REPRESENTOR;
}

/* The port on the card's second device. */
static struct port *open_second(void)
{
	uint16_t one = next_on_card(-1), two = next_on_card(one);

	declare_representor(one, true);
	struct port *port = must_open("second", several);

	declare_representor(one, false);
	assert_int_equal(id_of(port), two);
	return port;
}

static void test_dpdk_tells_devices_of_a_card_apart(void **state)
{
	struct errbuf err;

	assert_int_equal(rte_eal_hotplug_add("vdev", several, card_args()), 0);
	uint16_t one = next_on_card(-1), two = next_on_card(one);
	struct port *first = must_open("first", several);
	struct port *second = open_second();

	assert_int_equal(id_of(first), one);
	assert_null(try_open("third", several, &err));
	assert_non_null(strstr(err.text, "used by port first"));
	assert_null(try_open("third", "net_ring9,representor=vf7", &err));
	assert_non_null(strstr(err.text, "the card is in use without this representor"));
	/* Each goes and comes by itself; who did not plug the card in does not pull it out. */
	port_close(first);
	assert_true(port_link_up(second));
	first = must_open("first", several);
	port_close(second);
	assert_true(port_link_up(first));
	port_close(first);
	assert_int_equal(next_on_card(-1), one);
	rte_eth_dev_close(one);
	rte_eth_dev_close(two);
	assert_int_equal(rte_eal_hotplug_remove("vdev", several), 0);
}

static void test_dpdk_pulls_a_card_out_with_its_last_port(void **state)
{
	for (int round = 0; round < 4; round++) {
		struct port *first = plug_in("first");
		struct port *second = open_second();

		if (round % 2) {
			/* Who plugged it in goes first, comes back, and goes again. */
			port_close(first);
			first = must_open("first", several);
			port_close(first);
			assert_true(port_link_up(second));
			port_close(second);
		} else {
			port_close(second);
			assert_true(port_link_up(first));
			port_close(first);
		}
		assert_int_equal(next_on_card(-1), RTE_MAX_ETHPORTS);
	}
}

/* Ports whose devices are closed behind each other, when nobody sees them any more. */
static void test_dpdk_closes_several_of_a_card_at_once(void **state)
{
	struct port *first = plug_in("first"), *ports[2] = {first, open_second()};

	ports_close_begin(ports, 2);
	port_close_device(ports[0]);
	assert_int_not_equal(next_on_card(-1), RTE_MAX_ETHPORTS);
	port_close_device(ports[1]);
	assert_int_equal(next_on_card(-1), RTE_MAX_ETHPORTS);
}

/* What was plugged in in vain is not left behind. */
static void test_dpdk_leaves_nothing_of_a_card_without_representors(void **state)
{
	struct errbuf err;

	assert_null(try_open("p", "net_ring9,representor=[1]", &err));
	assert_non_null(strstr(err.text, "the card has no such representor"));
	assert_int_equal(next_on_card(-1), RTE_MAX_ETHPORTS);
}

static struct port *open_null(const char *key, const char *value, struct errbuf *err)
{
	json_t *options = json_pack("{s:s, s:s}", "dpdk-devargs", "net_null0,no-rx=1", key, value);
	struct port *port = port_open("p", "dpdk", options, err);

	json_decref(options);
	return port;
}

static void test_dpdk_sets_addresses(void **state)
{
	const struct mac wanted = {{2, 0, 0, 0, 0, 0x42}}, other = {{2, 0, 0, 0, 0, 0x43}};
	struct rte_ether_addr address;
	struct errbuf err;
	struct port *port = open_null("dpdk-vf-mac", "02:00:00:00:00:42", &err);

	assert_non_null(port);
	assert_memory_equal(&port->mac, &wanted, sizeof(wanted));
	assert_int_equal(port_set_mac(port, other, &err), 0);
	assert_int_equal(
		rte_eth_macaddr_get(container_of(port, struct ethdev, port)->ethdev_id, &address), 0
	);
	assert_memory_equal(&address, &other, sizeof(other));
	port_close(port);
	assert_null(open_null("dpdk-vf-mac", "nonsense", &err));
}

static void test_dpdk_says_what_a_device_cannot(void **state)
{
	struct errbuf err;

	assert_null(open_null("rx-flow-ctrl", "true", &err));
	assert_non_null(strstr(err.text, "no flow control"));
	/* The device was let go. */
	struct port *port = open_null("rx-flow-ctrl", "false", &err);

	assert_non_null(port);
	port_close(port);
}

static const char *status_of(const json_t *status, const char *key)
{
	return json_string_value(json_object_get(status, key));
}

static void test_dpdk_has_queues_as_wanted(void **state)
{
	struct errbuf err;
	json_t *options = json_pack(
		"{s:s, s:s, s:s, s:s}",
		"dpdk-devargs",
		"net_null0,no-rx=1",
		"n_rxq",
		"3",
		"n_rxq_desc",
		"256",
		"n_txq_desc",
		"512"
	);
	struct port *port = port_open("p", "dpdk", options, &err);

	json_decref(options);
	assert_non_null(port);
	json_t *status = port_status(port);

	assert_int_equal(port->n_rxqs, 3);
	assert_string_equal(status_of(status, "n_rxq"), "3");
	assert_string_equal(status_of(status, "n_rxq_desc"), "256");
	assert_string_equal(status_of(status, "n_txq_desc"), "512");
	json_decref(status);
	port_close(port);
}

static void test_dpdk_counts_what_is_replayed(void **state)
{
	char devargs[128];

	snprintf(devargs, sizeof(devargs), "net_pcap0,rx_pcap=%s,infinite_rx=1", capture);
	assert_int_equal(ethdev_count_replayed(devargs), CAPTURED);
	snprintf(devargs, sizeof(devargs), "net_pcap0,rx_pcap=%s", capture);
	assert_int_equal(ethdev_count_replayed(devargs), 0);
	assert_int_equal(ethdev_count_replayed("net_pcap0,rx_pcap=/none,infinite_rx=1"), 0);
}

static void test_dpdk_forwards_a_capture(void **state)
{
	char devargs[128];
	struct port_stats stats = {0};

	snprintf(devargs, sizeof(devargs), "net_pcap0,rx_pcap=%s,infinite_rx=1", capture);
	struct port *source = must_open("source", devargs);
	struct port *sink = must_open("sink", "net_null0,no-rx=1");
	struct flow *flow = fixture_port_flow(source, fixture_output(sink));

	plan_add_port(source);
	plan_add_port(sink);
	for (int i = 0; i < 1000 && stats.tx_packets < 1000; i++) {
		usleep(1000);
		port_get_stats(sink, &stats);
	}
	assert_true(stats.tx_packets >= 1000);
	port_close(source);
	flow_del(flow);
	port_close(sink);
}

/* A packet as a guest with TSO hands it out. */
static struct rte_mbuf *make_large_tcp(unsigned payload)
{
	uint8_t frame[14 + 20 + 20 + 6000] = {[12] = 8};
	struct rte_ipv4_hdr *ip = (void *)(frame + 14);
	struct rte_tcp_hdr *tcp = (void *)(ip + 1);

	ip->version_ihl = 0x45;
	ip->total_length = be16_from(40 + payload);
	ip->next_proto_id = IPPROTO_TCP;
	ip->src_addr = be32_from(1);
	ip->dst_addr = be32_from(2);
	ip->hdr_checksum = rte_ipv4_cksum(ip);
	tcp->data_off = 5 << 4;
	tcp->cksum = rte_ipv4_phdr_cksum(ip, 0);
	struct rte_mbuf *packet = packet_new(frame, 54 + payload);

	packet->ol_flags |= RTE_MBUF_F_TX_TCP_CKSUM | RTE_MBUF_F_TX_TCP_SEG;
	packet->tso_segsz = 1448;
	return packet;
}

/* net_ring gives back what it is sent, and has no offloads: all is done for it. */
static void test_dpdk_cuts_for_devices_that_cannot(void **state)
{
	json_t *none = json_object();
	struct errbuf err;
	struct port *from = port_open("from", "dummy", none, &err);
	struct port *ring = must_open("ring", "net_ring0");
	struct port *to = fixture_port("to");
	struct flow *there = fixture_port_flow(from, fixture_output(ring));
	struct flow *back = fixture_port_flow(ring, fixture_output(to));
	struct rte_mbuf *segment;
	unsigned n = 0;

	json_decref(none);
	plan_add_port(from);
	plan_add_port(ring);
	assert_true(dummy_inject(from, make_large_tcp(5000)));
	for (int i = 0; i < 1000 && n < 4; i++) {
		usleep(1000);
		while ((segment = fixture_sent(to))) {
			void *ip = rte_pktmbuf_mtod_offset(segment, void *, 14);

			assert_int_equal(rte_ipv4_udptcp_cksum_mbuf_verify(segment, ip, 34), 0);
			rte_pktmbuf_free(segment);
			n++;
		}
	}
	assert_int_equal(n, 4);
	port_close(from);
	port_close(ring);
	port_close(to);
	flow_del(there);
	flow_del(back);
}

/* A card that knows tunnels: what it is given, instead of what net_ring would do with it. */
static struct {
	unsigned n, n_cut, n_prepared; /* the worker writes, the test reads */
	struct rte_mbuf last; /* without its data */
} card;

static uint16_t card_tx(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++) {
		card.last = *pkts[i];
		__atomic_fetch_add(
			&card.n_cut, !!(pkts[i]->ol_flags & RTE_MBUF_F_TX_TCP_SEG), __ATOMIC_RELEASE
		);
		rte_pktmbuf_free(pkts[i]);
	}
	__atomic_fetch_add(&card.n, n, __ATOMIC_RELEASE);
	return n;
}

static uint16_t card_prepare(void *queue, struct rte_mbuf **pkts, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++)
		if (rte_validate_tx_offload(pkts[i]))
			return i;
	__atomic_fetch_add(&card.n_prepared, n, __ATOMIC_RELEASE);
	return n;
}

static void await_card(unsigned n)
{
	for (int i = 0; i < 1000 && __atomic_load_n(&card.n, __ATOMIC_ACQUIRE) < n; i++)
		usleep(1000);
	assert_int_equal(card.n, n);
}

static struct program *into_tunnel(const struct port *tunnel, const struct port *out)
{
	struct encap_wish wish = {
		.tunnel = tunnel->tunnel,
		.port_id = tunnel->id,
		.src = ipaddr_from_v4(be32_from(0x0a000001)),
		.dst = ipaddr_from_v4(be32_from(0x0a000002)),
		.ttl = 64,
	};
	struct program_builder b;

	program_begin(&b);
	encap_add(&b, &wish, &(struct tunnel_wish){.id = 7});
	program_add_output(&b, out->id);
	return program_intern(&b);
}

/* What a guest left to be done reaches a card that can do it, described as DPDK wants it. */
static void test_dpdk_leaves_tunnels_to_cards_that_can(void **state)
{
	json_t *none = json_object(), *flow = json_pack("{s:s}", "remote_ip", "flow");
	struct errbuf err;
	struct port *from = port_open("from", "dummy", none, &err);
	struct port *tunnel = port_open("tunnel", "vxlan", flow, &err);
	struct port *port = must_open("ring", "net_ring0");
	struct ethdev *dev = container_of(port, struct ethdev, port);
	struct flow *there = fixture_port_flow(from, into_tunnel(tunnel, port));

	json_decref(none);
	json_decref(flow);
	/* Room for the tunnel's headers. */
	assert_int_equal(port_set_mtu(port, 1600, &err), 0);
	rte_eth_fp_ops[dev->ethdev_id].tx_pkt_burst = card_tx;
	rte_eth_fp_ops[dev->ethdev_id].tx_pkt_prepare = card_prepare;
	dev->tx_offloads |= RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM |
		RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_TCP_TSO |
		RTE_ETH_TX_OFFLOAD_OUTER_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_VXLAN_TNL_TSO |
		RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	ethdev_set_abilities(dev);
	json_t *status = port_status(port);

	assert_string_equal(status_of(status, "tx_vxlan_tso_offload"), "true");
	assert_string_equal(status_of(status, "tx_geneve_tso_offload"), "false");
	json_decref(status);
	plan_add_port(from);
	plan_add_port(port);
	assert_true(dummy_inject(from, make_large_tcp(5000)));
	await_card(1);
	assert_int_equal(card.n_cut, 1);
	assert_int_equal(card.n_prepared, 1);
	assert_int_equal(
		card.last.ol_flags & RTE_MBUF_F_TX_TUNNEL_MASK, RTE_MBUF_F_TX_TUNNEL_VXLAN
	);
	assert_int_equal(card.last.outer_l2_len, 14);
	assert_int_equal(card.last.outer_l3_len, 20);
	assert_int_equal(card.last.l2_len, 8 + 8 + 14);
	assert_int_equal(card.last.l3_len, 20);
	assert_int_equal(card.last.l4_len, 20);
	assert_int_equal(card.last.tso_segsz, 1448);
	/* One that has forgotten how gets what has been cut, all at once. */
	dev->tx_offloads &= ~RTE_ETH_TX_OFFLOAD_VXLAN_TNL_TSO;
	ethdev_set_abilities(dev);
	assert_true(dummy_inject(from, make_large_tcp(5000)));
	await_card(1 + 4);
	assert_int_equal(card.n_cut, 1);
	port_close(from);
	port_close(port);
	port_close(tunnel);
	flow_del(there);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dpdk_opens_again_what_it_closed),
		cmocka_unit_test(test_dpdk_sets_mtu_while_polled),
		cmocka_unit_test(test_dpdk_limits_frames_where_others_are_longer),
		cmocka_unit_test(test_dpdk_refuses_a_device_in_use),
		cmocka_unit_test(test_dpdk_explains_wrong_devargs),
		cmocka_unit_test(test_dpdk_takes_a_device_by_its_mac),
		cmocka_unit_test(test_dpdk_tells_devices_of_a_card_apart),
		cmocka_unit_test(test_dpdk_pulls_a_card_out_with_its_last_port),
		cmocka_unit_test(test_dpdk_closes_several_of_a_card_at_once),
		cmocka_unit_test(test_dpdk_leaves_nothing_of_a_card_without_representors),
		cmocka_unit_test(test_dpdk_sets_addresses),
		cmocka_unit_test(test_dpdk_says_what_a_device_cannot),
		cmocka_unit_test(test_dpdk_has_queues_as_wanted),
		cmocka_unit_test(test_dpdk_counts_what_is_replayed),
		cmocka_unit_test(test_dpdk_forwards_a_capture),
		cmocka_unit_test(test_dpdk_cuts_for_devices_that_cannot),
		cmocka_unit_test(test_dpdk_leaves_tunnels_to_cards_that_can),
	};

	fixture_start(NULL);
	int failed = cmocka_run_group_tests(tests, write_capture, remove_capture);

	fixture_stop(NULL);
	return failed;
}
