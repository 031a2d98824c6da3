/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/encap_plain.h"

#include <emmintrin.h>
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
	USUAL = 4, /* pieces that hold most headers: all over IPv4 without options */
	/* From where UDP starts to the words that differ from packet to packet. */
	IP_WORD = -20, /* version, TOS, length */
	SUM_WORD = -12, /* TTL, protocol, checksum */
	UDP_WORD = 0, /* the whole of UDP, twice as wide */
	/* Where bits stand in those words. */
	TOS_SHIFT = 8,
	IP_LENGTH_SHIFT = 16,
	IP_SUM_SHIFT = 16,
	UDP_LENGTH_SHIFT = 32,
};

bool encap_is_plain(const struct op_encap *encap)
{
	const struct op_encap_head *head = &encap->head;

	return head->udp && !head->csum && !head->number && !head->ipv6 && !head->bare;
}

/* What is the same for all packets of a batch. */
struct plain {
	const uint8_t *end; /* of the header */
	__m128i a, b, c, d; /* the last USUAL pieces */
	uint32_t ip, sum; /* the words, zero where the packets differ */
	uint64_t udp;
	uint32_t size; /* of the header */
	uint32_t l4;
	uint32_t ip_sum; /* 16 bits */
	uint32_t ports_first, ports_n;
};

static inline struct plain plain_of(const struct op_encap *encap)
{
	const uint8_t *end = encap->header + ENCAP_SHORT;
	const uint8_t *udp = end - encap->head.size + encap->head.l4;

	return (struct plain){
		.end = end,
		.a = _mm_loadu_si128((const __m128i *)end - 4),
		.b = _mm_loadu_si128((const __m128i *)end - 3),
		.c = _mm_loadu_si128((const __m128i *)end - 2),
		.d = _mm_loadu_si128((const __m128i *)end - 1),
		.ip = load32(udp + IP_WORD) & ~(0xffffU << IP_LENGTH_SHIFT),
		.sum = load32(udp + SUM_WORD) & ~(0xffffU << IP_SUM_SHIFT),
		.udp = load64(udp + UDP_WORD) & ~(0xffffULL << UDP_LENGTH_SHIFT | 0xffff),
		.size = encap->head.size,
		.l4 = encap->head.l4,
		.ip_sum = packet_fold(encap->head.ip_sum),
		.ports_first = __atomic_load_n(&header_ports_first, __ATOMIC_RELAXED),
		.ports_n = __atomic_load_n(&header_ports_n, __ATOMIC_RELAXED),
	};
}

/* The upper 16 bits: both halves added, with the carry; the lower ones: anything. */
static inline uint32_t fold_up(uint32_t sum)
{
	return sum + (sum << 16 | sum >> 16);
}

static inline void put32(uint8_t *to, uint32_t word)
{
	memcpy(to, &word, sizeof(word));
}

static inline void put64(uint8_t *to, uint64_t word)
{
	memcpy(to, &word, sizeof(word));
}

/* Whole pieces: what is written in front of the header is nobody's. */
static inline void put_header(const struct plain *plain, uint8_t *end)
{
	_mm_storeu_si128((__m128i *)end - 4, plain->a);
	_mm_storeu_si128((__m128i *)end - 3, plain->b);
	_mm_storeu_si128((__m128i *)end - 2, plain->c);
	_mm_storeu_si128((__m128i *)end - 1, plain->d);
	if (likely(plain->size <= USUAL * PIECE))
		return;
	for (uint32_t at = (USUAL + 1) * PIECE; at < plain->size + PIECE; at += PIECE)
		memcpy(end - at, plain->end - at, PIECE);
}

static inline void
put_one(const struct plain *plain, struct rte_mbuf *pkt, uint32_t tos, uint32_t hash)
{
	uint8_t *end = rte_pktmbuf_mtod(pkt, uint8_t *), *udp = end - plain->size + plain->l4;
	uint32_t length = pkt->pkt_len + plain->size;
	uint32_t port = plain->ports_first + (uint32_t)((uint64_t)hash * plain->ports_n >> 32);
	/* Of numbers below 2^16, this is their value in network order << 16. */
	uint32_t ip_length = be32_from(length - ETH_SIZE),
		 udp_length = be32_from(length - plain->l4);
	/* No carry is lost: an IP length of UINT16_MAX does not come here. */
	uint32_t sum = ~fold_up(plain->ip_sum + ip_length + (tos << TOS_SHIFT));

	put_header(plain, end);
	put32(udp + IP_WORD, plain->ip | ip_length | tos << TOS_SHIFT);
	put32(udp + SUM_WORD, plain->sum | (sum & 0xffffU << IP_SUM_SHIFT));
	put64(udp + UDP_WORD,
	      plain->udp | be16_from((uint16_t)port) |
		      (uint64_t)udp_length << (UDP_LENGTH_SHIFT - 16));
	pkt->data_off -= plain->size;
	pkt->data_len += plain->size;
	pkt->pkt_len = length;
}

/* Returns their bytes. */
static uint64_t
put_all(const struct plain *common,
	const struct keys *keys,
	struct rte_mbuf **pkts,
	const uint8_t *places,
	uint16_t n)
{
	const struct plain plain = *common; /* where stores into packets cannot change it */
	uint64_t bytes = 0;

	for (uint16_t i = 0; i < n; i++) {
		const struct key_base *key = (const void *)keys_base(keys, places[i]);

		bytes += pkts[i]->pkt_len;
		put_one(&plain, pkts[i], key->ip_tos & ECN_MASK, keys->hashes[places[i]]);
	}
	return bytes;
}

/* As in other programs. */
static __attribute__((noinline)) bool put_slowly(
	struct worker *worker, const struct op_encap *encap, struct rte_mbuf **pkt, unsigned place
)
{
	return execute_set_meta(worker, place, *pkt) && op_encap.run(worker, encap, pkt, 1);
}

/* Negative unless the packet has room for the header, and IP for the packet. */
static inline int32_t room_for(const struct plain *plain, const struct rte_mbuf *pkt)
{
	int32_t in_front = pkt->data_off - ENCAP_SHORT;

	return in_front | (int32_t)(UINT16_MAX - plain->size - pkt->pkt_len);
}

static inline bool is_plain(const struct plain *plain, const struct rte_mbuf *pkt)
{
	return room_for(plain, pkt) >= 0 && !offload_is_pending(pkt);
}

/* Looks at all of them, and fetches the room in front of each. */
static inline bool are_plain(const struct plain *plain, struct rte_mbuf **pkts, uint16_t n)
{
	uint64_t flags = 0;
	int32_t room = 0;

	for (uint16_t i = 0; i < n; i++) {
		rte_prefetch0_write(rte_pktmbuf_mtod_offset(pkts[i], uint8_t *, -(int)CACHE_LINE));
		flags |= pkts[i]->ol_flags;
		room |= room_for(plain, pkts[i]);
	}
	return room >= 0 && !(flags & OFFLOAD_PENDING);
}

/* One by one: some of the packets are not plain, or none is to be treated so, because somebody wants
 * to see what enters the tunnel. */
static __attribute__((noinline)) uint16_t put_each(
	struct worker *worker,
	const struct op_encap *encap,
	struct rte_mbuf **pkts,
	const uint8_t *places,
	uint16_t n,
	bool watched
)
{
	const struct plain plain = plain_of(encap);
	struct port_counters *counters = &worker->port_counters[encap->head.port_id];
	uint16_t left = 0;

	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *pkt = pkts[i];

		if (!watched && is_plain(&plain, pkt)) {
			counters->tx_bytes += put_all(&plain, &worker->keys, &pkt, &places[i], 1);
			counters->tx_packets++;
		} else if (!put_slowly(worker, encap, &pkt, places[i])) {
			continue;
		}
		pkts[left++] = pkt;
	}
	return left;
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

	if (unlikely(port && epoch_load(&port->captures)))
		return put_each(worker, encap, pkts, places, n, true);
	if (unlikely(!are_plain(&plain, pkts, n)))
		return put_each(worker, encap, pkts, places, n, false);
	counters->tx_packets += n;
	counters->tx_bytes += put_all(&plain, &worker->keys, pkts, places, n);
	return n;
}
