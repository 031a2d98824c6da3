/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/learned/teachers.h"

#include <stdlib.h>

#include <urcu/list.h>

#include "lib/hash.h"
#include "lib/hmap.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/rules.h"
#include "ofproto/rules_batch.h"
#include "ofproto/tables/tables.h"
#include "ofproto/wire/actions/learn.h"

/* All rules that teach the same cookie in the same table. */
struct teacher {
	struct hmap_node node;
	struct cds_list_head in_idle;
	bool is_idle; /* it is in a list of those that had no rules at some time in this batch */
	bool retires; /* what it has taught is being looked for */
	uint32_t bridge;
	uint8_t table;
	uint64_t cookie;
	unsigned n_rules;
};

static struct hmap teachers = HMAP_INIT(&teachers);
static CDS_LIST_HEAD(idle);

static uint32_t hash_of(uint32_t bridge, uint8_t table, uint64_t cookie)
{
	return hash_u64(cookie, bridge << 8 | table);
}

static struct teacher *find(uint32_t bridge, uint8_t table, uint64_t cookie)
{
	struct teacher *teacher;

	HMAP_FOREACH_WITH_HASH(teacher, node, hash_of(bridge, table, cookie), &teachers)
		if (teacher->bridge == bridge && teacher->table == table &&
		    teacher->cookie == cookie)
			return teacher;
	return NULL;
}

static struct teacher *get_teacher(uint32_t bridge, uint8_t table, uint64_t cookie)
{
	struct teacher *teacher = find(bridge, table, cookie);

	if (teacher)
		return teacher;
	teacher = XNEW(struct teacher);
	teacher->bridge = bridge;
	teacher->table = table;
	teacher->cookie = cookie;
	hmap_add(&teachers, &teacher->node, hash_of(bridge, table, cookie));
	return teacher;
}

static void teacher_free(struct teacher *teacher)
{
	if (teacher->is_idle)
		cds_list_del(&teacher->in_idle);
	hmap_del(&teachers, &teacher->node);
	free(teacher);
}

static void count(struct teacher *teacher, int difference)
{
	teacher->n_rules += (unsigned)difference;
	if (teacher->n_rules || teacher->is_idle)
		return;
	teacher->is_idle = true;
	cds_list_add_tail(&teacher->in_idle, &idle);
}

static void count_list(uint32_t bridge, const struct action_list *list, int difference)
{
	ACTION_FOREACH(action, list) {
		if (action->nested) {
			struct action_list inside = action_inside(action);

			count_list(bridge, &inside, difference);
			continue;
		}
		const struct action_learn *learn = learn_of(action);

		if (learn && learn->flags & LEARN_DELETE_LEARNED)
			count(get_teacher(bridge, learn->table, learn->cookie), difference);
	}
}

void teachers_count_rule(
	const struct bridge *bridge, const struct rule_actions *actions, int difference
)
{
	if (actions->learns)
		count_list(bridge->index, &actions->list, difference);
}

/* Rules that were taught by those who retire. */
struct doomed {
	const struct bridge *bridge;
	struct rule **rules;
	unsigned n, size;
};

static bool doom(struct rule *rule, void *doomed_)
{
	struct doomed *doomed = doomed_;
	const struct teacher *teacher = find(doomed->bridge->index, rule->table, rule->cookie);

	if (!teacher || !teacher->retires || rule->priority > UINT16_MAX)
		return true;
	if (doomed->n == doomed->size) {
		doomed->size = doomed->size * 2 + 16;
		doomed->rules = xrealloc(doomed->rules, doomed->size * sizeof(doomed->rules[0]));
	}
	doomed->rules[doomed->n++] = rule;
	return true;
}

/* One look at a table finds what all have taught there. */
static void retire_idle(struct bridge *bridge)
{
	struct doomed doomed = {.bridge = bridge};
	bool looks[TABLES_N + 1] = {false};
	struct teacher *teacher, *next;
	CDS_LIST_HEAD(retired);

	cds_list_for_each_entry_safe(teacher, next, &idle, in_idle) {
		cds_list_del(&teacher->in_idle);
		teacher->retires = !teacher->n_rules;
		teacher->is_idle = teacher->retires;
		looks[teacher->table] |= teacher->retires;
		if (teacher->retires)
			cds_list_add(&teacher->in_idle, &retired);
	}
	for (unsigned table = 0; table < TABLES_N; table++)
		if (looks[table])
			tables_foreach(bridge->tables, (uint8_t)table, doom, &doomed);
	cds_list_for_each_entry_safe(teacher, next, &retired, in_idle)
		teacher_free(teacher);
	for (unsigned i = 0; i < doomed.n; i++)
		rules_batch_del(doomed.rules[i], RULE_END_DELETED);
	free(doomed.rules);
}

void teachers_reap(struct bridge *bridge)
{
	/* What was deleted may have been a teacher itself. */
	while (!cds_list_empty(&idle))
		retire_idle(bridge);
}

void teachers_undo(void)
{
	struct teacher *teacher, *next;

	cds_list_for_each_entry_safe(teacher, next, &idle, in_idle) {
		cds_list_del(&teacher->in_idle);
		teacher->is_idle = false;
		if (!teacher->n_rules)
			teacher_free(teacher);
	}
}

void teachers_forget(const struct bridge *bridge)
{
	struct teacher *teacher;

	HMAP_FOREACH_SAFE(teacher, node, &teachers)
		if (teacher->bridge == bridge->index)
			teacher_free(teacher);
}
