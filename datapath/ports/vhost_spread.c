/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/vhost_spread.h"

#include <netinet/in.h>
#include <string.h>

#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_mbuf.h>

#include "datapath/fast/hash.h"
#include "datapath/ports/vhost.h"
#include "datapath/worker.h"

#include "datapath/fast/fast.h"

enum {
	TAGS = 2, /* VLAN tags that are looked behind */
	PORTS_SIZE = 4,
	MACS_SIZE = 12,
};

static uint64_t word_at(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

static bool has_ports(unsigned proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_SCTP;
}

static uint32_t ports_at(const uint8_t *at, const uint8_t *end)
{
	uint32_t ports = 0;

	if (at + PORTS_SIZE <= end)
		memcpy(&ports, at, sizeof(ports));
	return ports;
}

static uint64_t hash_ipv4(const uint8_t *at, const uint8_t *end)
{
	const struct rte_ipv4_hdr *ip = (const struct rte_ipv4_hdr *)at;
	bool is_fragment = ip->fragment_offset &
		rte_cpu_to_be_16(RTE_IPV4_HDR_OFFSET_MASK | RTE_IPV4_HDR_MF_FLAG);
	uint32_t ports = has_ports(ip->next_proto_id) && !is_fragment
		? ports_at(at + rte_ipv4_hdr_len(ip), end)
		: 0;

	return hash_pair(word_at((const uint8_t *)&ip->src_addr), ports, 0);
}

static uint64_t hash_ipv6(const uint8_t *at, const uint8_t *end)
{
	const struct rte_ipv6_hdr *ip = (const struct rte_ipv6_hdr *)at;
	uint32_t ports = has_ports(ip->proto) ? ports_at(at + sizeof(*ip), end) : 0;

	return hash_pair(word_at(ip->src_addr), word_at(ip->dst_addr), 0) ^
		hash_pair(word_at(ip->src_addr + 8) ^ ports, word_at(ip->dst_addr + 8), 2);
}

static bool is_tag(uint16_t type)
{
	return type == rte_cpu_to_be_16(RTE_ETHER_TYPE_VLAN) ||
		type == rte_cpu_to_be_16(RTE_ETHER_TYPE_QINQ);
}

uint32_t vhost_spread_hash(const struct rte_mbuf *pkt)
{
	const uint8_t *data = rte_pktmbuf_mtod(pkt, const uint8_t *);
	const uint8_t *end = data + pkt->data_len;
	const uint8_t *at = data + MACS_SIZE;
	uint16_t type = 0;

	for (unsigned i = 0; i <= TAGS && at + sizeof(type) <= end; i++) {
		memcpy(&type, at, sizeof(type));
		if (!is_tag(type))
			break;
		at += sizeof(struct rte_vlan_hdr);
	}
	at += sizeof(type);
	if (type == rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4) &&
	    at + sizeof(struct rte_ipv4_hdr) <= end)
		return hash_fold(hash_ipv4(at, end));
	if (type == rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV6) &&
	    at + sizeof(struct rte_ipv6_hdr) <= end)
		return hash_fold(hash_ipv6(at, end));
	if (data + MACS_SIZE > end)
		return 0;
	return hash_fold(hash_pair(word_at(data), word_at(data + MACS_SIZE - 8), 0));
}

/* Worker 0 has the rings 0, n, 2n …, where n workers send. */
static uint16_t choose(const struct vhost_link *link, uint16_t worker, uint16_t n, uint32_t hash)
{
	uint16_t own = (link->n_tx - worker + n - 1) / n;

	return link->tx[worker + n * (uint16_t)((uint64_t)hash * own >> 32)];
}

void vhost_spread_make(
	struct vhost_spread *spread,
	const struct vhost_link *link,
	uint16_t worker,
	struct rte_mbuf **pkts,
	uint16_t n
)
{
	unsigned n_workers = workers_count();
	uint16_t senders = n_workers < link->n_tx ? n_workers : link->n_tx;
	uint16_t queues[BATCH_SIZE];
	uint16_t placed = 0;

	/* Their number changes while packets fly. */
	worker %= link->n_tx;
	if (senders <= worker)
		senders = worker + 1;
	for (uint16_t i = 0; i < n; i++)
		queues[i] = choose(link, worker, senders, vhost_spread_hash(pkts[i]));
	spread->n_groups = 0;
	for (uint16_t i = 0; i < n; i++) {
		uint16_t queue = queues[i];

		if (queue == UINT16_MAX)
			continue;
		spread->queues[spread->n_groups] = queue;
		spread->starts[spread->n_groups++] = placed;
		for (uint16_t k = i; k < n; k++) {
			if (queues[k] != queue)
				continue;
			spread->pkts[placed++] = pkts[k];
			queues[k] = UINT16_MAX;
		}
	}
	spread->starts[spread->n_groups] = placed;
}
