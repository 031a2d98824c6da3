/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/recirc.h"

#include <string.h>

#include <rte_mbuf.h>

#include "datapath/drop.h"
#include "datapath/fast/recirc.h"
#include "datapath/ops/packet.h"
#include "datapath/packet/offload.h"
#include "datapath/packet/offload_tunnel.h"
#include "datapath/worker_priv.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

DROP_REASON(recirc_no_buffer, "no memory for the copy that was to be looked up again was left");

DROP_REASON(recirc_not_cut, "a packet could not be cut to be sent through two tunnels");

static void (*watcher)(uint32_t point, int n);

void recirc_watch(void (*used)(uint32_t point, int n))
{
	watcher = used;
}

static void tell(const struct op_recirc *recirc, int n)
{
	if (!watcher)
		return;
	watcher(recirc->point, n);
	if (recirc->size)
		watcher(recirc->larger, n);
}

static void hold(const void *args)
{
	tell(args, 1);
}

static void release(const void *args)
{
	tell(args, -1);
}

/* Bytes of the longest packet that will leave in its place, where TCP is to be cut. */
static __attribute__((noinline)) uint32_t length_when_cut(struct rte_mbuf *pkt)
{
	if (offload_parse(pkt) < 0)
		return pkt->pkt_len;
	uint32_t length = pkt->l2_len + pkt->l3_len + pkt->l4_len + pkt->tso_segsz;

	return length < pkt->pkt_len ? length : pkt->pkt_len;
}

/* As OpenFlow's extension counts: a VLAN tag is not part of it. */
static uint32_t length_of(struct rte_mbuf *pkt)
{
	bool is_cut = pkt->ol_flags & RTE_MBUF_F_TX_TCP_SEG;
	uint32_t length = unlikely(is_cut) ? length_when_cut(pkt) : pkt->pkt_len;

	return packet_is_tagged(pkt) ? length - VLAN_SIZE : length;
}

static uint32_t choose_point(const struct op_recirc *recirc, struct rte_mbuf *pkt)
{
	return recirc->size && length_of(pkt) > recirc->size ? recirc->larger : recirc->point;
}

/* What is in a tunnel goes round to enter another one, and is cut before: nobody cuts what is in
 * two. */
static __attribute__((noinline)) void
put_segments(struct worker *worker, const struct op_recirc *recirc, struct rte_mbuf *pkt)
{
	struct rte_mbuf *segments[OFFLOAD_SEGMENTS];
	uint16_t port = pkt->port;
	uint16_t n = offload_tunnel_resolve(pkt, 0, segments);

	if (!n)
		worker_count_drop(worker, port, &drop_recirc_not_cut);
	for (uint16_t i = 0; i < n; i++) {
		memset(meta_of(segments[i]), 0, sizeof(struct meta));
		recirc_put(worker, choose_point(recirc, segments[i]), &segments[i], 1);
	}
}

static uint16_t
run_last(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	const struct op_recirc *recirc = args;

	for (uint16_t i = 0; i < n; i++) {
		if (unlikely(offload_tunnel_is_pending(pkts[i])))
			put_segments(worker, recirc, pkts[i]);
		else
			recirc_put(worker, choose_point(recirc, pkts[i]), &pkts[i], 1);
	}
	return 0;
}

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *copy = rte_pktmbuf_copy(pkts[i], worker->pool, 0, UINT32_MAX);

		if (unlikely(!copy)) {
			worker_count_drop(worker, pkts[i]->port, &drop_recirc_no_buffer);
			continue;
		}
		meta_copy(copy, pkts[i]);
		run_last(worker, args, &copy, 1);
	}
	return n;
}

static void format(const void *args, struct strbuf *out)
{
	const struct op_recirc *recirc = args;

	if (recirc->size)
		strbuf_addf(
			out,
			"check_pkt_len(size=%u,gt(recirc(%#x)),le(recirc(%#x)))",
			recirc->size,
			recirc->larger,
			recirc->point
		);
	else
		strbuf_addf(out, "recirc(%#x)", recirc->point);
}

const struct op_type op_recirc = {
	.name = "recirc",
	.size = sizeof(struct op_recirc),
	.effect = true,
	.run = run,
	.run_last = run_last,
	.hold = hold,
	.release = release,
	.format = format,
};
REGISTRY_ADD(op_type, op_recirc);
