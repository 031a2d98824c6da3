/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Dependencies: what a translation relied on, so that a change finds the flows it affects.
 *
 * A translation records one dep for each thing it asked about, also for what it did not find. Who
 * changes that thing later names the same dep and the keeper marks the flows that hold it. A dep is
 * compared as 16 plain bytes.  */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "lib/types.h"

enum dep_kind {
	DEP_SLOT, /* owner: slot; that no port of a bridge is there */
	DEP_BRIDGE, /* owner: bridge; its own settings */
	DEP_PORTS, /* owner: bridge; which ports it has */
	DEP_NUMBER, /* owner: bridge, what: OpenFlow port number */
	DEP_LPORT, /* owner: lport id; everything about it */
	DEP_VLAN, /* owner: bridge, vlan; which lports carry it, and how */
	DEP_MAC_SRC, /* owner: bridge, vlan, what: MAC; that it is learned as it is */
	DEP_MAC_DST, /* owner: bridge, vlan, what: MAC; where it is, or that nobody knows */
	DEP_TABLE, /* owner: bridge, vlan: table, what: dep_table() */
	DEP_RULE, /* what: the rule's address; it also gets the flow's counts. A change: it is gone */
	DEP_GROUP, /* owner: bridge, what: id; all about the group, or that there is none */
	DEP_GROUP_COUNTS, /* what: address of counts, which get the flow's. A change: gone */
	DEP_MCAST, /* owner: bridge, vlan, what: mcast_dep(); who wants the group, or has routers */
	DEP_METER, /* owner: bridge, what: id; that it is there, and whether it marks packets */
	DEP_ROUTE, /* what: underlay_dep_of_route(); the way to a tunnel's far end */
	DEP_NEIGHBOUR, /* owner: bridge, what: underlay_dep_of_neighbour(); its MAC address */
	DEP_UNDERLAY_ADDRESS, /* owner: bridge; addresses of its device, what is taken for tunnels */
	DEP_LEARN, /* owner: bridge, vlan: table, what: learned_name(); that it is not learned yet */
	DEP_SOFT, /* what: address of a rule that is part of a conjunctive match. A change: gone */
	DEP_LEARNED, /* what: address of the rule that would be learned; it is kept fresh */
	DEP_MASKS, /* only in changes: owner: bridge, vlan: table; its rules have fewer masks */
	DEP_OPTIONS, /* owner: bridge; which tunnel options the fields tun_metadata0… stand for */
	DEP_RULE_ACTIONS, /* only in changes: DEP_RULE, but the rule is still there */
};

struct dep {
	uint64_t what;
	uint32_t owner;
	uint16_t vlan;
	uint16_t kind;
};

static_assert(sizeof(struct dep) == 16, "dep: no padding");

static inline uint64_t dep_mac(struct mac mac)
{
	uint64_t value = 0;

	memcpy(&value, mac.bytes, sizeof(mac.bytes));
	return value;
}

/* How a table was looked up: as from which port, and with fields rewritten before that; and what it
 * said: the priority of the rule it found, or -1. */
static inline uint64_t dep_table(uint32_t in_port, bool rewritten, int64_t priority)
{
	return (uint64_t)(priority + 1) << 33 | (uint64_t)in_port << 1 | rewritten;
}

static inline uint32_t dep_table_in_port(const struct dep *dep)
{
	return (uint32_t)(dep->what >> 1);
}

static inline bool dep_table_rewritten(const struct dep *dep)
{
	return dep->what & 1;
}

static inline int64_t dep_table_priority(const struct dep *dep)
{
	return (int64_t)(dep->what >> 33) - 1;
}

/* Whether what it names gets the counts of flows that depend on it, or is kept fresh by them. */
static inline bool dep_counts(const struct dep *dep)
{
	return dep->kind == DEP_RULE || dep->kind == DEP_TABLE || dep->kind == DEP_MAC_SRC ||
		dep->kind == DEP_GROUP_COUNTS || dep->kind == DEP_LEARNED;
}

static inline bool dep_equal(const struct dep *a, const struct dep *b)
{
	uint64_t rest_a, rest_b;

	memcpy(&rest_a, &a->owner, sizeof(rest_a));
	memcpy(&rest_b, &b->owner, sizeof(rest_b));
	return a->what == b->what && rest_a == rest_b;
}
