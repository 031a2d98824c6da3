/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files about multicast share.  */

#include <stdint.h>

#include "datapath/punt.h"
#include "lib/hash.h"
#include "ofproto/l2/mcast.h"
#include "ofproto/l2/mcast_table.h"

struct bridge;

/* What a punt says of a frame that was overheard. */
struct mcast_note {
	uint32_t bridge; /* its index */
	uint32_t lport; /* id */
	uint16_t vlan;
	uint16_t zero; /* notes are compared as bytes */
};

/* Each elects who asks for it. */
enum mcast_family {
	MCAST_IPV4, /* IGMP */
	MCAST_IPV6, /* MLD */
	MCAST_FAMILIES
};

struct mcast {
	struct mcast_table *table;
	struct mcast_config config;
	int64_t next_query_ms;
	int64_t silent_until_ms[MCAST_FAMILIES]; /* another one asks, who goes first */
};

extern const struct punt_target mcast_punt;

/* Any thread. */

/* What dependencies call a group; 0 for routers. */
static inline uint64_t mcast_dep(const uint8_t *ip)
{
	return ip ? 1ULL << 32 | hash_bytes(ip, MCAST_ADDRESS_SIZE, 0) : 0;
}

/* Main thread. */

/* Asks, in every VLAN, which groups are wanted. */
void querier_ask(
	const struct bridge *bridge, const struct mcast_config *config, enum mcast_family family
);
/* The IPv6 address it asks from. */
void querier_address(const struct bridge *bridge, uint8_t address[MCAST_ADDRESS_SIZE]);
