/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/tunnel/plain.h"

#include <stddef.h>
#include <string.h>

#include <rte_mbuf.h>

#include "datapath/fast/parse.h"
#include "datapath/ops/encap.h"
#include "datapath/ops/packet.h"
#include "datapath/tunnel/ecn.h"
#include "datapath/tunnel/header.h"

#include "datapath/fast/fast.h"

enum {
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

static inline void copy_pieces(__m128i *to, const __m128i *from)
{
	for (unsigned i = 0; i < PLAIN_PIECES; i++)
		_mm_store_si128(&to[i], _mm_loadu_si128(&from[i]));
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

static inline be16 source_port(uint64_t first, uint64_t n_ports, uint32_t hash)
{
	return be16_from((uint16_t)(first + (hash * n_ports >> 32)));
}

/* What depends on the packet's length with the header, its congestion mark and its connection. */
static inline void
put_words(const struct plain *plain, uint8_t *udp, uint32_t length, uint32_t ecn, be16 port)
{
	/* Of numbers below 2^16, this is their value in network order << 16. */
	uint32_t ip_length = be32_from(length - ETH_SIZE);
	uint32_t udp_length = be32_from(length - plain->l4);
	/* No carry is lost: an IP length of UINT16_MAX does not come here. */
	uint32_t sum = ~fold_up(plain->ip_sum + ip_length + (ecn << TOS_SHIFT));

	put32(udp + IP_WORD, plain->ip | ip_length | ecn << TOS_SHIFT);
	put32(udp + SUM_WORD, plain->sum | (sum & 0xffffU << IP_SUM_SHIFT));
	put64(udp + UDP_WORD, plain->udp | port | (uint64_t)udp_length << (UDP_LENGTH_SHIFT - 16));
}

/* The last pieces, in registers. */
struct usual {
	__m128i a, b, c, d;
};

static inline struct usual usual_of(const struct plain *plain)
{
	const __m128i *end = plain->pieces + PLAIN_PIECES;

	return (struct usual){.a = end[-4], .b = end[-3], .c = end[-2], .d = end[-1]};
}

/* Whole pieces: what is written in front of the header is nobody's. */
static inline void put_usual(uint8_t *end, struct usual usual)
{
	__m128i *to = (__m128i *)end;

	_mm_storeu_si128(to - 4, usual.a);
	_mm_storeu_si128(to - 3, usual.b);
	_mm_storeu_si128(to - 2, usual.c);
	_mm_storeu_si128(to - 1, usual.d);
}

/* Those in front of the last ones. */
static inline void put_unusual(uint8_t *end, const struct plain *plain)
{
	__m128i *to = (__m128i *)end - PLAIN_PIECES;

	for (unsigned i = 0; i < PLAIN_PIECES - PLAIN_USUAL; i++)
		_mm_storeu_si128(&to[i], plain->pieces[i]);
}

void plain_init(struct plain *plain, const struct op_encap *encap)
{
	const uint8_t *udp = encap->header + ENCAP_SHORT - encap->head.size + encap->head.l4;

	copy_pieces(plain->pieces, (const __m128i *)encap->header);
	plain->ip = load32(udp + IP_WORD) & ~(0xffffU << IP_LENGTH_SHIFT);
	plain->sum = load32(udp + SUM_WORD) & ~(0xffffU << IP_SUM_SHIFT);
	plain->udp = load64(udp + UDP_WORD) & ~(0xffffULL << UDP_LENGTH_SHIFT | 0xffff);
	plain->size = encap->head.size;
	plain->l4 = encap->head.l4;
	plain->ip_sum = packet_fold(encap->head.ip_sum);
	plain->ports_first = __atomic_load_n(&header_ports_first, __ATOMIC_RELAXED);
	plain->ports_n = __atomic_load_n(&header_ports_n, __ATOMIC_RELAXED);
}

void plain_make_model(
	struct plain *plain, const struct keys *keys, const struct rte_mbuf *pkt, uint8_t place
)
{
	const struct key_base *key = (const void *)keys_base(keys, place);
	uint8_t *udp = (uint8_t *)plain->pieces + ENCAP_SHORT - plain->size + plain->l4;

	put_words(plain, udp, pkt->pkt_len + plain->size, key->ip_tos & ECN_MASK, 0);
}

uint64_t plain_put(
	const struct plain *plain,
	const struct keys *keys,
	struct rte_mbuf **pkts,
	const uint8_t *places,
	uint16_t n
)
{
	const struct plain own = *plain; /* where stores into packets cannot change it */
	const struct usual usual = usual_of(plain);
	uint64_t bytes = 0;

	for (unsigned i = 0; i < n; i++) {
		const struct key_base *key = (const void *)keys_base(keys, places[i]);
		struct rte_mbuf *pkt = pkts[i];
		uint8_t *end = rte_pktmbuf_mtod(pkt, uint8_t *);
		be16 port = source_port(own.ports_first, own.ports_n, keys->hashes[places[i]]);

		bytes += pkt->pkt_len;
		put_usual(end, usual);
		if (unlikely(own.size > PLAIN_USUAL * PLAIN_PIECE))
			put_unusual(end, &own);
		put_words(
			&own,
			end - own.size + own.l4,
			pkt->pkt_len + own.size,
			key->ip_tos & ECN_MASK,
			port
		);
		packet_push(pkt, own.size);
	}
	return bytes;
}

void plain_put_alike(
	const struct plain *plain,
	const struct keys *keys,
	struct rte_mbuf **pkts,
	const uint8_t *places,
	uint16_t n
)
{
	const uint64_t first = plain->ports_first, n_ports = plain->ports_n;
	const struct usual usual = usual_of(plain);
	const uint32_t size = plain->size, from_udp = size - plain->l4;

	for (unsigned i = 0; i < n; i++) {
		struct rte_mbuf *pkt = pkts[i];
		uint8_t *end = rte_pktmbuf_mtod(pkt, uint8_t *);
		be16 port = source_port(first, n_ports, keys->hashes[places[i]]);

		put_usual(end, usual);
		memcpy(end - from_udp, &port, sizeof(port));
		packet_push(pkt, size);
	}
}
