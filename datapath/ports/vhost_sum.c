/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/vhost_sum.h"

#include <assert.h>
#include <string.h>

#include <rte_mbuf.h>

#include "datapath/pool.h"

struct rte_mbuf *vhost_sum_hide(struct rte_mbuf *packet)
{
	uint32_t n = packet->l2_len + packet->l3_len + packet->l4_len;

	if (!(packet->ol_flags & RTE_MBUF_F_TX_TCP_SEG) || !n || n > packet->data_len)
		return packet;
	struct rte_mbuf *head = rte_pktmbuf_alloc(pool_default());

	if (!head)
		return packet;
	char *to = rte_pktmbuf_append(head, --n);

	/* Headers are shorter than a buffer: their lengths have few bits. */
	assert(to);
	memcpy(to, rte_pktmbuf_mtod(packet, const void *), n);
	rte_pktmbuf_adj(packet, n);
	head->ol_flags = packet->ol_flags & ~(RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL);
	head->tx_offload = packet->tx_offload;
	head->port = packet->port;
	head->next = packet;
	head->nb_segs = packet->nb_segs + 1;
	head->pkt_len += packet->pkt_len;
	return head;
}

void vhost_sum_show(struct rte_mbuf *take_hidden, struct rte_mbuf *packet)
{
	if (take_hidden == packet)
		return;
	rte_pktmbuf_prepend(packet, take_hidden->data_len);
	take_hidden->next = NULL;
	take_hidden->nb_segs = 1;
	rte_pktmbuf_free(take_hidden);
}
