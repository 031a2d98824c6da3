/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/rules_batch.h"

#include <assert.h>
#include <stdlib.h>

#include "lib/xmalloc.h"
#include "ofproto/bridge_changes.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/flow_removed.h"
#include "ofproto/conn/monitors.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/learned/learned.h"
#include "ofproto/meters/meters.h"
#include "ofproto/tables/limits.h"

enum {
	KEPT_SIZE = 1024 /* of the log, between batches */
};

/* Rules that have ended, on their way to the keeper and back. */
struct ended {
	struct errand errand;
	uint32_t bridge;
	unsigned n;
	struct rule *rules[];
};

enum entry_kind {
	ADDED,
	REPLACED, /* added in place of another */
	CHANGED, /* there before and after */
	ENDED,
};

struct entry {
	struct rule *rule;
	enum entry_kind kind;
};

static struct {
	struct bridge *bridge;
	unsigned depth;
	struct entry *log;
	unsigned n, size;
	unsigned n_ended;
} batch;

void rules_batch_begin(struct bridge *bridge)
{
	assert(!batch.depth || batch.bridge == bridge);
	batch.bridge = bridge;
	batch.depth++;
}

bool rules_batch_is_nested(void)
{
	return batch.depth > 1;
}

void rules_batch_count(struct bridge *bridge, const struct rule_actions *actions, int difference)
{
	meters_count_rule(bridge->meters, actions, difference);
	learned_count_rule(bridge, actions, difference);
}

static void note(struct rule *rule, enum entry_kind kind)
{
	if (kind != CHANGED)
		rules_batch_count(batch.bridge, rule->actions, kind == ENDED ? -1 : 1);
	if (batch.n == batch.size) {
		batch.size = batch.size * 2 + 16;
		batch.log = xrealloc(batch.log, batch.size * sizeof(batch.log[0]));
	}
	batch.log[batch.n++] = (struct entry){.rule = rule, .kind = kind};
	batch.n_ended += kind == ENDED;
}

static bool is_timed(const struct rule *rule)
{
	return rule->idle_timeout || rule->hard_timeout;
}

void rules_batch_add(struct rule *rule, bool replaces)
{
	if (is_timed(rule))
		cds_list_add_tail(&rule->in_timed, &batch.bridge->timed);
	note(rule, replaces ? REPLACED : ADDED);
}

void rules_batch_change(struct rule *rule)
{
	note(rule, CHANGED);
}

void rules_batch_del(struct rule *rule, unsigned why)
{
	rule->ended_by = (uint8_t)why;
	if (rule->until == RULE_FOREVER)
		tables_end(batch.bridge->tables, rule);
	if (is_timed(rule))
		cds_list_del(&rule->in_timed);
	note(rule, ENDED);
}

static void let_go(struct errand *errand)
{
	struct ended *ended = container_of(errand, struct ended, errand);
	struct bridge *bridge = bridge_at(ended->bridge);

	for (unsigned i = 0; bridge && i < ended->n; i++) {
		struct rule *rule = ended->rules[i];

		/* Only now the last of its packets have been counted. */
		if (rule->flags & RULE_SEND_REMOVED && rule->ended_by != RULE_END_REPLACED)
			flow_removed_send(bridge, rule);
	}
	if (bridge)
		tables_remove_many(bridge->tables, ended->rules, ended->n);
	free(ended);
}

static void reset(void)
{
	batch.n = batch.n_ended = 0;
	batch.depth = 0;
	batch.bridge = NULL;
	if (batch.size <= KEPT_SIZE)
		return;
	free(batch.log);
	batch.log = NULL;
	batch.size = 0;
}

/* Tells the keeper; what came and went within the batch nobody has seen. */
static void post(struct ended *ended)
{
	struct change *change = bridge_changes_begin();

	for (unsigned i = 0; i < batch.n; i++) {
		struct rule *rule = batch.log[i].rule;

		if (batch.log[i].kind == CHANGED)
			continue;
		if (batch.log[i].kind == ENDED) {
			change_add(change, DEP_RULE, 0, 0, (uintptr_t)rule);
			if (rule->learned)
				change_add(
					change,
					DEP_LEARN,
					batch.bridge->index,
					rule->table,
					learned_limit_name(rule->cookie)
				);
			assert(ended);
			ended->rules[ended->n++] = rule;
		} else if (rule->until == RULE_FOREVER) {
			change_add_rule(change, batch.bridge->index, rule);
		}
	}
	if (ended)
		bridge_changes_after(&ended->errand);
	bridge_changes_end();
}

/* Tells those who monitor rules; what came and went within the batch they do not see. */
static void tell(uint64_t version)
{
	struct bridge *bridge = batch.bridge;

	for (unsigned i = 0; i < batch.n; i++) {
		const struct entry *entry = &batch.log[i];
		const struct rule *rule = entry->rule;
		bool is_new = rule->since >= version;

		if (entry->kind == ENDED && !is_new && rule->ended_by != RULE_END_REPLACED)
			monitors_note(bridge, rule, MONITOR_REMOVED, rule->ended_by);
		else if (entry->kind == ADDED && rule->until == RULE_FOREVER)
			monitors_note(bridge, rule, MONITOR_ADDED, 0);
		else if (entry->kind != ENDED && rule->until == RULE_FOREVER)
			monitors_note(bridge, rule, MONITOR_MODIFIED, 0);
	}
	monitors_end(bridge);
	limits_changed(bridge);
}

void rules_batch_end(void)
{
	struct ended *ended = NULL;

	if (batch.depth > 1) {
		batch.depth--;
		return;
	}
	learned_reap(batch.bridge);
	if (batch.n_ended) {
		ended = xcalloc(1, sizeof(*ended) + batch.n_ended * sizeof(ended->rules[0]));
		ended->errand.done = let_go;
		ended->bridge = batch.bridge->index;
	}
	if (batch.n) {
		tell(tables_flip(batch.bridge->tables));
		post(ended);
	}
	reset();
}

void rules_batch_undo(void)
{
	struct tables *tables = batch.bridge->tables;

	assert(batch.depth == 1);
	while (batch.n) {
		struct entry *entry = &batch.log[--batch.n];
		struct rule *rule = entry->rule;

		rules_batch_count(batch.bridge, rule->actions, entry->kind == ENDED ? 1 : -1);
		if (entry->kind == ENDED) {
			tables_revive(tables, rule);
			if (is_timed(rule))
				cds_list_add_tail(&rule->in_timed, &batch.bridge->timed);
			continue;
		}
		if (is_timed(rule))
			cds_list_del(&rule->in_timed);
		tables_end(tables, rule);
		tables_remove(tables, rule);
	}
	reset();
}
