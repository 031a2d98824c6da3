/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <rte_ip.h>

#include "datapath/ops/encap.h"
#include "datapath/ops/packet.h"
#include "datapath/packet/offload.h"
#include "datapath/ports/gre.h"
#include "datapath/tunnel/erspan.h"
#include "datapath/tunnel/header.h"
#include "datapath/worker_priv.h"

#include "datapath/fast/fast.h"

enum {
	PORT_LOW = 32768,
	PORT_HIGH = 61000,
	TIMES_IN_MS = 10, /* units of ERSPAN's time */
};

uint32_t header_ports_first = PORT_LOW, header_ports_n = PORT_HIGH - PORT_LOW + 1;

void encap_get_ports(uint16_t *low, uint16_t *high)
{
	*low = (uint16_t)header_ports_first;
	*high = (uint16_t)(header_ports_first + header_ports_n - 1);
}

void encap_set_ports(uint16_t low, uint16_t high)
{
	__atomic_store_n(&header_ports_first, low, __ATOMIC_RELAXED);
	__atomic_store_n(&header_ports_n, (uint32_t)high - low + 1, __ATOMIC_RELAXED);
}

static inline void put16(uint8_t *to, uint16_t host)
{
	be16 value = be16_from(host);

	memcpy(to, &value, sizeof(value));
}

static void finish_ipv4(
	struct worker *worker,
	const struct op_encap_head *head,
	uint8_t *ip,
	uint32_t length,
	uint8_t ecn
)
{
	uint32_t sum = head->ip_sum + be16_from((uint16_t)length) + ((uint32_t)ecn << 8);

	put16(ip + 2, (uint16_t)length);
	ip[1] |= ecn;
	if (unlikely(head->number)) {
		be16 id = be16_from(++worker->ip_id);

		memcpy(ip + 4, &id, sizeof(id));
		sum += id;
	}
	uint16_t folded = ~packet_fold(sum);

	memcpy(ip + 10, &folded, sizeof(folded));
}

/* UDP's is left to the port that sends the packet. */
static void finish_sum(const struct op_encap_head *head, struct rte_mbuf *pkt)
{
	uint8_t *l4 = rte_pktmbuf_mtod_offset(pkt, uint8_t *, head->l4);
	uint16_t sum;

	/* What is not zero asks for a sum. */
	if (head->udp) {
		memset(l4 + 6, 0xff, sizeof(sum));
		pkt->ol_flags |= head->mbuf_flag | RTE_MBUF_F_TX_OUTER_UDP_CKSUM;
		return;
	}
	/* Each segment will have its own. */
	if (offload_is_pending(pkt)) {
		memset(l4 + 4, 0xff, sizeof(sum));
		return;
	}
	if (rte_raw_cksum_mbuf(pkt, head->l4, pkt->pkt_len - head->l4, &sum))
		sum = 0;
	sum = ~sum;
	memcpy(l4 + 4, &sum, sizeof(sum));
}

/* Into how many packets it will be cut, at most. */
static uint32_t count_segments(const struct rte_mbuf *pkt)
{
	return offload_is_pending(pkt) && pkt->tso_segsz ? pkt->pkt_len / pkt->tso_segsz + 1 : 1;
}

/* Of the packets of each tunnel. */
static uint32_t numbers[PORT_IDS];

void header_restart(uint16_t port_id)
{
	__atomic_store_n(&numbers[port_id], 0, __ATOMIC_RELAXED);
}

/* Numbers packets of one tunnel, whichever worker sends them. */
static void
finish_seq(const struct worker *worker, const struct op_encap_head *head, uint8_t *gre, uint32_t n)
{
	unsigned at = 4 + (gre[0] & 0x80 ? 4 : 0) + (gre[0] & 0x20 ? 4 : 0);
	be32 number = be32_from(
		__atomic_fetch_add(&numbers[head->port_id % PORT_IDS], n, __ATOMIC_RELAXED)
	);

	memcpy(gre + at, &number, sizeof(number));
	if (load16(gre + 2) == be16_from(TYPE_ERSPAN3)) {
		be32 time = be32_from((uint32_t)(worker->now_ms * TIMES_IN_MS));

		memcpy(gre + at + sizeof(number) + ERSPAN3_TIME, &time, sizeof(time));
	}
}

bool header_settle(const struct op_encap_head *head, struct rte_mbuf *pkt, uint16_t room)
{
	/* GRE wants a sum over all of it, or the packet's own headers will not be where those of the
	 * tunnel are, or not all of them will be there. */
	bool now = (!head->udp && head->csum) || head->bare || rte_pktmbuf_headroom(pkt) < room;

	if (now && !(pkt->ol_flags & RTE_MBUF_F_TX_TCP_SEG))
		return !offload_finish(pkt);
	pkt->ol_flags = (pkt->ol_flags & ~RTE_MBUF_F_TX_TUNNEL_MASK) | head->mbuf_flag;
	return true;
}

void header_finish(
	struct worker *worker,
	const struct op_encap_head *head,
	struct rte_mbuf *whole,
	struct header_says says
)
{
	uint32_t length = whole->pkt_len;
	uint8_t *eth = rte_pktmbuf_mtod(whole, uint8_t *);
	uint8_t *ip = eth + ETH_SIZE;

	if (head->ipv6) {
		ip[1] |= (uint8_t)(says.ecn << 4);
		put16(ip + 4, (uint16_t)(length - ETH_SIZE - IPV6_SIZE));
	} else {
		finish_ipv4(worker, head, ip, length - ETH_SIZE, says.ecn);
	}
	if (likely(head->udp)) {
		put16(eth + head->l4, header_source_port(says.hash));
		put16(eth + head->l4 + 4, (uint16_t)(length - head->l4));
	}
	if (head->seq)
		finish_seq(worker, head, eth + head->l4, count_segments(whole));
	if (unlikely(head->csum))
		finish_sum(head, whole);
}
