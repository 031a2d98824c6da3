/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/encap.h"

#include <string.h>

#include <rte_mbuf.h>

#include "datapath/capture/take.h"
#include "datapath/drop.h"
#include "datapath/ops/packet.h"
#include "datapath/packet/offload.h"
#include "datapath/tunnel/ecn.h"
#include "datapath/tunnel/header.h"
#include "datapath/tunnel/tunnel.h"
#include "datapath/worker_priv.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

DROP_REASON(tunnel_no_room, "there was no memory for the header of a tunnel");
DROP_REASON(tunnel_too_long, "a packet is too long for the tunnel it was to enter");
DROP_REASON(tunnel_offload, "what the sender left to be done on a packet could not be done");

enum {
	PIECE = 16, /* headers are copied in pieces of this size, from their end */
	LONG_SPARE = 64, /* room for tags in front of a header that got a segment of its own */
};

/* Copied in pieces. */
static inline uint16_t room_of(const struct op_encap_head *head)
{
	return (head->size + PIECE - 1) & ~(PIECE - 1);
}

/* The headers do not fit in front of the packet: they get a segment of their own. */
static __attribute__((noinline)) struct rte_mbuf *
put_in_front(struct worker *worker, struct rte_mbuf *pkt, uint16_t size)
{
	struct rte_mbuf *front = rte_pktmbuf_alloc(worker->pool);

	if (!front)
		return NULL;
	front->data_off = LONG_SPARE;
	if (!rte_pktmbuf_append(front, size) || pkt->nb_segs == UINT8_MAX) {
		rte_pktmbuf_free(front);
		return NULL;
	}
	front->port = pkt->port;
	offload_set_flags(front, pkt->ol_flags);
	front->tso_segsz = pkt->tso_segsz;
	front->pkt_len = size + pkt->pkt_len;
	front->nb_segs = pkt->nb_segs + 1;
	front->next = pkt;
	*meta_of(front) = *meta_of(pkt);
	meta_of(front)->inner_start = 0;
	return front;
}

/* Copies the header in front of the packet. */
static struct rte_mbuf *put_header(
	struct worker *worker,
	const struct op_encap_head *head,
	const uint8_t *header,
	struct rte_mbuf *pkt
)
{
	const uint8_t *from = header + head->room * ENCAP_UNIT;
	uint16_t whole = room_of(head);

	meta_of(pkt)->inner_start = pkt->data_off;
	if (unlikely(rte_pktmbuf_headroom(pkt) < whole)) {
		pkt = put_in_front(worker, pkt, head->size);
		if (pkt)
			memcpy(rte_pktmbuf_mtod(pkt, void *), from - head->size, head->size);
		return pkt;
	}
	uint8_t *to = rte_pktmbuf_mtod(pkt, uint8_t *);

	for (uint16_t i = 0; i < whole; i += PIECE) {
		to -= PIECE;
		from -= PIECE;
		memcpy(to, from, PIECE);
	}
	rte_pktmbuf_prepend(pkt, head->size);
	return pkt;
}

static uint8_t ecn_of(struct rte_mbuf *pkt)
{
	if (packet_is(pkt, TYPE_IPV4))
		return packet_l3(pkt)[1] & ECN_MASK;
	if (packet_is(pkt, TYPE_IPV6))
		return packet_l3(pkt)[1] >> 4 & ECN_MASK;
	return 0;
}

/* Where things are now, for the ops that follow. 'before' may be the same metadata. */
static inline void
note(const struct op_encap_head *head, struct rte_mbuf *pkt, const struct meta *before)
{
	struct meta *meta = meta_of(pkt);

	meta->inner_l3 = before->l3;
	meta->inner_l4 = before->l4;
	meta->inner_eth_type = before->eth_type;
	meta->inner_ip_proto = before->ip_proto;
	meta->l3 = pkt->data_off + ETH_SIZE;
	meta->l4 = pkt->data_off + head->l4;
	meta->eth_type = be16_from(head->ipv6 ? TYPE_IPV6 : TYPE_IPV4);
	meta->ip_proto = head->udp ? PROTO_UDP : PROTO_GRE;
}

static struct rte_mbuf *put_into(
	struct worker *worker,
	const struct op_encap_head *head,
	const uint8_t *header,
	struct rte_mbuf *pkt
)
{
	const struct drop_reason *wrong = NULL;
	struct rte_mbuf *whole;
	uint32_t length;

	if (unlikely(offload_is_pending(pkt)) && !header_settle(head, pkt, room_of(head)))
		wrong = &drop_tunnel_offload;
	length = pkt->pkt_len + head->size;
	if (unlikely(!wrong && length > UINT16_MAX))
		wrong = &drop_tunnel_too_long;
	if (unlikely(wrong)) {
		worker_drop(worker, &pkt, 1, wrong);
		return NULL;
	}
	if (unlikely(head->bare))
		rte_pktmbuf_adj(pkt, packet_find_inside(pkt));
	uint8_t ecn = ecn_of(pkt);
	uint32_t hash = meta_of(pkt)->hash;

	whole = put_header(worker, head, header, pkt);
	if (unlikely(!whole)) {
		worker_drop(worker, &pkt, 1, &drop_tunnel_no_room);
		return NULL;
	}
	header_finish(worker, head, whole, (struct header_says){.ecn = ecn, .hash = hash});
	note(head, whole, meta_of(pkt));
	return whole;
}

static uint16_t run_with(
	struct worker *worker,
	const struct op_encap_head *head,
	const uint8_t *header,
	struct rte_mbuf **pkts,
	uint16_t n
)
{
	struct port_counters *counters = &worker->port_counters[head->port_id];
	const struct port *port = epoch_load(&ports_by_id[head->port_id]);
	uint16_t left = 0;

	if (likely(port))
		capture_at(worker, port, CAPTURE_TX, pkts, n);
	for (uint16_t i = 0; i < n; i++) {
		uint32_t length = pkts[i]->pkt_len;
		struct rte_mbuf *pkt = put_into(worker, head, header, pkts[i]);

		if (unlikely(!pkt))
			continue;
		COUNTER_ADD(counters->tx_bytes, length);
		pkts[left++] = pkt;
	}
	COUNTER_ADD(counters->tx_packets, left);
	return left;
}

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	const struct op_encap *encap = args;

	return run_with(worker, &encap->head, encap->header, pkts, n);
}

static uint16_t
run_long(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	const struct op_encap_long *encap = args;

	return run_with(worker, &encap->head, encap->header, pkts, n);
}

static void format_head(const struct op_encap_head *head, const uint8_t *ip, struct strbuf *out)
{
	char src[IPADDR_TEXT_SIZE], dst[IPADDR_TEXT_SIZE];
	struct ipaddr a, b;

	if (head->ipv6) {
		memcpy(&a, ip + 8, sizeof(a));
		memcpy(&b, ip + 24, sizeof(b));
	} else {
		a = ipaddr_from_v4(load32(ip + 12));
		b = ipaddr_from_v4(load32(ip + 16));
	}
	strbuf_addf(
		out,
		"encap(%s,port=%u,src=%s,dst=%s,header=",
		head->name,
		head->port_id,
		ipaddr_format(&a, src),
		ipaddr_format(&b, dst)
	);
	for (const uint8_t *at = ip + (head->l4 - ETH_SIZE); at < ip - ETH_SIZE + head->size; at++)
		strbuf_addf(out, "%02x", *at);
	strbuf_add_char(out, ')');
}

static void format(const void *args, struct strbuf *out)
{
	const struct op_encap *encap = args;

	format_head(&encap->head, encap->header + ENCAP_SHORT - encap->head.size + ETH_SIZE, out);
}

static void format_long(const void *args, struct strbuf *out)
{
	const struct op_encap_long *encap = args;

	format_head(&encap->head, encap->header + ENCAP_LONG - encap->head.size + ETH_SIZE, out);
}

const struct op_type op_encap = {
	.name = "encap",
	.size = sizeof(struct op_encap),
	.needs_meta = true,
	.run = run,
	.format = format,
};
REGISTRY_ADD(op_type, op_encap);

const struct op_type op_encap_long = {
	.name = "encap_long",
	.size = sizeof(struct op_encap_long),
	.needs_meta = true,
	.run = run_long,
	.format = format_long,
};
REGISTRY_ADD(op_type, op_encap_long);
