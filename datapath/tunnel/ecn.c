/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/tunnel/ecn.h"

#include <string.h>

#include <rte_mbuf.h>

#include "datapath/fast/headers.h"
#include "datapath/ops/packet.h"

#include "datapath/fast/fast.h"

enum {
	TAGS = 2,
	IPV4_CHECKSUM = 10,
};

/* The IP header, if there is one in the first segment. */
static uint8_t *find_ip(struct rte_mbuf *pkt, uint16_t *type)
{
	uint8_t *frame = rte_pktmbuf_mtod(pkt, uint8_t *);
	uint32_t at = ETH_SIZE;

	if (pkt->data_len < ETH_SIZE)
		return NULL;
	*type = host16(frame + at - 2);
	for (unsigned i = 0; i < TAGS && (*type == TYPE_VLAN || *type == TYPE_QINQ); i++) {
		at += VLAN_SIZE;
		if (pkt->data_len < at)
			return NULL;
		*type = host16(frame + at - 2);
	}
	if (*type == TYPE_IPV4 && pkt->data_len >= at + IPV4_SIZE && frame[at] >> 4 == 4)
		return frame + at;
	if (*type == TYPE_IPV6 && pkt->data_len >= at + IPV6_SIZE && frame[at] >> 4 == 6)
		return frame + at;
	return NULL;
}

static void mark_ipv4(uint8_t *ip, uint8_t ecn)
{
	uint16_t before = load16(ip);
	uint16_t sum = load16(ip + IPV4_CHECKSUM);

	ip[1] = (ip[1] & ~ECN_MASK) | ecn;
	sum = packet_checksum(sum, before, load16(ip));
	memcpy(ip + IPV4_CHECKSUM, &sum, sizeof(sum));
}

bool ecn_take_over(struct rte_mbuf *pkt, uint8_t outer)
{
	uint16_t type;
	uint8_t *ip = find_ip(pkt, &type);
	uint8_t inner;

	if (!ip)
		return true; /* it has no place for marks */
	inner = (type == TYPE_IPV4 ? ip[1] : ip[1] >> 4) & ECN_MASK;
	if (outer == ECN_CE && inner == ECN_NOT_ECT)
		return false;
	if (inner == outer || inner == ECN_CE || inner == ECN_NOT_ECT ||
	    (outer == ECN_ECT1 && inner != ECN_ECT0))
		return true;
	if (type == TYPE_IPV4)
		mark_ipv4(ip, outer);
	else
		ip[1] = (uint8_t)((ip[1] & ~(ECN_MASK << 4)) | outer << 4);
	return true;
}
