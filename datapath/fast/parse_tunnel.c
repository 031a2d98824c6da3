/* SPDX-License-Identifier: Apache-2.0 */

/* What a tunnel's headers add to the key of the packet that was inside. They have been taken off the
 * packet but are still in front of it in the buffer; op_decap checked them and noted where.  */

#include <smmintrin.h>
#include <stddef.h>
#include <string.h>

#include <rte_mbuf.h>
#include <rte_prefetch.h>

#include "datapath/fast/hash.h"
#include "datapath/fast/headers.h"
#include "datapath/fast/meta.h"
#include "datapath/fast/parse_priv.h"
#include "datapath/port.h"
#include "datapath/tunnel/erspan.h"
#include "datapath/tunnel/options.h"
#include "datapath/tunnel/tunnel.h"
#include "datapath/worker_priv.h"
#include "lib/epoch.h"

#include "datapath/fast/fast.h"

enum {
	IPV6_SRC = 8,
	IPV6_DST = 24,
	GENEVE_SIZE = 8,
	ERSPAN_AT = 8, /* behind GRE with a number */
};

/* The words of the tunnel block; what is between those used is zero. */
enum {
	TUNNEL_SRC, /* two words */
	TUNNEL_DST = 2, /* two words */
	TUNNEL_REST = 4, /* flags, tos, ttl, gbp_id, gbp_flags, erspan_ver */
	TUNNEL_PRESENT = 6, /* options_present */
	TUNNEL_WORDS = 8,
};

/* Where a word (4 bytes) of option data is in the keys of a batch. */
static inline uint32_t *option_word(struct keys *keys, unsigned i, unsigned word)
{
	const unsigned n = KEY_BLOCK_SIZE / 4;
	uint8_t *block = keys->blocks[KEY_BLOCK_TUNNEL_OPTIONS + word / n][i];

	return (uint32_t *)(void *)(block + 4 * (word % n));
}

/* The options that are bound to fields, at their places. Returns their part of the hash. */
static uint64_t parse_options(
	struct keys *keys,
	unsigned i,
	const struct rte_mbuf *pkt,
	const struct tunnel_options *bound
)
{
	const struct meta *meta = meta_of((struct rte_mbuf *)pkt);
	const uint8_t *option =
		(const uint8_t *)pkt->buf_addr + meta->outer_l4 + UDP_SIZE + GENEVE_SIZE;
	unsigned size, n = meta->outer_options;
	uint64_t present = 0, hash = 0;

	for (unsigned block = 0; block < KEY_TUNNEL_OPTIONS_SIZE / KEY_BLOCK_SIZE; block++)
		memset(keys->blocks[KEY_BLOCK_TUNNEL_OPTIONS + block][i], 0, KEY_BLOCK_SIZE);
	for (; (size = tunnel_option_size(option, n)); option += size, n -= size) {
		int field = tunnel_options_find(bound, be32_to(load32(option)) >> 8);

		if (field < 0 || bound->map.size[field] != size - OPTION_HEAD)
			continue;
		present |= 1ULL << field;
		for (unsigned w = 0; w < bound->map.size[field] / 4u; w++) {
			uint32_t word = load32(option + OPTION_HEAD + 4 * w);

			*option_word(keys, i, bound->map.offset[field] + w) = word;
			hash = hash_pair(hash ^ word, (uint64_t)field << 8 | w, 3);
		}
	}
	((parse_word *)keys->blocks[KEY_BLOCK_TUNNEL][i])[TUNNEL_PRESENT] = present;
	((parse_word *)keys->blocks[0][i])[WORD_REST] |= (uint64_t)KEY_HAS(KEY_BLOCK_TUNNEL_OPTIONS)
		<< 32;
	return hash ^ present;
}

static uint64_t parse_erspan(struct keys *keys, unsigned i, const struct rte_mbuf *pkt)
{
	const struct meta *meta = meta_of((struct rte_mbuf *)pkt);
	parse_word *tunnel = (parse_word *)keys->blocks[KEY_BLOCK_TUNNEL][i];

	erspan_read(
		(const uint8_t *)pkt->buf_addr + meta->outer_l4 + ERSPAN_AT,
		(struct key_tunnel *)(void *)tunnel
	);
	return hash_pair(tunnel[TUNNEL_REST], tunnel[TUNNEL_REST + 1], 3);
}

/* What stands at the end of the header, where there is more than usual. */
static __attribute__((noinline)) uint64_t
parse_more(struct keys *keys, unsigned i, const struct rte_mbuf *pkt)
{
	const struct tunnel_options *bound = tunnel_options_of(pkt->port);
	const struct port *port = epoch_load(&ports_by_id[pkt->port]);

	if (port && port->tunnel && port->tunnel->encapsulation->is_erspan)
		return parse_erspan(keys, i, pkt);
	return bound ? parse_options(keys, i, pkt, bound) : 0;
}

static inline void parse_tunnel(struct keys *keys, unsigned i, const struct rte_mbuf *pkt)
{
	const struct meta *meta = meta_of((struct rte_mbuf *)pkt);
	const uint8_t *ip = (const uint8_t *)pkt->buf_addr + meta->outer_l3;
	parse_word *words = (parse_word *)keys->blocks[0][i];
	parse_word *tunnel = (parse_word *)keys->blocks[KEY_BLOCK_TUNNEL][i];
	uint64_t ips = load64((const uint8_t *)&meta->tun_src);
	uint64_t hash = hash_pair(meta->tun_id, ips, 6);

	words[WORD_TUN_ID] = meta->tun_id;
	words[WORD_TUN_IP] = ips;
	for (unsigned w = 0; w < TUNNEL_WORDS; w++)
		tunnel[w] = 0;
	tunnel[TUNNEL_REST] = load64((const uint8_t *)&meta->tun_flags);
	if (unlikely(!meta->tun_dst && meta->outer_l3)) {
		for (unsigned w = 0; w < 4; w++)
			tunnel[TUNNEL_SRC + w] = load64(ip + IPV6_SRC + 8 * w);
		hash ^= hash_pair(tunnel[TUNNEL_SRC], tunnel[TUNNEL_SRC + 1], 5);
		hash ^= hash_pair(tunnel[TUNNEL_DST], tunnel[TUNNEL_DST + 1], 4);
	}
	words[WORD_REST] |= (uint64_t)KEY_HAS(KEY_BLOCK_TUNNEL) << 32;
	if (unlikely(meta->outer_options && meta->outer_l3))
		hash ^= parse_more(keys, i, pkt);
	keys->hashes[i] ^= hash_fold(hash);
}

static_assert(offsetof(struct key_tunnel, flags) == 8 * TUNNEL_REST, "parse: not as in the key");
static_assert(
	offsetof(struct key_tunnel, gbp_flags) - offsetof(struct key_tunnel, flags) ==
		offsetof(struct meta, gbp_flags) - offsetof(struct meta, tun_flags),
	"parse: not as in the metadata"
);
static_assert(
	offsetof(struct key_tunnel, options_present) == 8 * TUNNEL_PRESENT,
	"parse: not as in the key"
);

void parse_tunnels(struct worker *worker, const struct batch *batch)
{
	const struct exact_cache *exact = &worker->exact;

	BATCH_FOREACH(i, batch) {
		parse_tunnel(&worker->keys, i, batch->pkts[i]);
		rte_prefetch0(&exact->buckets[worker->keys.hashes[i] & exact->mask]);
	}
}

void parse_inside(
	struct worker *worker, const struct batch *batch, const struct inner_tunnel *tunnel
)
{
	const __m128i zeros = _mm_setzero_si128();
	const __m128i both = _mm_set_epi64x((long long)tunnel->ips, (long long)tunnel->id);
	const uint32_t hash = hash_fold(hash_pair(tunnel->id, tunnel->ips, 6));
	const struct bucket *buckets = worker->exact.buckets;
	const uint32_t mask = worker->exact.mask;
	const unsigned n = batch->n;
	struct keys *keys = &worker->keys;

	parse_batch(worker, batch);
	for (unsigned i = 0; i < n; i++) {
		const struct meta *meta = meta_of(batch->pkts[i]);
		__m128i *base = (__m128i *)keys->blocks[0][i];
		__m128i *block = (__m128i *)keys->blocks[KEY_BLOCK_TUNNEL][i];

		/* Flags, TOS, TTL and what a policy group says may differ within a tunnel. */
		block[0] = zeros;
		block[1] = zeros;
		block[TUNNEL_REST / 2] = _mm_loadl_epi64((const __m128i *)&meta->tun_flags);
		block[3] = zeros;
		base[WORD_TUN_ID / 2] = both;
		((parse_word *)base)[WORD_REST] |= (uint64_t)KEY_HAS(KEY_BLOCK_TUNNEL) << 32;
		keys->hashes[i] ^= hash;
		rte_prefetch0(&buckets[keys->hashes[i] & mask]);
	}
}
