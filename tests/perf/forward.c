/* SPDX-License-Identifier: Apache-2.0 */

/* Cycles per packet of the packet path alone, without the daemon: a capture replayed from memory
 * (net_pcap) goes through a worker into a sink (net_null), with flows put in by hand.
 *
 *	build/tests/perf/forward [-n WORKERS] [-c CORE] [-w WINDOWS] [CASE…]
 *
 * With several workers each has a device to receive from and one to send to, and all the same flows'
 * programs; the rate is that of the best window, in which the neighbours on the machine took least.
 * Each case is sampled in short windows; the least is printed (noise only adds) and the median.
 * It needs hugepages (sysctl vm.nr_hugepages=1024) and a core to itself, the last one or CORE.  */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_dev.h>
#include <rte_ethdev.h>

#include "datapath/batch.h"
#include "datapath/datapath.h"
#include "datapath/flow.h"
#include "datapath/ops/dec_ttl.h"
#include "datapath/ops/decap.h"
#include "datapath/ops/encap.h"
#include "datapath/ops/push_vlan.h"
#include "datapath/ops/set_eth.h"
#include "datapath/ops/set_ipv4.h"
#include "datapath/pool.h"
#include "datapath/program.h"
#include "datapath/tunnel/tunnel.h"
#include "datapath/worker_priv.h"
#include "lib/epoch.h"
#include "lib/errbuf.h"

enum {
	FRAME_SIZE = 62, /* the least that IPv6 and UDP need */
	OUTER_SIZE = 50, /* Ethernet, IPv4, UDP, VXLAN */
	VXLAN_PORT = 4789,
	WINDOW_US = 4000,
	MAX_WINDOWS = 1000,
	MAX_WORKERS = 8,
};

struct bench {
	const char *name;
	unsigned n_packets; /* distinct ones in the capture */
	void (*add_flows)(const struct bench *bench, uint32_t in_port, uint16_t out_port);
	unsigned n_masks;
	bool ipv6;
	bool no_exact; /* the exact cache is defeated */
	bool tunnel; /* the packets come in VXLAN */
};

struct device {
	struct port port;
	struct port_rxq rxq;
	uint16_t id;
};

static unsigned n_wanted = 1; /* workers */
static int only_core = -1; /* of a single worker; -1: the last one */

static void die(const char *what)
{
	fprintf(stderr, "%s\n", what);
	exit(1);
}

static uint16_t device_rx(struct port_rxq *rxq, struct batch *batch)
{
	struct device *device = container_of(rxq, struct device, rxq);

	return rte_eth_rx_burst(device->id, 0, batch->pkts, BATCH_SIZE);
}

static uint16_t device_tx(struct port *port, uint16_t queue, struct rte_mbuf **pkts, uint16_t n)
{
	struct device *device = container_of(port, struct device, port);

	return rte_eth_tx_burst(device->id, 0, pkts, n);
}

static struct port *device_open(const char *name, const json_t *options, struct errbuf *err)
{
	struct device *device = calloc(1, sizeof(*device));
	struct rte_eth_conf conf = {0};
	const char *args = json_string_value(json_object_get(options, "args"));
	unsigned n = atoi(json_string_value(json_object_get(options, "n")));
	struct rte_mempool *pool = pool_reserve(n + 1024, 0, -1, err);

	if (!pool || rte_eal_hotplug_add("vdev", name, args) ||
	    rte_eth_dev_get_port_by_name(name, &device->id))
		die("the device could not be made");
	if (rte_eth_dev_configure(device->id, 1, 1, &conf) ||
	    rte_eth_rx_queue_setup(device->id, 0, 512, 0, NULL, pool) ||
	    rte_eth_tx_queue_setup(device->id, 0, 512, 0, NULL) || rte_eth_dev_start(device->id))
		die("the device could not be started");
	device->rxq.port = &device->port;
	device->rxq.wait_fd = -1;
	device->port.rxqs[0] = &device->rxq;
	device->port.n_rxqs = 1;
	return &device->port;
}

static void device_close(struct port *port)
{
	struct device *device = container_of(port, struct device, port);

	rte_eth_dev_stop(device->id);
	rte_eth_dev_close(device->id);
	free(device);
}

static void device_stats(const struct port *port, struct port_stats *stats)
{
	memset(stats, 0, sizeof(*stats));
}

static const struct option device_options[] = {
	{.name = "args", .kind = OPTION_STRING},
	{.name = "n", .kind = OPTION_INT},
};

static const struct port_type port_type_bench = {
	.name = "bench",
	.options = device_options,
	.n_options = ARRAY_LENGTH(device_options),
	.test_only = true,
	.open = device_open,
	.close = device_close,
	.get_stats = device_stats,
	.rx = device_rx,
	.tx = device_tx,
};
REGISTRY_ADD(port_type, port_type_bench);

static struct port *open_port(const char *name, const char *args, unsigned n)
{
	char number[16];
	struct errbuf err;

	snprintf(number, sizeof(number), "%u", n);
	json_t *options = json_pack("{s:s, s:s}", "args", args, "n", number);
	struct port *port = port_open(name, "bench", options, &err);

	if (!port)
		die(err.text);
	json_decref(options);
	return port;
}

/* Packet i of a case: source 10.x.x.x by number, destination in one of the case's masks' nets. */
static uint32_t source_of(unsigned i)
{
	return 0x0a000000 + i;
}

static uint32_t destination_of(const struct bench *bench, unsigned i)
{
	return 0x0b000001 + (bench->n_masks ? i % bench->n_masks : 0) * 0x10000;
}

static void make_frame(const struct bench *bench, unsigned i, uint8_t *b)
{
	be32 ip[2] = {be32_from(source_of(i)), be32_from(destination_of(bench, i))};
	be16 udp[2] = {be16_from(1000), be16_from(2000)};

	memset(b, 0, FRAME_SIZE);
	memcpy(b, "\2\0\0\0\0\2\2\0\0\0\0\1", 12);
	if (bench->ipv6) {
		memcpy(b + 12, "\x86\xdd\x60\0\0\0\0\x08\x11\x40", 10);
		memcpy(b + 34, ip, 4);
		memcpy(b + 50, ip + 1, 4);
		memcpy(b + 54, udp, sizeof(udp));
		return;
	}
	memcpy(b + 12, "\x08\0\x45\0\0\x2e\0\0\0\0\x40\x11", 12);
	memcpy(b + 26, ip, sizeof(ip));
	memcpy(b + 34, udp, sizeof(udp));
	b[39] = 26;
}

/* The outer headers of VXLAN 7 in front of a frame. */
static void make_outer(uint8_t *b)
{
	be16 word, udp[3] = {be16_from(1000), be16_from(VXLAN_PORT), be16_from(FRAME_SIZE + 16)};
	be16 length = be16_from(FRAME_SIZE + OUTER_SIZE - 14);
	uint32_t sum = 0;

	memset(b, 0, OUTER_SIZE);
	memcpy(b, "\2\0\0\0\0\2\2\0\0\0\0\1\x08\0\x45\0", 16);
	memcpy(b + 16, &length, sizeof(length));
	memcpy(b + 22, "\x40\x11\0\0\x0a\0\0\2\x0a\0\0\1", 12);
	for (unsigned at = 14; at < 34; at += 2, sum += word)
		memcpy(&word, b + at, sizeof(word));
	word = (be16) ~(sum + (sum >> 16));
	memcpy(b + 24, &word, sizeof(word));
	memcpy(b + 34, udp, sizeof(udp));
	b[42] = 8;
	b[48] = 7;
}

/* The packets come in an order of their own, so that tables are not walked in theirs. */
static void write_capture(const struct bench *bench, const char *path)
{
	uint32_t header[6] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, 65535, 1};
	uint32_t outer = bench->tunnel ? OUTER_SIZE : 0, size = outer + FRAME_SIZE;
	uint32_t record[4] = {0, 0, size, size};
	FILE *file = fopen(path, "wb");
	uint8_t frame[OUTER_SIZE + FRAME_SIZE];

	if (!file)
		die("the capture could not be written");
	fwrite(header, sizeof(header), 1, file);
	if (outer)
		make_outer(frame);
	for (unsigned i = 0; i < bench->n_packets; i++) {
		make_frame(bench, (i * 7919ULL) % bench->n_packets, frame + outer);
		fwrite(record, sizeof(record), 1, file);
		fwrite(frame, size, 1, file);
	}
	fclose(file);
}

static void base_match(struct key *key, struct key *mask, uint32_t in_port)
{
	memset(key, 0, sizeof(*key));
	memset(mask, 0, sizeof(*mask));
	key->base.in_port = in_port;
	mask->base.in_port = UINT32_MAX;
	mask->base.recirc = UINT32_MAX;
}

static struct program *output(uint16_t port)
{
	struct program_builder b;

	program_begin(&b);
	program_add_output(&b, port);
	return program_intern(&b);
}

static void add(const struct key *key, const struct key *mask, struct program *program)
{
	struct flow *flow;

	if (flow_add(NULL, key, mask, program, NULL, &flow))
		die("a flow could not be added");
}

static void add_port(const struct bench *bench, uint32_t in_port, uint16_t out_port)
{
	struct key key, mask;

	base_match(&key, &mask, in_port);
	add(&key, &mask, output(out_port));
}

static void ip_match(const struct bench *bench, struct key *key, struct key *mask, uint32_t in_port)
{
	base_match(key, mask, in_port);
	key->base.eth_type = be16_from(bench->ipv6 ? 0x86dd : 0x0800);
	mask->base.eth_type = UINT16_MAX;
	mask->base.ip_frag = UINT8_MAX;
	if (bench->ipv6) {
		key->base.blocks = KEY_HAS(KEY_BLOCK_IPV6);
		key->ipv6.dst[12] = 0x0b;
		memset(mask->ipv6.dst, 0xff, 13);
		return;
	}
	key->base.ip_dst = be32_from(0x0b000000);
	mask->base.ip_dst = be32_from(0xff000000);
}

static void add_ip(const struct bench *bench, uint32_t in_port, uint16_t out_port)
{
	struct key key, mask;

	ip_match(bench, &key, &mask, in_port);
	add(&key, &mask, output(out_port));
}

static void add_each(const struct bench *bench, uint32_t in_port, uint16_t out_port)
{
	struct key key, mask;

	ip_match(bench, &key, &mask, in_port);
	mask.base.ip_src = UINT32_MAX;
	for (unsigned i = 0; i < bench->n_packets; i++) {
		/* In another order than the packets come. */
		key.base.ip_src = be32_from(source_of((i * 104729ULL) % bench->n_packets));
		add(&key, &mask, output(out_port));
	}
}

static void add_masks(const struct bench *bench, uint32_t in_port, uint16_t out_port)
{
	struct key key, mask;

	ip_match(bench, &key, &mask, in_port);
	mask.base.ip_dst = UINT32_MAX;
	for (unsigned i = 0; i < bench->n_masks; i++) {
		key.base.ip_dst = be32_from(destination_of(bench, i));
		mask.base.l4_dst = be16_from(i + 1);
		key.base.l4_dst = be16_from(2000) & mask.base.l4_dst;
		add(&key, &mask, output(out_port));
	}
}

static void add_push(const struct bench *bench, uint32_t in_port, uint16_t out_port)
{
	struct program_builder b;
	struct key key, mask;

	ip_match(bench, &key, &mask, in_port);
	program_begin(&b);
	struct op_push_vlan *vlan = program_add(&b, &op_push_vlan);

	vlan->tpid = be16_from(0x8100);
	vlan->tci = be16_from(5);
	program_add_output(&b, out_port);
	add(&key, &mask, program_intern(&b));
}

static void add_rewrite(const struct bench *bench, uint32_t in_port, uint16_t out_port)
{
	struct program_builder b;
	struct key key, mask;

	ip_match(bench, &key, &mask, in_port);
	program_begin(&b);
	program_add(&b, &op_dec_ttl);
	struct op_set_eth *eth = program_add(&b, &op_set_eth);

	eth->dst.bytes[0] = 2;
	memset(&eth->dst_mask, 0xff, sizeof(eth->dst_mask));
	struct op_set_ipv4 *ip = program_add(&b, &op_set_ipv4);

	ip->dst = be32_from(0x01020304);
	ip->dst_mask = UINT32_MAX;
	program_add_output(&b, out_port);
	add(&key, &mask, program_intern(&b));
}

/* VXLAN. Its port is opened once and stays. */
static const struct port *tunnel_port(void)
{
	static struct port *tunnel;
	struct errbuf err;

	if (!tunnel) {
		json_t *options = json_pack("{s:s, s:s}", "remote_ip", "flow", "key", "flow");

		tunnel = port_open("vxlan", "vxlan", options, &err);
		json_decref(options);
	}
	if (!tunnel)
		die(err.text);
	return tunnel;
}

static void add_encap(const struct bench *bench, uint32_t in_port, uint16_t out_port)
{
	const struct port *tunnel = tunnel_port();
	struct program_builder b;
	struct key key, mask;
	struct encap_wish wish = {
		.tunnel = tunnel->tunnel,
		.port_id = tunnel->id,
		.src = ipaddr_from_v4(be32_from(0x0a000001)),
		.dst = ipaddr_from_v4(be32_from(0x0a000002)),
		.ttl = 64,
	};

	ip_match(bench, &key, &mask, in_port);
	program_begin(&b);
	encap_add(&b, &wish, &(struct tunnel_wish){.id = 7});
	program_add_output(&b, out_port);
	add(&key, &mask, program_intern(&b));
}

static void add_decap(const struct bench *bench, uint32_t in_port, uint16_t out_port)
{
	const struct port *tunnel = tunnel_port();
	struct program_builder b;
	struct key key, mask;

	if (n_wanted > 1)
		die("what comes out of the tunnel has one port to leave by: one worker");
	ip_match(bench, &key, &mask, tunnel->id);
	add(&key, &mask, output(out_port));
	base_match(&key, &mask, in_port);
	key.base.eth_type = be16_from(0x0800);
	mask.base.eth_type = UINT16_MAX;
	key.base.ip_proto = 17;
	mask.base.ip_proto = UINT8_MAX;
	mask.base.ip_frag = UINT8_MAX;
	key.base.l4_dst = be16_from(VXLAN_PORT);
	mask.base.l4_dst = UINT16_MAX;
	program_begin(&b);
	struct op_decap *decap = program_add(&b, &op_decap);

	decap->type = tunnel->tunnel->encapsulation;
	add(&key, &mask, program_intern(&b));
}

static const struct bench benches[] = {
	{"port-1", 1, add_port},
	{"ip-1", 1, add_ip},
	{"ip-1k", 1000, add_ip},
	{"ip-10k", 10000, add_ip},
	{"ip-100k", 100000, add_ip},
	{"ip-1m", 1000000, add_ip},
	{"ip-1m-no-exact", 1000000, add_ip, .no_exact = true},
	{"each-10k", 10000, add_each},
	{"each-100k", 100000, add_each},
	{"masks-50", 10000, add_masks, .n_masks = 50},
	{"masks-50-no-exact", 10000, add_masks, .n_masks = 50, .no_exact = true},
	{"ip-10k-no-exact", 10000, add_ip, .no_exact = true},
	{"ip-100k-no-exact", 100000, add_ip, .no_exact = true},
	{"each-100k-no-exact", 100000, add_each, .no_exact = true},
	{"ip6-10k", 10000, add_ip, .ipv6 = true},
	{"push-vlan", 1, add_push},
	{"rewrite", 1, add_rewrite},
	{"encap", 1, add_encap},
	{"encap-10k", 10000, add_encap},
	{"decap", 1, add_decap, .tunnel = true},
	{"decap-10k", 10000, add_decap, .tunnel = true},
};

static int compare(const void *a, const void *b)
{
	const double *x = a;
	const double *y = b;

	return (*x > *y) - (*x < *y);
}

/* What all workers have done so far. */
struct done {
	uint64_t packets, cycles, tsc;
};

static struct done look(void)
{
	struct done done = {.tsc = rte_rdtsc()};

	for (unsigned i = 0; i < n_wanted; i++) {
		const struct worker_stats *stats = &workers[i]->stats;

		done.packets += __atomic_load_n(&stats->packets, __ATOMIC_RELAXED);
		done.cycles += __atomic_load_n(&stats->busy_cycles, __ATOMIC_RELAXED);
	}
	return done;
}

static void measure(const char *name, unsigned n_windows)
{
	const struct worker_stats *stats = &workers[0]->stats;
	double hz = rte_get_tsc_hz();
	double samples[MAX_WINDOWS];
	double best = 0;
	unsigned n = 0;

	usleep(50000);
	for (unsigned i = 0; i < n_windows; i++) {
		struct done before = look();

		usleep(WINDOW_US);
		struct done now = look();
		uint64_t packets = now.packets - before.packets;
		double rate = packets * hz / (now.tsc - before.tsc) / 1e6;

		best = rate > best ? rate : best;
		if (packets > 1000)
			samples[n++] = (double)(now.cycles - before.cycles) / packets;
	}
	if (!n)
		die("no packets");
	qsort(samples, n, sizeof(samples[0]), compare);
	printf("%-20s %6.1f %6.1f %6.1f   exact %5.1f %%  misses %lu\n",
	       name,
	       samples[0],
	       samples[n / 2],
	       best,
	       100.0 * stats->exact_hits / stats->packets,
	       (unsigned long)stats->misses);
	fflush(stdout);
}

static bool delete_flow(const struct flow *flow, void *context)
{
	flow_del((struct flow *)flow);
	return true;
}

/* The last cores: the first has most to do for others. */
static void choose_cores(struct worker_config *config)
{
	unsigned n_cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (only_core >= 0)
		config->cores[only_core / 64] |= 1ULL << only_core % 64;
	for (unsigned i = 0; n_wanted > 1 && i < n_wanted && i < n_cores; i++)
		config->cores[(n_cores - 1 - i) / 64] |= 1ULL << (n_cores - 1 - i) % 64;
}

static void run(const struct bench *bench, unsigned n_windows)
{
	char args[256];
	char path[] = "/tmp/forward-XXXXXX";
	struct worker_config config = {.exact.off = bench->no_exact};
	struct port *in[MAX_WORKERS] = {NULL}, *out[MAX_WORKERS] = {NULL};
	struct errbuf err;
	static unsigned round;
	char name[32];

	close(mkstemp(path));
	write_capture(bench, path);
	snprintf(args, sizeof(args), "rx_pcap=%s,infinite_rx=1", path);
	for (unsigned i = 0; i < n_wanted; i++) {
		snprintf(name, sizeof(name), "net_pcap%u", round);
		in[i] = open_port(name, args, bench->n_packets);
		snprintf(name, sizeof(name), "net_null%u", round++);
		out[i] = open_port(name, "no-rx=1", 512);
		bench->add_flows(bench, in[i]->id, out[i]->id);
	}
	choose_cores(&config);
	if (workers_configure(&config, &err))
		die(err.text);
	if (workers_count() < n_wanted)
		die("there are fewer cores than workers");
	plan_add_ports(in, n_wanted);
	measure(bench->name, n_windows);
	workers_stop();
	flow_foreach(delete_flow, NULL);
	for (unsigned i = 0; i < n_wanted; i++) {
		port_close(in[i]);
		port_close(out[i]);
	}
	pool_release(pool_default(), 0);
	unlink(path);
}

int main(int argc, char **argv)
{
	struct datapath_config config = {.enable_dummy = true, .eal_extra = "--no-pci"};
	unsigned n_windows = 100;
	struct errbuf err;
	int first = 1;

	for (; first + 1 < argc && argv[first][0] == '-'; first += 2) {
		if (argv[first][1] == 'w')
			n_windows = atoi(argv[first + 1]);
		else if (argv[first][1] == 'c')
			only_core = atoi(argv[first + 1]);
		else
			n_wanted = atoi(argv[first + 1]);
	}
	if (!n_wanted || n_wanted > MAX_WORKERS)
		die("there can be 1 to 8 workers");
	if (only_core >= CORES || (only_core >= 0 && n_wanted > 1))
		die("a core can be chosen for a single worker");
	if (n_windows > MAX_WINDOWS)
		n_windows = MAX_WINDOWS;
	epoch_register();
	if (datapath_start(&config, &err))
		die(err.text);
	printf("%-20s %6s %6s %6s\n", "case", "least", "median", "Mpps");
	for (unsigned i = 0; i < ARRAY_LENGTH(benches); i++) {
		bool wanted = first == argc;

		for (int k = first; k < argc; k++)
			wanted |= !strcmp(argv[k], benches[i].name);
		if (wanted)
			run(&benches[i], n_windows);
	}
	datapath_stop();
	return 0;
}
