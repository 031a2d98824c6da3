/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/fast/parse.h"

#include <string.h>

#include <rte_mbuf.h>
#include <rte_prefetch.h>

#include "datapath/fast/hash.h"
#include "datapath/fast/headers.h"
#include "datapath/fast/parse_priv.h"
#include "datapath/worker_priv.h"

#include "datapath/fast/fast.h"

DROP_REASON(runt, "the frame has no whole Ethernet header");

enum {
	HEADERS_MAX = 512, /* bytes looked at when a packet is in pieces */
	PREFETCH_AHEAD = 4,
};

/* What of the L4 word names a connection: TOS and TTL are left out. */
static const uint64_t name_mask = 0xffffffffff0000ffULL;

/* In two chains, because each step waits three cycles for the one before. */
static inline uint32_t hash_words(const uint64_t *words)
{
	uint64_t seed = flow_hash_seed;
	uint32_t hash = hash_word(0, words[WORD_PORT], seed);
	uint32_t other = hash_word(0, words[WORD_DST], seed);

	hash = hash_word(hash, words[WORD_SRC], seed);
	other = hash_word(other, words[WORD_IP], seed);
	return hash_word(hash, words[WORD_L4] & name_mask, seed) ^ other;
}

static uint32_t hash_blocks(uint32_t hash, const struct parse *p)
{
	const uint64_t *ipv6 = (const uint64_t *)(p->base + KEY_BLOCK_IPV6 * p->stride);
	const uint64_t *extra = (const uint64_t *)(p->base + KEY_BLOCK_EXTRA * p->stride);
	uint64_t seed = flow_hash_seed;

	if (p->blocks & KEY_HAS(KEY_BLOCK_IPV6))
		for (unsigned i = 0; i < 4; i++)
			hash = hash_word(hash, ipv6[i], seed);
	if (p->blocks & KEY_HAS(KEY_BLOCK_EXTRA))
		hash = hash_word(hash, extra[0], seed);
	return hash;
}

static inline void store_words(uint8_t *base, const uint64_t *words)
{
	memcpy(base, words, KEY_BLOCK_SIZE);
}

/* Plain TCP or UDP in IPv4 without options, whole, untagged: what most packets are. */
static inline bool parse_plain(const uint8_t *d, uint32_t length, uint32_t total, uint64_t *words)
{
	if (length < ETH_SIZE + IPV4_SIZE + UDP_SIZE)
		return false;
	/* The type, version and header length; then flags and offset, where DF may be set. */
	if ((load32(d + 12) & 0x00ffffff) != (be16_from(TYPE_IPV4) | 0x45u << 16))
		return false;
	if (load16(d + 20) & be16_from(IPV4_MORE | IPV4_OFFSET))
		return false;
	uint32_t size = host16(d + 16);
	uint8_t proto = d[23];

	if (size + ETH_SIZE > total)
		return false;
	words[WORD_REST] = 0;
	if (proto == PROTO_TCP) {
		if (size < IPV4_SIZE + TCP_SIZE || length < ETH_SIZE + IPV4_SIZE + TCP_SIZE)
			return false;
		words[WORD_REST] = load16(d + 46) & be16_from(TCP_FLAGS);
	} else if (proto != PROTO_UDP || size < IPV4_SIZE + UDP_SIZE) {
		return false;
	}
	words[WORD_DST] = load64(d);
	words[WORD_SRC] = load64(d + 8) & 0x0000ffffffffffffULL;
	words[WORD_IP] = load64(d + 26);
	words[WORD_L4] = proto | (uint64_t)d[15] << 8 | (uint64_t)d[22] << 16 |
		(uint64_t)load32(d + 34) << 32;
	return true;
}

static __attribute__((noinline)) uint32_t
parse_other(struct keys *keys, unsigned i, const struct rte_mbuf *pkt, uint64_t *words)
{
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

	words[WORD_DST] = load64(data);
	memset(&words[WORD_SRC], 0, (KEY_WORDS - WORD_SRC) * sizeof(words[0]));
	parse_any(&p);
	keys->l3[i] = p.l3;
	keys->l4[i] = p.l4;
	return hash_blocks(hash_words(words), &p);
}

static inline void
parse_one(struct keys *keys, unsigned i, const struct rte_mbuf *pkt, uint32_t in_port)
{
	const uint8_t *data = rte_pktmbuf_mtod(pkt, const uint8_t *);
	uint64_t words[KEY_WORDS];

	words[WORD_PORT] = in_port;
	words[WORD_TUN_ID] = 0;
	words[WORD_TUN_IP] = 0;
	if (likely(parse_plain(data, pkt->data_len, pkt->pkt_len, words))) {
		keys->hashes[i] = hash_words(words);
		keys->l3[i] = ETH_SIZE;
		keys->l4[i] = ETH_SIZE + IPV4_SIZE;
	} else {
		keys->hashes[i] = parse_other(keys, i, pkt, words);
	}
	store_words(keys->blocks[0][i], words);
}

static __attribute__((noinline)) void take_out_runts(struct worker *worker, struct batch *batch)
{
	uint16_t n = 0;

	BATCH_FOREACH(i, batch) {
		if (batch->pkts[i]->pkt_len < ETH_SIZE)
			worker_drop(worker, &batch->pkts[i], 1, &drop_runt);
		else
			batch->pkts[n++] = batch->pkts[i];
	}
	batch->n = n;
}

void parse_batch(struct worker *worker, struct batch *batch)
{
	struct keys *keys = &worker->keys;
	const struct exact_cache *exact = &worker->exact;
	uint32_t shortest = UINT32_MAX;

	BATCH_FOREACH(i, batch) {
		const struct rte_mbuf *pkt = batch->pkts[i];

		if (i + PREFETCH_AHEAD < batch->n)
			rte_prefetch0(rte_pktmbuf_mtod(batch->pkts[i + PREFETCH_AHEAD], void *));
		if (pkt->pkt_len < shortest)
			shortest = pkt->pkt_len;
	}
	if (unlikely(shortest < ETH_SIZE))
		take_out_runts(worker, batch);
	BATCH_FOREACH(i, batch) {
		parse_one(keys, i, batch->pkts[i], batch->pkts[i]->port);
		rte_prefetch0(&exact->buckets[keys->hashes[i] & exact->mask]);
	}
}

void keys_get(const struct keys *keys, unsigned i, struct key *key)
{
	memset(key, 0, sizeof(*key));
	memcpy(key->block[0], keys->blocks[0][i], KEY_BLOCK_SIZE);
	for (unsigned block = 1; block < KEY_N_PACKET_BLOCKS; block++)
		if (key->base.blocks & KEY_HAS(block))
			memcpy(key->block[block], keys->blocks[block][i], KEY_BLOCK_SIZE);
}

int parse_frame(
	const void *frame, uint32_t length, uint32_t total, uint32_t in_port, struct key *key
)
{
	uint64_t faults[PARSE_N_FAULTS];
	uint64_t words[KEY_WORDS] = {in_port};

	memset(key, 0, sizeof(*key));
	if (length < ETH_SIZE || total < length)
		return -1;
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
	store_words(key->block[0], words);
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
