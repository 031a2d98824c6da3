/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Tables: the OpenFlow tables of one bridge.
 *
 * Each table is a tuple space: rules with the same mask share a subtable, a hash table over the
 * masked words. The main thread writes; translators read without locks, each lookup as of a
 * version, so that a bundle of changes appears at once when tables_flip() moves the version on.
 *
 * A lookup also says which bits of the key it depended on: those are the bits that end up in a
 * flow's mask, so it asks as few subtables as it can, in order of priority, and of each no more bits
 * than it takes to know that none of its rules can match (stages.h).  */

#include <stdbool.h>
#include <stdint.h>

#include "lib/flow/key.h"
#include "ofproto/tables/rule.h"

struct conjunction_soft;
struct match;
struct tables;
struct tlv_map;

enum {
	TABLES_N = 255, /* the last one is the switch's own */
};

/* What a lookup looks at: one packet, or a region, all packets that agree in some bits. Packets of a
 * region get the same answer as 'key' as long as only bits were looked at in which they agree. A
 * mask that cannot match any of them is then not looked at; to know that, rules are read one by
 * one. */
struct tables_lookup {
	const struct key *key;
	const struct key *known; /* bits that do not come from the packet: not noted */
	const struct key
		*agreed; /* bits in which the packets of the region agree; NULL: one packet */
	unsigned *patience; /* how many rules may be read to find out more about a region */
	struct key *looked; /* bits that mattered are added here */
	uint64_t version;
	struct conjunction_soft *soft; /* rules the packet matched softly are told here; or NULL */
};

/* Packets that were looked up in a table, and those for which there was a rule. */
struct tables_counts {
	uint64_t lookups, matches;
};

/* Any thread that holds an epoch. */

uint64_t tables_version(const struct tables *tables);
/* The visible rule of highest priority that matches, or NULL. Of several, that whose mask the table
 * has had for longest. */
struct rule *
tables_find(const struct tables *tables, uint8_t table, const struct tables_lookup *lookup);
/* Whether a packet that agrees with 'key' in the bits of 'mask' may match the rule. Where the mask
 * looks for a block that the key lacks, all of the block is agreed. */
bool rule_overlaps(const struct rule *rule, const struct key *key, const struct key *mask);
/* The same by the base block alone, with another in_port: false only if so for the whole key. */
bool rule_overlaps_base(
	const struct rule *rule,
	const struct key_base *key,
	const struct key_base *mask,
	uint32_t in_port
);
/* Whether the rule looks at nothing else, so that this says it all. */
bool rule_is_of_base(const struct rule *rule);
/* The rule's match as OpenFlow sees it. */
void rule_get_match(const struct rule *rule, struct key *key, struct key *mask);
void rule_match(const struct rule *rule, struct match *match);
/* What of it is in the base block. */
void rule_get_base(const struct rule *rule, struct key_base *key, struct key_base *mask);
/* The key of a rule whose subtable is that of the rule which 'key' was of before. */
void rule_get_key(const struct rule *rule, struct key *key);

/* The rule that has not been ended, also not by a version that is still to come; or NULL. */
struct rule *tables_find_exactly(
	const struct tables *tables,
	uint8_t table,
	uint32_t priority,
	const struct key *key,
	const struct key *mask
);
/* Whether 'n' such rules of the table or more have the cookie. */
bool tables_has_cookies(const struct tables *tables, uint8_t table, uint64_t cookie, unsigned n);

struct tables_counts tables_get_counts(const struct tables *tables, uint8_t table);

/* The keeper. */

void tables_credit(struct tables *tables, uint8_t table, bool matched, uint64_t packets);

/* Main thread. */

struct tables *tables_new(void);
/* Where tunnel options are in the keys of rules that come from now on; it must outlive the tables. */
void tables_set_tlv(struct tables *tables, const struct tlv_map *tlv);
/* No translator may see the tables any more. */
void tables_free(struct tables *tables);

/* A rule that becomes visible with the next version. Takes over 'take_actions'. A rule with the
 * same match and priority is replaced: it is returned in 'old' and ends with this version. */
struct rule *tables_add(
	struct tables *tables,
	const struct rule *like, /* table, priority, cookie */
	const struct key *key,
	const struct key *mask,
	struct rule_actions *take_actions,
	struct rule **old
);
/* The rule ends with this version. It is still there for those who look further back. */
void tables_end(struct tables *tables, struct rule *rule);
/* Takes back tables_end(), before the version is there. */
void tables_revive(struct tables *tables, struct rule *rule);
/* Makes what was added and ended since the last flip so. Returns the new version. */
uint64_t tables_flip(struct tables *tables);
/* Unlinks a rule that has ended and frees it when no translator can see it. */
void tables_remove(struct tables *tables, struct rule *rule);
/* The same for many, fastest when those of a subtable stand together. */
void tables_remove_many(struct tables *tables, struct rule *const *rules, unsigned n);

/* A table in which no rule has a certain mask any more since it was told here last; -1: none. */
int tables_take_lost_mask(struct tables *tables);

unsigned tables_count(const struct tables *tables, uint8_t table);
/* Calls 'visit' for every rule of the table that has not ended, until it returns false. */
void tables_foreach(
	const struct tables *tables,
	uint8_t table,
	bool (*visit)(struct rule *rule, void *context),
	void *context
);
