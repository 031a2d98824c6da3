/* SPDX-License-Identifier: Apache-2.0 */

/* Any frame, taken for one that came through a tunnel of each kind, and what comes out of it looked at as
 * the worker does.
 *
 * The input is a byte of circumstances (CHECKSUM…), one that says where the first segment ends, and the
 * frame.  */

#include <netinet/in.h>

#include <rte_ip.h>

#include "datapath/fast/meta.h"
#include "datapath/fast/parse.h"
#include "datapath/ops/decap.h"
#include "datapath/tunnel/options.h"
#include "datapath/tunnel/tunnel.h"
#include "tests/fuzz/worker.h"

enum {
	CHECKSUM = 1, /* that of the IPv4 header is made right */
	SPLIT = 2, /* the frame is in two segments */
	CHECKED = 4, /* the device found the L4 checksum good */
	LEFT = 8, /* a tunnel of this switch left it to be filled in */
	COPY = 16, /* something else is done to the outer packet */
	KINDS = 3,
};

static const struct encapsulation *kinds[KINDS];
static struct port *geneve;

static struct port *open_as(const char *name, const char *type, const char *exts, bool bare)
{
	const char *inside = bare ? "legacy_l3" : "legacy_l2";
	json_t *options = json_pack(
		"{s:s, s:s, s:s}", "remote_ip", "flow", "key", "flow", "packet_type", inside
	);
	struct errbuf err;

	if (exts)
		json_object_set_new(options, "exts", json_string(exts));
	struct port *port = port_open(name, type, options, &err);

	if (!port)
		abort();
	json_decref(options);
	return port;
}

static struct port *open_tunnel(const char *type, const char *exts)
{
	return open_as(type, type, exts, false);
}

static void start(void)
{
	struct tunnel_options options = {.bound = 1 << 1 | 1 << 5};

	fuzz_start_worker();
	kinds[0] = open_tunnel("vxlan", "gbp")->tunnel->encapsulation;
	geneve = open_tunnel("geneve", NULL);
	kinds[1] = geneve->tunnel->encapsulation;
	kinds[2] = open_tunnel("gre", NULL)->tunnel->encapsulation;
	open_tunnel("erspan", NULL);
	/* And what travels without an Ethernet header. */
	open_as("bare-vxlan", "vxlan", "gpe", true);
	open_as("bare-gre", "gre", NULL, true);
	/* Two options have fields, and one of them must be known to whoever gets it. */
	options.ids[1] = 0x010203;
	options.ids[5] = 0x010285;
	tlv_bind(&options.map, 1, 4);
	tlv_bind(&options.map, 5, 8);
	tunnel_options_set(geneve->id, &options);
}

static void correct_checksum(struct rte_mbuf *pkt)
{
	const struct meta *meta = meta_of(pkt);
	struct rte_ipv4_hdr *ip = (void *)((uint8_t *)pkt->buf_addr + meta->l3);

	if (!meta->l4 || ip->version != 4 ||
	    meta->l3 + rte_ipv4_hdr_len(ip) > pkt->data_off + pkt->data_len)
		return;
	ip->hdr_checksum = 0;
	ip->hdr_checksum = (uint16_t)~rte_raw_cksum(ip, rte_ipv4_hdr_len(ip));
}

/* Its first segment has room behind its data, as those of devices have. */
static struct rte_mbuf *make_split(size_t first, const uint8_t *data, size_t size)
{
	struct rte_mbuf *pkt = rte_pktmbuf_alloc(fuzz_worker->pool);

	if (!pkt)
		abort();
	memcpy(rte_pktmbuf_append(pkt, (uint16_t)first), data, first);
	pkt->port = IN_PORT;
	if (rte_pktmbuf_chain(pkt, fuzz_frame(data + first, size - first)))
		abort();
	return pkt;
}

static struct rte_mbuf *
make_packet(uint8_t circumstances, size_t first, const uint8_t *data, size_t size)
{
	bool split = circumstances & SPLIT && first >= FRAME_MIN && first < size;
	struct rte_mbuf *pkt = split ? make_split(first, data, size) : fuzz_frame(data, size);

	if (circumstances & CHECKED)
		pkt->ol_flags |= RTE_MBUF_F_RX_L4_CKSUM_GOOD;
	if (circumstances & LEFT)
		pkt->ol_flags |= RTE_MBUF_F_TX_TUNNEL_VXLAN | RTE_MBUF_F_TX_UDP_CKSUM;
	if (!fuzz_parse(pkt)) /* which drops it then */
		return NULL;
	if (circumstances & CHECKSUM)
		correct_checksum(pkt);
	return pkt;
}

/* What came out is parsed anew, with what its tunnel says. */
static void look_inside(void)
{
	struct inner *inner = &fuzz_worker->inner;

	for (unsigned i = 0; i < inner->n; i++) {
		struct batch batch = {.n = 1, .pkts = {inner->pkts[i]}};

		fuzz_check(inner->pkts[i]);
		fuzz_worker->in_port = inner->pkts[i]->port;
		parse_batch(fuzz_worker, &batch);
		parse_tunnels(fuzz_worker, &batch);
		if (execute_set_meta(fuzz_worker, 0, inner->pkts[i]))
			rte_pktmbuf_free(inner->pkts[i]);
	}
	inner->n = 0;
	fuzz_worker->in_port = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!fuzz_worker)
		start();
	if (size < 2 + FRAME_MIN || size > 2 + FRAME_MAX)
		return 0;
	for (unsigned i = 0; i < KINDS; i++) {
		const struct op_decap args = {.type = kinds[i]};
		struct rte_mbuf *pkt = make_packet(data[0], data[1], data + 2, size - 2);

		if (!pkt)
			continue;
		if (data[0] & COPY) {
			if (op_decap.run(fuzz_worker, &args, &pkt, 1) != 1)
				abort();
			fuzz_check(pkt);
			rte_pktmbuf_free(pkt);
		} else if (op_decap.run_last(fuzz_worker, &args, &pkt, 1)) {
			abort();
		}
		look_inside();
	}
	return 0;
}
