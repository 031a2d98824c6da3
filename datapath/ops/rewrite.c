/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/rewrite.h"

#include <string.h>

#include <rte_mbuf.h>

#include "datapath/fast/execute.h"
#include "datapath/fast/headers.h"
#include "datapath/packet/offload.h"
#include "datapath/program_priv.h"
#include "datapath/worker_priv.h"

#include "datapath/fast/fast.h"

enum {
	IPV4_TTL = 8,
	IPV4_CHECKSUM = 10,
	IPV4_SRC = 12,
	TCP_CHECKSUM = 16,
	UDP_CHECKSUM = 6,
};

/* The whole of a rewrite as words of the headers: what is kept, and what is put in. */
struct words {
	uint64_t eth_keep, eth;
	uint32_t eth_keep_rest, eth_rest;
	uint16_t tos_keep, tos; /* with the byte before it */
	uint16_t ttl_keep, ttl; /* with the protocol */
	uint64_t ip_keep, ip;
};

static inline struct words words_of(const struct rewrite *r)
{
	const uint8_t *value = (const uint8_t *)&r->eth;
	const uint8_t *mask = value + 2 * sizeof(struct mac);

	return (struct words){
		.eth = load64(value),
		.eth_keep = ~load64(mask),
		.eth_rest = load32(value + 8),
		.eth_keep_rest = ~load32(mask + 8),
		.tos = r->ip.tos << 8,
		.tos_keep = ~(r->ip.tos_mask << 8),
		.ttl = r->ip.ttl,
		.ttl_keep = ~r->ip.ttl_mask,
		.ip = r->ip.src | (uint64_t)r->ip.dst << 32,
		.ip_keep = ~(r->ip.src_mask | (uint64_t)r->ip.dst_mask << 32),
	};
}

/* Ones' complement sums of halves: what is taken away, and what is put in its place. */
static inline uint64_t difference32(uint64_t before, uint64_t after)
{
	return (uint32_t)~before + (uint64_t)(uint32_t) ~(before >> 32) + (uint32_t)after +
		(after >> 32);
}

static inline uint64_t difference16(uint16_t before, uint16_t after)
{
	return (uint16_t)~before + (uint64_t)after;
}

static inline uint16_t sum_up(uint16_t checksum, uint64_t difference)
{
	uint64_t sum = (uint16_t)~checksum + difference;

	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static inline void fix_l4(uint8_t *l4, uint8_t proto, uint64_t difference)
{
	uint8_t *field = l4 + (proto == PROTO_TCP ? TCP_CHECKSUM : UDP_CHECKSUM);
	uint16_t sum = load16(field);

	if (proto == PROTO_UDP && !sum)
		return; /* there is none */
	sum = sum_up(sum, difference);
	if (proto == PROTO_UDP && !sum)
		sum = UINT16_MAX;
	memcpy(field, &sum, sizeof(sum));
}

/* False: the TTL is used up, nothing was done. */
static inline bool rewrite_one(
	const struct rewrite *r, const struct words *w, uint8_t *frame, struct header_starts starts
)
{
	uint8_t *ip = frame + starts.l3;
	uint16_t tos = load16(ip), ttl = load16(ip + IPV4_TTL);
	uint64_t addresses = load64(ip + IPV4_SRC);
	uint64_t difference = 0;

	if (r->dec_ttl && (ttl & 0xff) <= 1)
		return false;
	uint64_t eth = (load64(frame) & w->eth_keep) | w->eth;
	uint32_t eth_rest = (load32(frame + 8) & w->eth_keep_rest) | w->eth_rest;
	uint16_t new_tos = (tos & w->tos_keep) | w->tos;
	uint16_t new_ttl = ((ttl - r->dec_ttl) & w->ttl_keep) | w->ttl;

	memcpy(frame, &eth, sizeof(eth));
	memcpy(frame + 8, &eth_rest, sizeof(eth_rest));
	memcpy(ip, &new_tos, sizeof(new_tos));
	memcpy(ip + IPV4_TTL, &new_ttl, sizeof(new_ttl));
	if (r->addresses) {
		uint64_t new = (addresses & w->ip_keep) | w->ip;

		memcpy(ip + IPV4_SRC, &new, sizeof(new));
		difference = difference32(addresses, new);
		fix_l4(frame + starts.l4, ttl >> 8, difference);
	}
	difference += difference16(tos, new_tos) + difference16(ttl, new_ttl);
	uint16_t sum = sum_up(load16(ip + IPV4_CHECKSUM), difference);

	memcpy(ip + IPV4_CHECKSUM, &sum, sizeof(sum));
	return true;
}

/* Whole headers of IPv4 with TCP or UDP behind, and nothing left for the network card to do. */
static inline bool is_plain(const struct keys *keys, unsigned i, const struct rte_mbuf *pkt)
{
	const struct key_base *key = (const void *)keys_base(keys, i);
	uint16_t start = keys->starts[i].l4;
	bool l4 = key->ip_proto == PROTO_UDP || key->ip_proto == PROTO_TCP;

	return key->eth_type == be16_from(TYPE_IPV4) && l4 && start &&
		pkt->data_len >= start + (key->ip_proto == PROTO_TCP ? TCP_SIZE : UDP_SIZE) &&
		!offload_is_pending(pkt);
}

/* Does what joined one by one. False: the packet has been dropped. */
static __attribute__((noinline)) bool
run_ops(struct worker *worker, const struct rewrite *r, unsigned i, struct rte_mbuf *pkt)
{
	uint16_t n = 1;

	if (!execute_set_meta(worker, i, pkt))
		return false;
	for (unsigned k = 0; k < r->n_ops && n; k++)
		n = r->ops[k].run(worker, r->ops[k].args, &pkt, 1);
	return n;
}

uint16_t rewrite_run(
	struct worker *worker,
	const struct rewrite *r,
	struct rte_mbuf **pkts,
	const uint8_t *places,
	uint16_t n
)
{
	const struct keys *keys = &worker->keys;
	const struct words words = words_of(r);
	uint16_t left = 0;

	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *pkt = pkts[i];
		unsigned place = places[i];

		uint8_t *frame = rte_pktmbuf_mtod(pkt, uint8_t *);
		bool done = is_plain(keys, place, pkt) &&
			rewrite_one(r, &words, frame, keys->starts[place]);

		if (likely(done) || run_ops(worker, r, place, pkt))
			pkts[left++] = pkt;
	}
	return left;
}
