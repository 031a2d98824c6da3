/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/output.h"

#include <string.h>

#include <rte_mbuf.h>

#include "datapath/drop.h"
#include "datapath/fast/meta.h"
#include "datapath/fast/transmit.h"
#include "datapath/packet/offload.h"
#include "datapath/packet/offload_tunnel.h"
#include "datapath/pool.h"
#include "datapath/port_priv.h"
#include "datapath/worker_priv.h"
#include "lib/epoch.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

DROP_REASON(not_cut, "a packet in a tunnel could not be cut into segments, or given checksums");
DROP_REASON(no_buffer, "no memory for a copy of the packet was left in the pool");

static void truncate_one(struct rte_mbuf *pkt, uint32_t size)
{
	struct rte_mbuf *last = pkt;
	uint32_t left = size;
	uint16_t n = 1;

	for (; last->data_len < left; n++) {
		left -= last->data_len;
		last = last->next;
	}
	last->data_len = left;
	rte_pktmbuf_free(last->next);
	last->next = NULL;
	pkt->nb_segs = n;
	pkt->pkt_len = size;
}

/* What was left to be done for the whole packet cannot be done for its beginning, which leaves as it is:
 * headers that say where to may have been cut off. */
static void forget_work(struct rte_mbuf *pkt)
{
	pkt->ol_flags &= ~(OFFLOAD_PENDING | RTE_MBUF_F_TX_TUNNEL_MASK);
}

static __attribute__((noinline)) void shorten(struct rte_mbuf **pkts, uint16_t n, uint16_t size)
{
	for (uint16_t i = 0; i < n; i++) {
		if (pkts[i]->pkt_len <= size)
			continue;
		truncate_one(pkts[i], size);
		forget_work(pkts[i]);
	}
}

/* A packet in a tunnel whose sender left something to be done. */
static __attribute__((noinline)) void
send_resolved(struct worker *worker, uint16_t port_id, struct rte_mbuf *pkt)
{
	const struct port *port = epoch_load(&ports_by_id[port_id]);
	struct rte_mbuf *segments[OFFLOAD_SEGMENTS];
	uint16_t from = pkt->port;
	uint16_t n = offload_tunnel_resolve(pkt, port ? port->tunnel_can : 0, segments);

	if (n)
		transmit_append(worker, port_id, segments, n);
	else
		worker_count_drop(worker, from, &drop_not_cut);
}

static inline void
send_all(struct worker *worker, uint16_t port_id, struct rte_mbuf **pkts, uint16_t n)
{
	uint64_t flags = 0;

	for (uint16_t i = 0; i < n; i++)
		flags |= pkts[i]->ol_flags;
	if (likely(!(flags & RTE_MBUF_F_TX_TUNNEL_MASK))) {
		transmit_append(worker, port_id, pkts, n);
		return;
	}
	for (uint16_t i = 0; i < n; i++) {
		if (offload_tunnel_is_pending(pkts[i]))
			send_resolved(worker, port_id, pkts[i]);
		else
			transmit_append(worker, port_id, &pkts[i], 1);
	}
}

/* Fills a fresh mbuf, if the packet is in one piece that fits. */
static inline bool copy_into(struct rte_mbuf *copy, const struct rte_mbuf *pkt, uint32_t size)
{
	uint32_t length = pkt->pkt_len < size ? pkt->pkt_len : size;

	if (unlikely(pkt->nb_segs > 1 || length > rte_pktmbuf_tailroom(copy)))
		return false;
	copy->port = pkt->port;
	copy->ol_flags = pkt->ol_flags & ~OFFLOAD_MEMORY;
	copy->packet_type = pkt->packet_type;
	copy->tx_offload = pkt->tx_offload;
	copy->data_len = length;
	copy->pkt_len = length;
	memcpy(rte_pktmbuf_mtod(copy, void *), rte_pktmbuf_mtod(pkt, const void *), length);
	return true;
}

static struct rte_mbuf *copy_slowly(struct worker *worker, struct rte_mbuf *pkt, uint32_t size)
{
	struct rte_mbuf *copy = rte_pktmbuf_copy(pkt, worker->pool, 0, size);

	if (!copy)
		worker_count_drop(worker, pkt->port, &drop_no_buffer);
	return copy;
}

/* Sends copies of at most 'size' bytes. */
static void send_copies(
	struct worker *worker, uint16_t port_id, struct rte_mbuf **pkts, uint16_t n, uint32_t size
)
{
	struct rte_mbuf *fresh[BATCH_SIZE], *copies[BATCH_SIZE];
	bool bulk = !rte_pktmbuf_alloc_bulk(worker->pool, fresh, n);
	uint16_t n_copies = 0;

	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *copy = bulk ? fresh[i] : NULL;

		if (unlikely(!copy || !copy_into(copy, pkts[i], size))) {
			rte_pktmbuf_free(copy);
			copy = copy_slowly(worker, pkts[i], size);
		}
		if (unlikely(copy && pkts[i]->pkt_len > size))
			forget_work(copy);
		copies[n_copies] = copy;
		n_copies += copy != NULL;
	}
	send_all(worker, port_id, copies, n_copies);
}

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	const struct op_output *output = args;
	uint32_t size = output->max_size ? output->max_size : UINT32_MAX;

	for (unsigned i = 0; i < output->n; i++)
		send_copies(worker, output->ports[i], pkts, n, size);
	return n;
}

/* The last port gets the packets themselves, not copies. */
static uint16_t
run_last(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	const struct op_output *output = args;
	uint32_t size = output->max_size ? output->max_size : UINT32_MAX;
	unsigned last = output->n - 1;

	for (unsigned i = 0; i < last; i++)
		send_copies(worker, output->ports[i], pkts, n, size);
	if (unlikely(output->max_size))
		shorten(pkts, n, output->max_size);
	send_all(worker, output->ports[last], pkts, n);
	return 0;
}

static void format(const void *args, struct strbuf *out)
{
	const struct op_output *output = args;

	for (unsigned i = 0; i < output->n; i++) {
		if (i)
			strbuf_add_char(out, ',');
		if (output->max_size)
			strbuf_addf(out, "trunc(%u),", output->max_size);
		strbuf_addf(out, "%u", output->ports[i]);
	}
}

const struct op_type op_output = {
	.name = "output",
	.size = offsetof(struct op_output, ports) + OP_OUTPUT_PORTS * sizeof(uint16_t),
	.effect = true,
	.run = run,
	.run_last = run_last,
	.format = format,
};
REGISTRY_ADD(op_type, op_output);
