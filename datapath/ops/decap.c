/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/decap.h"

#include <assert.h>
#include <string.h>

#include <rte_ip.h>

#include "datapath/drop.h"
#include "datapath/fast/execute.h"
#include "datapath/ops/packet.h"
#include "datapath/packet/offload.h"
#include "datapath/tunnel/ecn.h"
#include "datapath/tunnel/outer.h"
#include "datapath/tunnel/tunnel.h"
#include "datapath/worker_priv.h"
#include "lib/epoch.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

DROP_REASON(tunnel_no_port, "no tunnel port has the packet's key, far end and own address");
DROP_REASON(
	tunnel_not_ethernet, "a tunnel packet carries no Ethernet frame, and no port is for such"
);
DROP_REASON(tunnel_congested, "the tunnel was congested and the packet inside cannot be told so");
DROP_REASON(tunnel_option, "an option of a tunnel packet must be known and is bound to no field");
DROP_REASON(tunnel_no_copy, "no memory for a copy of a tunnel packet was left");
DROP_REASON(tunnel_queue_full, "too many packets came out of tunnels at once");

/* Cuts off what stands behind the outer packet: Ethernet's padding. */
static void trim(struct rte_mbuf *pkt, uint32_t size)
{
	uint32_t more = pkt->pkt_len - size;

	while (more) {
		struct rte_mbuf *last = rte_pktmbuf_lastseg(pkt);
		uint32_t part = more < last->data_len ? more : last->data_len;

		rte_pktmbuf_trim(pkt, (uint16_t)part);
		more -= part;
		if (last->data_len || last == pkt)
			continue;
		struct rte_mbuf *before = pkt;

		while (before->next != last)
			before = before->next;
		before->next = NULL;
		pkt->nb_segs--;
		rte_pktmbuf_free_seg(last);
	}
}

/* The metadata of the packet inside, which has not been parsed yet. Field by field: a struct made
 * first would be loaded in words right after it was stored in bytes, which stalls. */
static void note(struct outer *o)
{
	struct meta *meta = meta_of(o->pkt);

	meta->outer_l3 = meta->l3;
	meta->outer_l4 = meta->l4;
	meta->outer_options = o->info.n_options;
	meta->tun_id = o->info.id;
	meta->tun_flags = be16_from(o->info.oam ? KEY_TUNNEL_OAM : 0);
	meta->gbp_id = o->info.gbp_id;
	meta->gbp_flags = o->info.gbp_flags;
	meta->zero = 0;
	meta->recirc = 0;
	meta->ct_state = 0;
	meta->ct_mark = 0;
	meta->ct_zone = 0;
	if (o->ipv6) {
		meta->tun_tos = (uint8_t)(host16(o->ip) >> 4);
		meta->tun_ttl = o->ip[7];
		meta->tun_src = 0;
		meta->tun_dst = 0;
	} else {
		meta->tun_tos = o->ip[1];
		meta->tun_ttl = o->ip[8];
		meta->tun_src = load32(o->ip + 12);
		meta->tun_dst = load32(o->ip + 16);
	}
}

/* What a tunnel within this switch left to be done is done to the inner packet; everything else was
 * about the outer one. */
static uint64_t inner_flags(uint64_t flags)
{
	const uint64_t pending = RTE_MBUF_F_TX_L4_MASK | RTE_MBUF_F_TX_TCP_SEG;

	return flags & RTE_MBUF_F_TX_TUNNEL_MASK ? flags & pending : 0;
}

/* Packets that follow each other are mostly of one tunnel. */
static uint16_t find_port(struct inner *inner, const struct outer *o)
{
	uint32_t map = tunnels_version();

	if (likely(map == inner->map && o->type == inner->type &&
		   tunnel_place_equal(&o->place, &inner->place)))
		return inner->port_id;
	inner->map = map;
	inner->type = o->type;
	inner->place = o->place;
	inner->port_id = tunnels_lookup(o->type, &o->place);
	return inner->port_id;
}

/* What has no Ethernet header gets one, for which the headers that were taken off leave room. It may
 * come to stand where the outer IPv6 header was, whose addresses are still to be read. */
static __attribute__((noinline)) void put_ethernet(const struct outer *o)
{
	uint8_t *eth = (uint8_t *)rte_pktmbuf_prepend(o->pkt, ETH_SIZE);

	assert(eth);
	if (o->ipv6) {
		memmove(o->ip - ETH_SIZE, o->ip, IPV6_SIZE);
		meta_of(o->pkt)->outer_l3 -= ETH_SIZE;
	}
	memset(eth, 0, ETH_SIZE - sizeof(be16));
	memcpy(eth + ETH_SIZE - sizeof(be16), &o->info.inner_type, sizeof(be16));
}

static const struct drop_reason *take_out(struct worker *worker, struct outer *o)
{
	const struct drop_reason *wrong;
	uint16_t port_id;
	uint8_t ecn;

	wrong = outer_read(o);
	if (unlikely(wrong))
		return wrong;
	port_id = find_port(&worker->inner, o);
	if (unlikely(!port_id))
		return o->place.bare ? &drop_tunnel_not_ethernet : &drop_tunnel_no_port;
	const struct port *port = epoch_load(&ports_by_id[port_id]);

	if (unlikely(!port || !port->tunnel))
		return &drop_tunnel_no_port;
	if (unlikely(o->info.critical) && !outer_knows_options(o, port_id))
		return &drop_tunnel_option;
	if (!port->tunnel->gbp)
		o->info.gbp_id = o->info.gbp_flags = 0;
	ecn = o->ipv6 ? o->ip[1] >> 4 & ECN_MASK : o->ip[1] & ECN_MASK;
	if (o->end < o->pkt->pkt_len)
		trim(o->pkt, o->end);
	note(o);
	rte_pktmbuf_adj(o->pkt, (uint16_t)(o->l4_at + o->info.size));
	offload_set_flags(o->pkt, inner_flags(o->pkt->ol_flags));
	if (unlikely(o->place.bare))
		put_ethernet(o);
	if (unlikely(ecn > ECN_ECT0 || ecn == ECN_ECT1) && !ecn_take_over(o->pkt, ecn))
		return &drop_tunnel_congested;
	o->pkt->port = port_id;
	COUNTER_ADD(worker->port_counters[port_id].rx_packets, 1);
	COUNTER_ADD(worker->port_counters[port_id].rx_bytes, o->pkt->pkt_len);
	return NULL;
}

static uint16_t
run_last(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	const struct op_decap *decap = args;
	struct inner *inner = &worker->inner;

	for (uint16_t i = 0; i < n; i++) {
		struct outer outer;

		/* Not all of it: the rest is written when it is read. */
		outer.type = decap->type;
		outer.pkt = pkts[i];
		outer.place.dst_port = 0;
		outer.info = (struct tunnel_info){0};
		const struct drop_reason *reason = take_out(worker, &outer);

		if (unlikely(!reason && inner->n == ARRAY_LENGTH(inner->pkts)))
			reason = &drop_tunnel_queue_full;
		if (unlikely(reason))
			worker_drop(worker, &pkts[i], 1, reason);
		else
			inner->pkts[inner->n++] = pkts[i];
	}
	return 0;
}

/* What else is done to the packets is done to the outer ones. */
static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *copy = rte_pktmbuf_copy(pkts[i], worker->pool, 0, UINT32_MAX);

		if (unlikely(!copy)) {
			worker_count_drop(worker, pkts[i]->port, &drop_tunnel_no_copy);
			continue;
		}
		meta_copy(copy, pkts[i]);
		run_last(worker, args, &copy, 1);
	}
	return n;
}

static void format(const void *args, struct strbuf *out)
{
	const struct op_decap *decap = args;

	strbuf_addf(out, "decap(%s)", decap->type->name);
}

const struct op_type op_decap = {
	.name = "decap",
	.size = sizeof(struct op_decap),
	.effect = true,
	.needs_meta = true,
	.run = run,
	.run_last = run_last,
	.format = format,
};
REGISTRY_ADD(op_type, op_decap);
