/* SPDX-License-Identifier: Apache-2.0 */

/* What a tunnel's headers add to the key of the packet that was inside. They have been taken off the
 * packet but are still in front of it in the buffer; op_decap checked them and noted where.  */

#include <string.h>

#include <rte_mbuf.h>
#include <rte_prefetch.h>

#include "datapath/fast/hash.h"
#include "datapath/fast/headers.h"
#include "datapath/fast/meta.h"
#include "datapath/fast/parse_priv.h"
#include "datapath/worker_priv.h"

#include "datapath/fast/fast.h"

enum {
	IPV6_SRC = 8,
	IPV6_DST = 24,
};

static void parse_tunnel(struct keys *keys, unsigned i, const struct rte_mbuf *pkt)
{
	const struct meta *meta = meta_of((struct rte_mbuf *)pkt);
	const uint8_t *ip = (const uint8_t *)pkt->buf_addr + meta->outer_l3;
	parse_word *words = (parse_word *)keys->blocks[0][i];
	struct key_tunnel tunnel = {
		.flags = be16_from(meta->tun_flags & META_TUN_OAM ? KEY_TUNNEL_OAM : 0),
		.tos = meta->tun_tos,
		.ttl = meta->tun_ttl,
		.gbp_id = meta->gbp_id,
		.gbp_flags = meta->gbp_flags,
	};
	uint64_t hash;

	words[WORD_TUN_ID] = meta->tun_id;
	words[WORD_TUN_IP] = meta->tun_src | (uint64_t)meta->tun_dst << 32;
	hash = hash_pair(words[WORD_TUN_ID], words[WORD_TUN_IP], 6);
	if (unlikely(!meta->tun_dst && meta->outer_l3)) {
		memcpy(tunnel.ipv6_src, ip + IPV6_SRC, sizeof(tunnel.ipv6_src));
		memcpy(tunnel.ipv6_dst, ip + IPV6_DST, sizeof(tunnel.ipv6_dst));
		hash ^= hash_pair(load64(tunnel.ipv6_src), load64(tunnel.ipv6_src + 8), 5);
		hash ^= hash_pair(load64(tunnel.ipv6_dst), load64(tunnel.ipv6_dst + 8), 4);
	}
	memcpy(keys->blocks[KEY_BLOCK_TUNNEL][i], &tunnel, sizeof(tunnel));
	words[WORD_REST] |= (uint64_t)KEY_HAS(KEY_BLOCK_TUNNEL) << 32;
	keys->hashes[i] ^= hash_fold(hash);
}

void parse_tunnels(struct worker *worker, const struct batch *batch)
{
	const struct exact_cache *exact = &worker->exact;

	BATCH_FOREACH(i, batch) {
		parse_tunnel(&worker->keys, i, batch->pkts[i]);
		rte_prefetch0(&exact->buckets[worker->keys.hashes[i] & exact->mask]);
	}
}
