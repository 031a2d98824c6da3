/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/fast/recirc.h"

#include <rte_mbuf.h>

#include "datapath/fast/headers.h"
#include "datapath/worker_priv.h"

#include "datapath/fast/fast.h"

DROP_REASON(recirc_full, "too many packets at once were to be looked up again");
DROP_REASON(recirc_runt, "what was left of the packet has no whole Ethernet header");

struct recirc_queue *recirc_queue_of(unsigned worker)
{
	static struct recirc_queue queues[WORKERS_MAX];

	return &queues[worker];
}

static void put_one(struct worker *worker, uint32_t point, struct rte_mbuf *pkt)
{
	struct recirc_queue *queue = worker->recircs;

	if (unlikely(pkt->data_len < ETH_SIZE)) {
		worker_drop(worker, &pkt, 1, &drop_recirc_runt);
		return;
	}
	if (unlikely(queue->tail - queue->head == RECIRC_QUEUE)) {
		worker_drop(worker, &pkt, 1, &drop_recirc_full);
		return;
	}
	queue->packets[queue->tail++ % RECIRC_QUEUE] = (struct recirc_packet){
		.pkt = pkt,
		.point = point,
		.in_port = pkt->port,
	};
}

void recirc_put(struct worker *worker, uint32_t point, struct rte_mbuf **pkts, uint16_t n)
{
	for (uint16_t i = 0; i < n; i++)
		put_one(worker, point, pkts[i]);
}

uint16_t recirc_take(struct worker *worker, struct batch *batch)
{
	struct recirc_queue *queue = worker->recircs;
	uint16_t n = 0;

	for (; n < BATCH_SIZE && queue->head != queue->tail; queue->head++) {
		const struct recirc_packet *packet = &queue->packets[queue->head % RECIRC_QUEUE];

		if (n && (packet->point != worker->recirc || packet->in_port != worker->in_port))
			break;
		worker->recirc = packet->point;
		worker->in_port = packet->in_port;
		batch->pkts[n++] = packet->pkt;
	}
	return n;
}
