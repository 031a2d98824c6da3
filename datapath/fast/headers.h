/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Packet headers as the parser reads them: numbers of the wire, and loads that need no alignment.  */

#include <stdint.h>
#include <string.h>

#include "lib/types.h"

enum {
	ETH_SIZE = 14,
	VLAN_SIZE = 4,
	MPLS_SIZE = 4,
	MPLS_LABELS = 3, /* looked at */
	MPLS_BOTTOM = 0x100, /* of the stack, in the host-order entry */
	PBB_TAG_SIZE = 4, /* what stands behind the type, in front of the customer's addresses */
	PBB_SIZE = 18, /* with these and the type */
	LLC_SIZE = 3,
	SNAP_SIZE = 8, /* LLC and SNAP with its type */
	ARP_SIZE = 28,
	IPV4_SIZE = 20,
	IPV6_SIZE = 40,
	TCP_SIZE = 20,
	UDP_SIZE = 8,
	SCTP_SIZE = 12,
	ICMP_SIZE = 8,
	ND_SIZE = 24,
	ND_LINK_OPTION = 8, /* bytes of an option with an Ethernet address */
};

enum {
	TYPE_MIN = 0x600, /* below it stands a length */
	TYPE_NONE = 0x5ff, /* 802.3 without SNAP */
	TYPE_TEB = 0x6558, /* an Ethernet frame, in tunnels */
	TYPE_IPV4 = 0x0800,
	TYPE_ARP = 0x0806,
	TYPE_RARP = 0x8035,
	TYPE_VLAN = 0x8100,
	TYPE_IPV6 = 0x86dd,
	TYPE_MPLS = 0x8847,
	TYPE_MPLS_MCAST = 0x8848,
	TYPE_QINQ = 0x88a8,
	TYPE_PBB = 0x88e7,
};

enum {
	PROTO_HOP = 0,
	PROTO_ICMP = 1,
	PROTO_IGMP = 2,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_ROUTING = 43,
	PROTO_FRAGMENT = 44,
	PROTO_GRE = 47,
	PROTO_ESP = 50,
	PROTO_AH = 51,
	PROTO_ICMPV6 = 58,
	PROTO_NONE = 59,
	PROTO_DEST = 60,
	PROTO_SCTP = 132,
};

enum {
	ND_SOLICIT = 135,
	ND_ADVERT = 136,
	ND_OPTION_SLL = 1,
	ND_OPTION_TLL = 2,
};

/* In the service tag of provider backbone bridging, host order. */
enum {
	PBB_UCA = 0x08000000, /* use customer addresses */
	PBB_ISID = 0x00ffffff,
};

/* IPv6 extension headers as OpenFlow names them. */
enum {
	EXTHDR_NONE_NEXT = 0x1,
	EXTHDR_ESP = 0x2,
	EXTHDR_AUTH = 0x4,
	EXTHDR_DEST = 0x8,
	EXTHDR_FRAG = 0x10,
	EXTHDR_ROUTER = 0x20,
	EXTHDR_HOP = 0x40,
	EXTHDR_REPEATED = 0x80, /* one came too often */
	EXTHDR_UNORDERED = 0x100, /* not in the order that RFC 8200 recommends */
};

enum {
	IPV4_OFFSET = 0x1fff,
	IPV4_MORE = 0x2000,
	TCP_FLAGS = 0x0fff,
};

/* Any thread. */

static inline uint64_t load64(const uint8_t *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

static inline uint32_t load32(const uint8_t *p)
{
	uint32_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

static inline uint16_t load16(const uint8_t *p)
{
	uint16_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

/* In host order. */
static inline uint16_t host16(const uint8_t *p)
{
	return be16_to(load16(p));
}
