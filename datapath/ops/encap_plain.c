/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ops/encap_plain.h"

#include <rte_mbuf.h>

#include "datapath/fast/execute.h"
#include "datapath/fast/transmit.h"
#include "datapath/ops/encap.h"
#include "datapath/ops/packet.h"
#include "datapath/packet/offload.h"
#include "datapath/tunnel/ecn.h"
#include "datapath/tunnel/plain.h"
#include "datapath/worker_priv.h"
#include "lib/epoch.h"

#include "datapath/fast/fast.h"

enum {
	/* Packets in a batch from which on it pays to have a look whether they get the same header. */
	MODEL_FROM = 4,
};

/* What would stop a packet from going the common way. */
#define NOT_PLAIN (OFFLOAD_PENDING | RTE_MBUF_F_TX_TUNNEL_MASK)

bool encap_is_plain(const struct op_encap *encap)
{
	const struct op_encap_head *head = &encap->head;

	return head->udp && !head->csum && !head->number && !head->ipv6 && !head->bare;
}

/* As in other programs. */
static __attribute__((noinline)) bool put_slowly(
	struct worker *worker, const struct op_encap *encap, struct rte_mbuf **pkt, unsigned place
)
{
	return execute_set_meta(worker, place, *pkt) && op_encap.run(worker, encap, pkt, 1);
}

/* What a look at all packets of a batch has found: bits that any has, and that all have. */
struct seen {
	uint64_t flags;
	int32_t room; /* negative: one lacks some in front */
	uint32_t any_length, all_length;
	uint8_t any_tos, all_tos;
};

/* Looks at all of them, and fetches the room in front of each. */
static inline struct seen
look(const struct keys *keys, struct rte_mbuf *const *pkts, const uint8_t *places, uint16_t n)
{
	struct seen seen = {.all_length = UINT32_MAX, .all_tos = UINT8_MAX};

	for (unsigned i = 0; i < n; i++) {
		const struct key_base *key = (const void *)keys_base(keys, places[i]);
		const struct rte_mbuf *pkt = pkts[i];

		rte_prefetch0_write((uint8_t *)pkt->buf_addr + pkt->data_off - CACHE_LINE);
		seen.flags |= pkt->ol_flags;
		seen.room |= pkt->data_off - ENCAP_SHORT;
		seen.any_length |= pkt->pkt_len;
		seen.all_length &= pkt->pkt_len;
		seen.any_tos |= key->ip_tos;
		seen.all_tos &= key->ip_tos;
	}
	return seen;
}

/* Whether all have room for the header, IP has for them, and nothing is left to be done for any. None is
 * longer than all of their bits together. */
static inline bool are_plain(const struct seen *seen, const struct plain *plain)
{
	return seen->room >= 0 && !(seen->flags & NOT_PLAIN) &&
		seen->any_length <= UINT16_MAX - plain->size;
}

/* Whether they get the same header, one that is not unusual. */
static inline bool are_alike(const struct seen *seen, const struct plain *plain)
{
	return seen->any_length == seen->all_length &&
		!((seen->any_tos ^ seen->all_tos) & ECN_MASK) &&
		plain->size <= PLAIN_USUAL * PLAIN_PIECE;
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
	struct port_counters *counters = &worker->port_counters[encap->head.port_id];
	const struct keys *keys = &worker->keys;
	struct plain plain;
	uint16_t left = 0;

	plain_init(&plain, encap);
	for (uint16_t i = 0; i < n; i++) {
		struct rte_mbuf *pkt = pkts[i];
		struct seen seen = look(keys, &pkt, &places[i], 1);

		if (!watched && are_plain(&seen, &plain)) {
			COUNTER_ADD(
				counters->tx_bytes, plain_put(&plain, keys, &pkt, &places[i], 1)
			);
			COUNTER_ADD(counters->tx_packets, 1);
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
	uint16_t n,
	uint16_t send_to
)
{
	struct port_counters *counters = &worker->port_counters[encap->head.port_id];
	const struct port *port = epoch_load(&ports_by_id[encap->head.port_id]);
	const struct keys *keys = &worker->keys;
	struct plain plain;

	if (unlikely(port && epoch_load(&port->captures)))
		return put_each(worker, encap, pkts, places, n, true);
	plain_init(&plain, encap);
	/* Before the look at the others, so that what is written narrow has long been written when it is
	 * read wide. The first packet's length is not too long, or none of this is used. */
	if (likely(n >= MODEL_FROM))
		plain_make_model(&plain, keys, pkts[0], places[0]);
	struct seen seen = look(keys, pkts, places, n);

	if (unlikely(!are_plain(&seen, &plain)))
		return put_each(worker, encap, pkts, places, n, false);
	COUNTER_ADD(counters->tx_packets, n);
	if (likely(n >= MODEL_FROM && are_alike(&seen, &plain))) {
		COUNTER_ADD(counters->tx_bytes, (uint64_t)n * seen.any_length);
		plain_put_alike(&plain, keys, pkts, places, n);
	} else {
		COUNTER_ADD(counters->tx_bytes, plain_put(&plain, keys, pkts, places, n));
	}
	if (!send_to)
		return n;
	transmit_append(worker, send_to, pkts, n);
	return 0;
}
