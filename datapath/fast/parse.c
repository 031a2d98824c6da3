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

enum {
	HEADERS_MAX = 512, /* bytes looked at when a packet is in pieces */
};

/* What of the L4 word names a connection: TOS and TTL are left out. */
static const uint64_t name_mask = 0xffffffffff0000ffULL;

static inline uint64_t hash_words(uint64_t dst, uint64_t src, uint64_t ip, uint64_t l4)
{
	return hash_pair(dst, src, 0) ^ hash_pair(ip, l4 & name_mask, 2);
}

static uint64_t hash_blocks(const struct parse *p)
{
	const parse_word *ipv6 = (const parse_word *)(p->base + KEY_BLOCK_IPV6 * p->stride);
	const parse_word *extra = (const parse_word *)(p->base + KEY_BLOCK_EXTRA * p->stride);
	uint64_t hash = 0;

	if (p->blocks & KEY_HAS(KEY_BLOCK_IPV6))
		hash = hash_pair(ipv6[0], ipv6[1], 4) ^ hash_pair(ipv6[2], ipv6[3], 5);
	if (p->blocks & KEY_HAS(KEY_BLOCK_EXTRA))
		hash ^= hash_pair(extra[0], p->blocks, 6);
	return hash;
}

/* Everything but plain packets. The words go straight into the base block. */
static __attribute__((noinline)) void
parse_other(struct keys *keys, unsigned i, const struct rte_mbuf *pkt, uint32_t in_port)
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
	words[WORD_PORT] = in_port;
	words[WORD_DST] = load64(data);
	parse_any(&p);
	keys->l3[i] = p.l3;
	keys->l4[i] = p.l4;
	hash = hash_words(words[WORD_DST], words[WORD_SRC], words[WORD_IP], words[WORD_L4]);
	keys->hashes[i] = hash_fold(hash ^ hash_blocks(&p) ^ in_port);
}

/* Plain TCP or UDP in IPv4 without options, whole, untagged: what most packets are. False if it is
 * anything else. Words are put together in registers and stored whole, because a narrow store
 * followed by a wide load stalls for some twenty cycles. */
static inline bool
parse_plain(struct keys *keys, unsigned i, const struct rte_mbuf *pkt, uint32_t in_port)
{
	const uint8_t *d = rte_pktmbuf_mtod(pkt, const uint8_t *);
	parse_word *words = (parse_word *)keys->blocks[0][i];
	uint32_t length = pkt->data_len;
	uint64_t flags = 0;

	if (unlikely(length < ETH_SIZE + IPV4_SIZE + UDP_SIZE))
		return false;
	/* The type, version and header length; then flags and offset, where DF may be set. */
	if ((load32(d + 12) & 0x00ffffff) != (be16_from(TYPE_IPV4) | 0x45u << 16))
		return false;
	if (unlikely(load16(d + 20) & be16_from(IPV4_MORE | IPV4_OFFSET)))
		return false;
	uint32_t size = host16(d + 16);
	uint8_t proto = d[23];

	if (unlikely(size + ETH_SIZE > pkt->pkt_len))
		return false;
	if (proto == PROTO_TCP) {
		if (size < IPV4_SIZE + TCP_SIZE || length < ETH_SIZE + IPV4_SIZE + TCP_SIZE)
			return false;
		flags = load16(d + 46) & be16_from(TCP_FLAGS);
	} else if (proto != PROTO_UDP || size < IPV4_SIZE + UDP_SIZE) {
		return false;
	}
	uint64_t dst = load64(d);
	uint64_t src = load64(d + 8) & 0x0000ffffffffffffULL;
	uint64_t ip = load64(d + 26);
	uint64_t l4 = proto | (uint64_t)d[15] << 8 | (uint64_t)d[22] << 16 |
		(uint64_t)load32(d + 34) << 32;

	words[WORD_PORT] = in_port;
	words[WORD_DST] = dst;
	words[WORD_SRC] = src;
	words[WORD_IP] = ip;
	words[WORD_L4] = l4;
	words[WORD_REST] = flags;
	words[WORD_TUN_ID] = 0;
	words[WORD_TUN_IP] = 0;
	keys->hashes[i] = hash_fold(hash_words(dst, src, ip, l4) ^ in_port);
	keys->l3[i] = ETH_SIZE;
	keys->l4[i] = ETH_SIZE + IPV4_SIZE;
	return true;
}

void parse_batch(struct worker *worker, const struct batch *batch)
{
	struct keys *keys = &worker->keys;
	const struct exact_cache *exact = &worker->exact;
	uint32_t in_port = worker->in_port;

	BATCH_FOREACH(i, batch) {
		if (unlikely(!parse_plain(keys, i, batch->pkts[i], in_port)))
			parse_other(keys, i, batch->pkts[i], in_port);
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
	parse_word words[KEY_WORDS] = {in_port};

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
