/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/fast/parse.h"

#include <errno.h>
#include <smmintrin.h>
#include <string.h>

#include <rte_mbuf.h>
#include <rte_prefetch.h>

#include "datapath/fast/hash.h"
#include "datapath/fast/headers.h"
#include "datapath/fast/parse_priv.h"
#include "datapath/worker_priv.h"

#include "datapath/fast/fast.h"

enum {
	HEADERS_MAX = 512, /* bytes looked at when a packet is in pieces */
};

/* What of the L4 word names a connection: TOS and TTL are left out. */
static const uint64_t name_mask = 0xffffffffff0000ffULL;

static inline uint64_t hash_words(uint64_t dst, uint64_t src, uint64_t ip, uint64_t l4)
{
	return hash_pair(dst, src, 0) ^ hash_pair(ip, l4 & name_mask, 2);
}

static inline uint64_t hash_ipv6(uint64_t src0, uint64_t src1, uint64_t dst0, uint64_t dst1)
{
	return hash_pair(src0, src1, 4) ^ hash_pair(dst0, dst1, 5);
}

static uint64_t hash_blocks(const struct parse *p)
{
	const parse_word *ipv6 = (const parse_word *)(p->base + KEY_BLOCK_IPV6 * p->stride);
	const parse_word *extra = (const parse_word *)(p->base + KEY_BLOCK_EXTRA * p->stride);
	uint64_t hash = 0;

	if (p->blocks & KEY_HAS(KEY_BLOCK_IPV6))
		hash = hash_ipv6(ipv6[0], ipv6[1], ipv6[2], ipv6[3]);
	if (p->blocks & KEY_HAS(KEY_BLOCK_EXTRA))
		hash ^= hash_pair(extra[0], p->blocks, 6);
	return hash;
}

/* Everything but plain packets. The words go straight into the base block. Returns the hash. */
static __attribute__((noinline)) uint32_t
parse_other(struct keys *keys, unsigned i, const struct rte_mbuf *pkt, uint64_t port)
{
	parse_word *words = (parse_word *)keys->blocks[0][i];
	uint64_t hash;
	uint8_t copy[HEADERS_MAX];
	uint32_t total = pkt->pkt_len;
	uint32_t length = pkt->data_len;
	const uint8_t *data = rte_pktmbuf_mtod(pkt, const uint8_t *);

	if (length < total && length < HEADERS_MAX) {
		length = total < HEADERS_MAX ? total : HEADERS_MAX;
		data = rte_pktmbuf_read(pkt, 0, length, copy);
	}
	struct parse p = {
		.data = data,
		.length = length,
		.total = total,
		.words = words,
		.base = keys->blocks[0][i],
		.stride = KEYS_STRIDE,
		.faults = keys->faults,
	};

	memset(words, 0, KEY_BLOCK_SIZE);
	words[WORD_PORT] = port;
	words[WORD_DST] = load64(data);
	parse_any(&p);
	keys->starts[i] = (struct header_starts){.l3 = p.l3, .l4 = p.l4};
	hash = hash_words(words[WORD_DST], words[WORD_SRC], words[WORD_IP], words[WORD_L4]);
	return hash_fold(hash ^ hash_blocks(&p) ^ port);
}

/* Untagged TCP or UDP in IPv4 without options, whole: what most packets are. Everything stands at
 * places known beforehand, so that three wide loads bring all of it. False if it is anything else. */
static inline bool
parse_bare(struct keys *keys, unsigned i, const struct rte_mbuf *pkt, uint64_t port, uint32_t *hash)
{
	enum { /* offsets */
		IP = ETH_SIZE,
		IP_LENGTH = IP + 2,
		IP_FRAGMENT = IP + 6,
		IP_TTL = IP + 8, /* protocol, checksum, addresses and ports are behind it */
		L4 = IP + IPV4_SIZE,
	};
	const uint64_t usual = be16_from(TYPE_IPV4) | 0x45 << 16; /* with version and length */
	/* To the words IP and L4, in which TOS is still missing. */
	const __m128i order = _mm_setr_epi8(4, 5, 6, 7, 8, 9, 10, 11, 1, -1, 0, -1, 12, 13, 14, 15);
	const uint8_t *d = rte_pktmbuf_mtod(pkt, const uint8_t *);
	__m128i *block = (__m128i *)keys->blocks[0][i];
	uint32_t needed = IPV4_SIZE + UDP_SIZE;
	uint64_t flags = 0;

	if (unlikely(pkt->data_len < L4 + UDP_SIZE))
		return false;
	uint64_t dst = load64(d), src = load64(d + 8); /* with type, version, length and TOS */

	if (unlikely((src >> 32 & 0xffffff) != usual) ||
	    unlikely(load16(d + IP_FRAGMENT) & be16_from(IPV4_MORE | IPV4_OFFSET)))
		return false;
	__m128i rest = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(d + IP_TTL)), order);

	rest = _mm_insert_epi8(rest, (int)(src >> 56), 9);
	uint64_t ip = (uint64_t)_mm_cvtsi128_si64(rest);
	uint64_t l4 = (uint64_t)_mm_extract_epi64(rest, 1);

	if ((uint8_t)l4 == PROTO_TCP) {
		needed = IPV4_SIZE + TCP_SIZE;
		if (unlikely(pkt->data_len < L4 + TCP_SIZE))
			return false;
		flags = load16(d + L4 + 12) & be16_from(TCP_FLAGS);
	} else if (unlikely((uint8_t)l4 != PROTO_UDP)) {
		return false;
	}
	uint32_t size = host16(d + IP_LENGTH);

	if (unlikely(size < needed || size > pkt->pkt_len - IP))
		return false;
	src &= 0xffffffffffff;
	block[0] = _mm_set_epi64x((long long)dst, (long long)port);
	block[1] = _mm_unpacklo_epi64(_mm_cvtsi64_si128((long long)src), rest);
	block[2] = _mm_alignr_epi8(_mm_cvtsi64_si128((long long)flags), rest, 8);
	block[3] = _mm_setzero_si128();
	keys->starts[i] = (struct header_starts){.l3 = IP, .l4 = L4};
	*hash = hash_fold(hash_words(dst, src, ip, l4) ^ port);
	return true;
}

/* Ports and TCP flags of a whole TCP or UDP header at 'l4' with 'left' bytes; false if there is
 * none. */
static inline bool
parse_ports(const uint8_t *l4, uint8_t proto, uint32_t left, uint64_t *ports, uint64_t *flags)
{
	*flags = 0;
	if (proto == PROTO_TCP) {
		if (unlikely(left < TCP_SIZE))
			return false;
		*flags = load16(l4 + 12) & be16_from(TCP_FLAGS);
	} else if (unlikely(proto != PROTO_UDP || left < UDP_SIZE)) {
		return false;
	}
	*ports = (uint64_t)load32(l4) << 32;
	return true;
}

/* What is known of a plain packet before its IP header. */
struct plain {
	const uint8_t *ip;
	uint32_t left; /* readable bytes from there on */
	uint32_t total; /* bytes of the frame from there on */
	uint64_t dst, src; /* the words, with the tag */
	uint64_t tpid;
	uint64_t port; /* in_port and recirc */
};

static inline void
store_plain(struct keys *keys, unsigned i, const struct plain *p, uint64_t ip, uint64_t l4)
{
	parse_word *words = (parse_word *)keys->blocks[0][i];

	words[WORD_PORT] = p->port;
	words[WORD_DST] = p->dst;
	words[WORD_SRC] = p->src;
	words[WORD_IP] = ip;
	words[WORD_L4] = l4;
	words[WORD_TUN_ID] = 0;
	words[WORD_TUN_IP] = 0;
}

static inline bool
parse_plain4(struct keys *keys, unsigned i, const struct plain *p, uint32_t *hash)
{
	const uint8_t *d = p->ip;
	parse_word *words = (parse_word *)keys->blocks[0][i];
	uint64_t ports, flags;

	if (unlikely(load16(d + 6) & be16_from(IPV4_MORE | IPV4_OFFSET)))
		return false;
	uint32_t size = host16(d + 2);
	uint32_t left = size < p->left ? size : p->left;

	if (unlikely(size > p->total || left < IPV4_SIZE))
		return false;
	if (unlikely(!parse_ports(d + IPV4_SIZE, d[9], left - IPV4_SIZE, &ports, &flags)))
		return false;
	uint64_t ip = load64(d + 12);
	uint64_t l4 = d[9] | (uint64_t)d[1] << 8 | (uint64_t)d[8] << 16 | ports;

	store_plain(keys, i, p, ip, l4);
	words[WORD_REST] = flags | p->tpid;
	*hash = hash_fold(hash_words(p->dst, p->src, ip, l4) ^ p->port);
	return true;
}

static inline bool
parse_plain6(struct keys *keys, unsigned i, const struct plain *p, uint32_t *hash)
{
	const uint8_t *d = p->ip;
	parse_word *words = (parse_word *)keys->blocks[0][i];
	parse_word *block = (parse_word *)keys->blocks[KEY_BLOCK_IPV6][i];
	uint64_t ports, flags;

	if (unlikely(p->left < IPV6_SIZE || d[0] >> 4 != 6))
		return false;
	uint32_t size = IPV6_SIZE + host16(d + 4);
	uint32_t left = size < p->left ? size : p->left;

	if (unlikely(size > p->total))
		return false;
	if (unlikely(!parse_ports(d + IPV6_SIZE, d[6], left - IPV6_SIZE, &ports, &flags)))
		return false;
	uint32_t first = be32_to(load32(d));
	uint64_t src0 = load64(d + 8), src1 = load64(d + 16);
	uint64_t dst0 = load64(d + 24), dst1 = load64(d + 32);
	uint64_t l4 = d[6] | (uint64_t)(first >> 20 & 0xff) << 8 | (uint64_t)d[7] << 16 | ports;

	store_plain(keys, i, p, 0, l4);
	words[WORD_REST] = flags | p->tpid | (uint64_t)KEY_HAS(KEY_BLOCK_IPV6) << 32;
	block[0] = src0;
	block[1] = src1;
	block[2] = dst0;
	block[3] = dst1;
	block[4] = 0;
	block[5] = 0;
	block[6] = 0;
	block[7] = (uint64_t)be32_from(first & 0xfffff) << 32;
	*hash = hash_fold(
		hash_words(p->dst, p->src, 0, l4) ^ hash_ipv6(src0, src1, dst0, dst1) ^ p->port
	);
	return true;
}

/* Whether the parser has nothing to say about what stands behind this type. */
static inline bool is_opaque(be16 type)
{
	switch (be16_to(type)) {
	case TYPE_IPV4:
	case TYPE_IPV6:
	case TYPE_ARP:
	case TYPE_RARP:
	case TYPE_VLAN:
	case TYPE_QINQ:
	case TYPE_MPLS:
	case TYPE_MPLS_MCAST:
	case TYPE_PBB:
		return false;
	default:
		return be16_to(type) >= TYPE_MIN;
	}
}

static inline uint32_t store_opaque(struct keys *keys, unsigned i, const struct plain *p)
{
	parse_word *words = (parse_word *)keys->blocks[0][i];

	store_plain(keys, i, p, 0, 0);
	words[WORD_REST] = p->tpid;
	keys->starts[i] = (struct header_starts){.l3 = 0};
	return hash_fold(hash_words(p->dst, p->src, 0, 0) ^ p->port);
}

/* Plain TCP or UDP in IP without options or extensions, whole, or something of an opaque type; with one
 * VLAN tag or none: most of the others. False if it is anything else. Words are put together in registers
 * and stored whole, because a narrow store followed by a wide load stalls for some twenty cycles. */
static inline bool parse_plain(
	struct keys *keys, unsigned i, const struct rte_mbuf *pkt, uint64_t port, uint32_t *hash
)
{
	const uint8_t *d = rte_pktmbuf_mtod(pkt, const uint8_t *);
	uint32_t length = pkt->data_len;
	uint32_t at = ETH_SIZE;
	struct plain p = {.port = port};

	if (unlikely(length < ETH_SIZE + VLAN_SIZE + IPV4_SIZE))
		return false;
	p.dst = load64(d);
	p.src = load32(d + 8);
	if (load16(d + 12) == be16_from(TYPE_VLAN)) {
		be16 tci = load16(d + 14) | be16_from(KEY_VLAN_PRESENT);

		p.src |= (uint64_t)tci << 48;
		p.tpid = (uint64_t)be16_from(TYPE_VLAN) << 16;
		at += VLAN_SIZE;
	}
	p.ip = d + at;
	p.left = length - at;
	p.total = pkt->pkt_len - at;

	be16 type = load16(p.ip - 2);

	p.src |= (uint64_t)type << 32;
	keys->starts[i].l3 = at;
	if (type == be16_from(TYPE_IPV4) && p.ip[0] == 0x45) {
		keys->starts[i].l4 = at + IPV4_SIZE;
		return parse_plain4(keys, i, &p, hash);
	}
	keys->starts[i].l4 = at + IPV6_SIZE;
	if (type == be16_from(TYPE_IPV6))
		return parse_plain6(keys, i, &p, hash);
	if (!is_opaque(type))
		return false;
	*hash = store_opaque(keys, i, &p);
	return true;
}

/* All but bare packets. Returns the hash. */
static __attribute__((noinline)) uint32_t
parse_rest(struct keys *keys, unsigned i, const struct rte_mbuf *pkt, uint64_t port)
{
	uint32_t hash;

	return parse_plain(keys, i, pkt, port, &hash) ? hash : parse_other(keys, i, pkt, port);
}

void parse_batch(struct worker *worker, const struct batch *batch)
{
	struct keys *keys = &worker->keys;
	const struct bucket *buckets = worker->exact.buckets;
	uint32_t mask = worker->exact.mask;
	uint64_t port = worker->in_port | (uint64_t)worker->recirc << 32;

	BATCH_FOREACH(i, batch) {
		const struct rte_mbuf *pkt = batch->pkts[i];
		uint32_t hash;

		if (unlikely(!parse_bare(keys, i, pkt, port, &hash)))
			hash = parse_rest(keys, i, pkt, port);
		keys->hashes[i] = hash;
		rte_prefetch0(&buckets[hash & mask]);
	}
}

void keys_get(const struct keys *keys, unsigned i, struct key *key)
{
	memset(key, 0, sizeof(*key));
	memcpy(key->block[0], keys->blocks[0][i], KEY_BLOCK_SIZE);
	for (unsigned block = 1; block < KEY_N_PACKET_BLOCKS; block++)
		if (key_block_is_in(block, key->base.blocks))
			memcpy(key->block[block], keys->blocks[block][i], KEY_BLOCK_SIZE);
}

void keys_get_blocks_again(const struct keys *keys, unsigned i, struct key *key, uint16_t before)
{
	for (unsigned block = 1; block < KEY_N_PACKET_BLOCKS; block++)
		if (key_block_is_in(block, key->base.blocks))
			memcpy(key->block[block], keys->blocks[block][i], KEY_BLOCK_SIZE);
		else if (key_block_is_in(block, before))
			memset(key->block[block], 0, KEY_BLOCK_SIZE);
}

int parse_frame(
	const void *frame, uint32_t length, uint32_t total, uint32_t in_port, struct key *key
)
{
	uint64_t faults[PARSE_N_FAULTS] = {0};
	parse_word words[KEY_WORDS] = {in_port};

	memset(key, 0, sizeof(*key));
	if (length < ETH_SIZE || total < length)
		return -EINVAL;
	struct parse p = {
		.data = frame,
		.length = length,
		.total = total,
		.words = words,
		.base = key->block[0],
		.stride = KEY_BLOCK_SIZE,
		.faults = faults,
	};

	words[WORD_DST] = load64(frame);
	parse_any(&p);
	memcpy(key->block[0], words, sizeof(words));
	return 0;
}

const char *parse_fault_name(enum parse_fault fault)
{
	static const char *const names[] = {
		[PARSE_IP_CUT] = "ip_cut",
		[PARSE_IP_WRONG] = "ip_wrong",
		[PARSE_L4_CUT] = "l4_cut",
		[PARSE_ARP_CUT] = "arp_cut",
		[PARSE_VLAN_CUT] = "vlan_cut",
		[PARSE_MPLS_CUT] = "mpls_cut",
	};

	return names[fault];
}
