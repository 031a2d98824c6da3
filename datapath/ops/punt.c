/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/punt.h"

#include <rte_mbuf.h>

#include "datapath/drop.h"
#include "datapath/meter/meter.h"
#include "datapath/packet/offload.h"
#include "datapath/punt.h"
#include "datapath/worker_priv.h"
#include "lib/strbuf.h"

#include "datapath/fast/fast.h"

DROP_REASON(punt_not_whole, "a packet too large to be held was to wait outside the workers");
DROP_REASON(punt_full, "the main thread is behind with packets for controllers and protocols");

/* What is said about the packet stands in a buffer of its own in front of the copy. */
static struct rte_mbuf *
copy_of(struct worker *worker, const struct op_punt *punt, struct rte_mbuf *pkt)
{
	struct punt_head *about;
	struct rte_mbuf *head = rte_pktmbuf_alloc(worker->pool);
	struct rte_mbuf *copy =
		head ? rte_pktmbuf_copy(pkt, worker->pool, 0, punt->max_size) : NULL;

	/* Who gets the bytes cannot see what its sender left to be done. */
	if (copy && offload_is_pending(copy) && !(copy->ol_flags & RTE_MBUF_F_TX_TCP_SEG) &&
	    copy->pkt_len == pkt->pkt_len)
		offload_finish(copy);
	about = copy ? (void *)rte_pktmbuf_append(head, sizeof(*about) + punt->n_more) : NULL;
	if (!about || rte_pktmbuf_chain(head, copy)) {
		rte_pktmbuf_free(head);
		rte_pktmbuf_free(copy);
		return NULL;
	}
	head->port = pkt->port;
	about->to = punt->to;
	about->total = pkt->pkt_len;
	about->n_more = punt->n_more;
	memcpy(about->note, punt->note, PUNT_NOTE_SIZE);
	memcpy(about->more, punt->more, punt->n_more);
	return head;
}

static uint16_t run(struct worker *worker, const void *args, struct rte_mbuf **pkts, uint16_t n)
{
	const struct op_punt *punt = args;
	struct meter_verdict verdict = {.drop = 0};

	if (punt->meter)
		meter_measure(punt->meter, pkts, n, &verdict);
	for (uint16_t i = 0; i < n; i++) {
		if (verdict.drop >> i & 1)
			continue;
		if (unlikely(
			    punt->whole &&
			    (pkts[i]->pkt_len > punt->max_size ||
			     pkts[i]->ol_flags & RTE_MBUF_F_TX_TCP_SEG)
		    )) {
			worker_count_drop(worker, pkts[i]->port, &drop_punt_not_whole);
			continue;
		}
		struct rte_mbuf *copy = copy_of(worker, args, pkts[i]);

		if (likely(copy && punt_send(copy)))
			continue;
		rte_pktmbuf_free(copy);
		worker_count_drop(worker, pkts[i]->port, &drop_punt_full);
	}
	return n;
}

static void format(const void *args, struct strbuf *out)
{
	const struct op_punt *punt = args;

	strbuf_add(out, punt->to->name);
}

const struct op_type op_punt = {
	.name = "punt",
	.size = sizeof(struct op_punt),
	.effect = true,
	.run = run,
	.format = format,
};
REGISTRY_ADD(op_type, op_punt);
