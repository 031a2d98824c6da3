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
	USUAL = 64, /* and most, all over IPv4 without options, in one of this */
	AHEAD = 4, /* packets whose room is fetched before it is written */
	IP_LENGTH = 2,
	IP_SUM = 10,
	UDP_LENGTH = 4,
};

bool encap_is_plain(const struct op_encap *encap)
{
	const struct op_encap_head *head = &encap->head;

	return head->udp && !head->csum && !head->number && !head->ipv6;
}

static inline void put16(uint8_t *to, uint16_t host)
{
	be16 value = be16_from(host);

	memcpy(to, &value, sizeof(value));
}

/* What is the same for all packets of a batch, where stores into them cannot change it. */
struct plain {
	const uint8_t *end; /* of the header */
	uint32_t size; /* of the header */
	uint32_t l4;
	uint32_t ip_sum;
	uint32_t ports_first, ports_n;
};

static inline struct plain plain_of(const struct op_encap *encap)
{
	return (struct plain){
		.end = encap->header + ENCAP_SHORT,
		.size = encap->head.size,
		.l4 = encap->head.l4,
		.ip_sum = encap->head.ip_sum,
		.ports_first = __atomic_load_n(&header_ports_first, __ATOMIC_RELAXED),
		.ports_n = __atomic_load_n(&header_ports_n, __ATOMIC_RELAXED),
	};
}

/* Of a sum of 32 bits, without asking whether there is a carry. */
static inline uint16_t fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)(sum + (sum >> 16));
}

static inline void finish_ip(const struct plain *plain, uint8_t *ip, uint32_t length, unsigned ecn)
{
	uint16_t sum = ~fold(plain->ip_sum + be16_from((uint16_t)length) + (ecn << 8));

	put16(ip + IP_LENGTH, (uint16_t)length);
	memcpy(ip + IP_SUM, &sum, sizeof(sum));
	if (unlikely(ecn))
		ip[1] |= (uint8_t)ecn;
}

/* Whole pieces: what is written in front of the header is nobody's. */
static inline void put_header(const struct plain *plain, uint8_t *end)
{
	if (likely(plain->size <= USUAL)) {
		memcpy(end - USUAL, plain->end - USUAL, USUAL);
		return;
	}
	for (uint32_t at = PIECE; at < plain->size + PIECE; at += PIECE)
		memcpy(end - at, plain->end - at, PIECE);
}

static inline void
put_one(const struct plain *plain, struct rte_mbuf *pkt, unsigned ecn, uint32_t hash)
{
	uint8_t *end = rte_pktmbuf_mtod(pkt, uint8_t *), *eth = end - plain->size;
	uint32_t length = pkt->pkt_len + plain->size;
	uint32_t port = plain->ports_first + (uint32_t)((uint64_t)hash * plain->ports_n >> 32);

	put_header(plain, end);
	pkt->data_off -= plain->size;
	pkt->data_len += plain->size;
	pkt->pkt_len = length;
	finish_ip(plain, eth + ETH_SIZE, length - ETH_SIZE, ecn);
	put16(eth + plain->l4, (uint16_t)port);
	put16(eth + plain->l4 + UDP_LENGTH, (uint16_t)(length - plain->l4));
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
	const struct plain plain = plain_of(encap);
	struct port_counters *counters = &worker->port_counters[encap->head.port_id];
	const struct port *port = epoch_load(&ports_by_id[encap->head.port_id]);
	bool watched = port && epoch_load(&port->captures);
	uint64_t bytes = 0;
	uint16_t left = 0, n_plain = 0;

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
			    pkt->pkt_len + plain.size > UINT16_MAX
		    )) {
			if (put_slowly(worker, encap, &pkt, places[i]))
				pkts[left++] = pkt;
			continue;
		}
		bytes += pkt->pkt_len;
		put_one(&plain, pkt, key->ip_tos & ECN_MASK, worker->keys.hashes[places[i]]);
		pkts[left++] = pkt;
		n_plain++;
	}
	counters->tx_packets += n_plain;
	counters->tx_bytes += bytes;
	return left;
}
