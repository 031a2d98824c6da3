/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/tables/tables_walk.h"

#include <stdlib.h>
#include <string.h>

#include "lib/xmalloc.h"
#include "ofproto/tables/subtable_priv.h"
#include "ofproto/tables/tables_priv.h"

struct tables_walk {
	struct cds_list_head in_tables;
	struct tables *tables; /* NULL: they are gone */
	unsigned table, end; /* the next one, and the one behind the last */
	/* The subtables that the present table had when the walk came to it; NULL: it is gone. */
	struct subtable **subtables;
	unsigned n, at;
	/* In the subtable before 'at': */
	struct rule *next;
	unsigned left; /* rules it had when the walk came to it, less those that came */
};

static struct rule *rule_behind(const struct rule *rule)
{
	struct cds_list_head *next = rule->in_order.next;

	return next == &rule->subtable->in_order ? NULL : container_of(next, struct rule, in_order);
}

static bool enter_table(struct tables_walk *walk)
{
	const struct subtables *subtables;

	walk->n = walk->at = 0;
	while (walk->table < walk->end && !tables_count(walk->tables, (uint8_t)walk->table))
		walk->table++;
	if (walk->table >= walk->end)
		return false;
	subtables = walk->tables->tables[walk->table++];
	free(walk->subtables);
	walk->subtables = XNEW_N(struct subtable *, subtables->n);
	walk->n = subtables->n;
	memcpy(walk->subtables, subtables->list, subtables->n * sizeof(subtables->list[0]));
	return true;
}

static void enter_subtable(struct tables_walk *walk)
{
	struct subtable *subtable = walk->subtables[walk->at++];

	if (!subtable)
		return;
	walk->left = subtable->n_rules;
	walk->next = container_of(subtable->in_order.next, struct rule, in_order);
}

struct tables_walk *tables_walk_new(struct tables *tables, uint8_t first, uint8_t last)
{
	struct tables_walk *walk = XNEW(struct tables_walk);

	walk->tables = tables;
	walk->table = first;
	walk->end = last + 1U;
	cds_list_add(&walk->in_tables, &tables->walks);
	return walk;
}

void tables_walk_free(struct tables_walk *walk)
{
	if (!walk)
		return;
	if (walk->tables)
		cds_list_del(&walk->in_tables);
	free(walk->subtables);
	free(walk);
}

bool tables_walk_next(struct tables_walk *walk, struct rule **rule)
{
	*rule = NULL;
	if (!walk->tables)
		return false;
	if (!walk->next) {
		if (walk->at == walk->n)
			return enter_table(walk);
		enter_subtable(walk);
		return true;
	}
	struct rule *here = walk->next;

	walk->next = rule_behind(here);
	if (here->until != RULE_FOREVER)
		return true;
	/* New rules are behind the old ones, so when as many have come as there were, those have.
	 * Else a walk would not end as long as rules come faster than it goes. */
	if (!--walk->left)
		walk->next = NULL;
	*rule = here;
	return true;
}

/* Changes meanwhile. */

void tables_walk_rule_goes(const struct tables *tables, const struct rule *rule)
{
	struct tables_walk *walk;

	cds_list_for_each_entry(walk, &tables->walks, in_tables)
		if (walk->next == rule)
			walk->next = rule_behind(rule);
}

void tables_walk_rule_is_replaced(
	const struct tables *tables, const struct rule *old, struct rule *rule
)
{
	struct tables_walk *walk;

	cds_list_for_each_entry(walk, &tables->walks, in_tables)
		if (walk->next == old)
			walk->next = rule;
}

void tables_walk_subtable_goes(const struct tables *tables, const struct subtable *subtable)
{
	struct tables_walk *walk;

	cds_list_for_each_entry(walk, &tables->walks, in_tables) {
		if (walk->next && walk->next->subtable == subtable)
			walk->next = NULL;
		for (unsigned i = walk->at; i < walk->n; i++)
			if (walk->subtables[i] == subtable)
				walk->subtables[i] = NULL;
	}
}

void tables_walk_end_all(const struct tables *tables)
{
	struct tables_walk *walk, *next;

	cds_list_for_each_entry_safe(walk, next, &tables->walks, in_tables) {
		cds_list_del(&walk->in_tables);
		walk->tables = NULL;
	}
}
