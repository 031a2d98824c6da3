/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How ops reach into packets: where headers are, and checksums kept right by difference (RFC 1624).
 *
 * Headers are found by offsets into the buffer, so they stay true when tags are put in front. What
 * ops touch is contiguous: execute_set_meta() has seen to that.  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <rte_mbuf.h>

#include "datapath/fast/headers.h"
#include "datapath/fast/meta.h"
#include "lib/types.h"

/* Workers. */

static inline uint8_t *packet_l3(struct rte_mbuf *pkt)
{
	return (uint8_t *)pkt->buf_addr + meta_of(pkt)->l3;
}

static inline uint8_t *packet_l4(struct rte_mbuf *pkt)
{
	return (uint8_t *)pkt->buf_addr + meta_of(pkt)->l4;
}

/* Whether there is a VLAN tag, as pop and set need. */
static inline bool packet_is_tagged(const struct rte_mbuf *pkt)
{
	const uint8_t *frame = rte_pktmbuf_mtod(pkt, const uint8_t *);

	if (unlikely(pkt->data_len < ETH_SIZE + VLAN_SIZE))
		return false;
	uint16_t type = host16(frame + 2 * sizeof(struct mac));

	return type == TYPE_VLAN || type == TYPE_QINQ;
}

/* Whether the packet's network header is of this type, given in host order. */
static inline bool packet_is(struct rte_mbuf *pkt, uint16_t eth_type)
{
	return meta_of(pkt)->l3 && meta_of(pkt)->eth_type == be16_from(eth_type);
}

static_assert(
	offsetof(struct rte_mbuf, data_len) == offsetof(struct rte_mbuf, pkt_len) + 4,
	"packet: lengths are not together"
);

/* The packet begins 'n' bytes before where it began; there is room, and neither length gets too long.
 * Both lengths are written as one. */
static inline void packet_push(struct rte_mbuf *pkt, uint32_t n)
{
	uint8_t *lengths = (uint8_t *)pkt + offsetof(struct rte_mbuf, pkt_len);
	uint64_t both = load64(lengths) + (n | (uint64_t)n << 32);

	pkt->data_off -= n;
	memcpy(lengths, &both, sizeof(both));
}

/* It loses its first 'n' bytes, which its first segment has. */
static inline void packet_pull(struct rte_mbuf *pkt, uint32_t n)
{
	uint8_t *lengths = (uint8_t *)pkt + offsetof(struct rte_mbuf, pkt_len);
	uint64_t both = load64(lengths) - (n | (uint64_t)n << 32);

	pkt->data_off += n;
	memcpy(lengths, &both, sizeof(both));
}

/* Replaces the bits of 'mask' by those of 'value', which has no others. */
static inline void packet_set_bits(uint8_t *p, const void *value, const void *mask, unsigned n)
{
	const uint8_t *v = value, *m = mask;

	for (unsigned i = 0; i < n; i++)
		p[i] = (p[i] & ~m[i]) | v[i];
}

/* The ones' complement sum of 'n' bytes (even), not folded. */
static inline uint64_t packet_sum(const void *data, unsigned n)
{
	const uint8_t *p = data;
	uint64_t sum = 0;

	for (unsigned i = 0; i < n; i += 2)
		sum += p[i] | p[i + 1] << 8;
	return sum;
}

static inline uint16_t packet_fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* The checksum 'old' of something in which bytes summing up to 'before' became 'after'. */
static inline uint16_t packet_checksum(uint16_t old, uint64_t before, uint64_t after)
{
	return ~packet_fold((uint16_t)~old + (0xffff - (uint64_t)packet_fold(before)) + after);
}

/* Where the Ethernet header and its tags end, from the packet's start: the network header, or where
 * it would stand if the parser knew it. */
uint16_t packet_find_inside(struct rte_mbuf *pkt);
/* Corrects the checksum of the packet's transport header for bytes that it covers. 'pseudo': they
 * stand in the pseudo header (addresses), not in the segment itself. */
void packet_fix_l4(struct rte_mbuf *pkt, uint64_t before, uint64_t after, bool pseudo);
