/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What tables.c shares with those who walk over all rules.  */

#include <stdint.h>

#include <urcu/list.h>

#include "ofproto/tables/tables.h"

struct subtable;

/* The subtables of a table in order of max_priority. Replaced as a whole. */
struct subtables {
	unsigned n;
	struct subtable *list[];
};

struct tables {
	struct subtables *tables[TABLES_N]; /* main writes, translators read */
	uint64_t version; /* main writes, translators read */
	const struct tlv_map *tlv; /* main */
	unsigned n_rules[TABLES_N]; /* main */
	uint64_t lost_mask[(TABLES_N + 63) / 64]; /* main; a bit for each table */
	struct cds_list_head walks; /* main: those under way */
	struct tables_counts counts[TABLES_N]; /* the keeper writes, main reads */
};

/* Main thread: what walks under way must hear of. */

/* The rule is about to be unlinked. */
void tables_walk_rule_goes(const struct tables *tables, const struct rule *rule);
/* 'rule' stands in front of 'old', which it replaces. */
void tables_walk_rule_is_replaced(
	const struct tables *tables, const struct rule *old, struct rule *rule
);
void tables_walk_subtable_goes(const struct tables *tables, const struct subtable *subtable);
void tables_walk_end_all(const struct tables *tables);
