/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/encap_plain.h"

#include <string.h>

#include <rte_mbuf.h>

#include "datapath/fast/execute.h"
#include "datapath/ops/encap.h"
#include "datapath/ops/packet.h"
#include "datapath/packet/offload.h"
#include "datapath/tunnel/ecn.h"
#include "datapath/tunnel/header.h"
#include "datapath/worker_priv.h"
#include "lib/epoch.h"

#include "datapath/fast/fast.h"

enum {
	PIECE = 16, /* headers are copied in pieces of this size */
	AHEAD = 4, /* packets whose room is fetched before it is written */
	IP_LENGTH = 2,
	IP_SUM = 10,
	UDP_LENGTH = 4,
};

bool encap_is_plain(const struct op_encap *encap)
{
	const struct op_encap_head *head = &encap->head;

	return head->udp && !head->csum && !head->number;
}

static inline void put16(uint8_t *to, uint16_t host)
{
	be16 value = be16_from(host);

	memcpy(to, &value, sizeof(value));
}

static inline void
finish_ip(const struct op_encap_head *head, uint8_t *ip, uint32_t length, unsigned ecn)
{
	if (unlikely(head->ipv6)) {
		ip[1] |= (uint8_t)(ecn << 4);
		put16(ip + 4, (uint16_t)(length - IPV6_SIZE));
		return;
	}
	uint16_t sum = ~packet_fold(head->ip_sum + be16_from((uint16_t)length) + (ecn << 8));

	put16(ip + IP_LENGTH, (uint16_t)length);
	memcpy(ip + IP_SUM, &sum, sizeof(sum));
	if (unlikely(ecn))
		ip[1] |= (uint8_t)ecn;
}

static inline void
put_one(const struct op_encap *encap, struct rte_mbuf *pkt, unsigned ecn, uint32_t hash)
{
	const struct op_encap_head *head = &encap->head;
	uint8_t *end = rte_pktmbuf_mtod(pkt, uint8_t *), *eth = end - head->size;
	const uint8_t *from = encap->header + ENCAP_SHORT;
	uint32_t length = pkt->pkt_len + head->size;

	for (uint8_t *to = end; to > eth;) {
		to -= PIECE;
		from -= PIECE;
		memcpy(to, from, PIECE);
	}
	pkt->data_off -= head->size;
	pkt->data_len += head->size;
	pkt->pkt_len = length;
	finish_ip(head, eth + ETH_SIZE, length - ETH_SIZE, ecn);
	put16(eth + head->l4, header_source_port(hash));
	put16(eth + head->l4 + UDP_LENGTH, (uint16_t)(length - head->l4));
}

/* As in other programs. */
static __attribute__((noinline)) bool put_slowly(
	struct worker *worker, const struct op_encap *encap, struct rte_mbuf **pkt, unsigned place
)
{
	return execute_set_meta(worker, place, *pkt) && op_encap.run(worker, encap, pkt, 1);
}

uint16_t encap_run_plain(
	struct worker *worker,
	const struct op_encap *encap,
	struct rte_mbuf **pkts,
	const uint8_t *places,
	uint16_t n
)
{
	const struct op_encap_head *head = &encap->head;
	struct port_counters *counters = &worker->port_counters[head->port_id];
	const struct port *port = epoch_load(&ports_by_id[head->port_id]);
	bool watched = port && epoch_load(&port->captures);
	uint64_t bytes = 0;
	uint16_t left = 0, plain = 0;

	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *pkt = pkts[i];
		const struct key_base *key = (const void *)worker->keys.blocks[0][places[i]];

		if (i + AHEAD < n)
			rte_prefetch0_write(rte_pktmbuf_mtod_offset(
				pkts[i + AHEAD], uint8_t *, -(int)CACHE_LINE
			));
		if (unlikely(
			    watched || offload_is_pending(pkt) ||
			    rte_pktmbuf_headroom(pkt) < ENCAP_SHORT ||
			    pkt->pkt_len + head->size > UINT16_MAX
		    )) {
			if (put_slowly(worker, encap, &pkt, places[i]))
				pkts[left++] = pkt;
			continue;
		}
		bytes += pkt->pkt_len;
		put_one(encap, pkt, key->ip_tos & ECN_MASK, worker->keys.hashes[places[i]]);
		pkts[left++] = pkt;
		plain++;
	}
	counters->tx_packets += plain;
	counters->tx_bytes += bytes;
	return left;
}
