/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/rules_batch.h"

#include <assert.h>
#include <stdlib.h>

#include "lib/xmalloc.h"
#include "ofproto/bridge_changes.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/flow_removed.h"
#include "ofproto/conn/monitors.h"
#include "ofproto/groups/groups.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/learned/learned.h"
#include "ofproto/learned/teachers.h"
#include "ofproto/meters/meters.h"
#include "ofproto/tables/limits.h"

enum {
	KEPT_SIZE = 1024, /* of the log, between batches */
	ENDED_SIZE = 64,
};

/* Rules that have ended, on their way to the keeper and back; those of batches that are posted
 * together, as long as there is room. */
struct ended {
	struct errand errand;
	uint32_t bridge;
	unsigned n, size;
	bool tells; /* some wanted that somebody be told */
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
	bool learned; /* known here, so that what ends need not be looked at again */
};

static struct {
	struct bridge *bridge;
	unsigned depth;
	struct entry *log;
	unsigned n, size;
	unsigned n_ended;
	bool tells; /* of those that ended */
	struct ended *ended; /* has room, if the change that it belongs to was not posted: */
	uint64_t ended_serial;
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
	if (actions->has_meter)
		meters_count_rule(bridge->meters, actions, difference);
	if (actions->has_group)
		groups_count_rule(bridge->groups, actions, difference);
	if (actions->learns)
		teachers_count_rule(bridge, actions, difference);
}

static void note(struct rule *rule, enum entry_kind kind)
{
	if (kind != CHANGED)
		rules_batch_count(batch.bridge, rule->actions, kind == ENDED ? -1 : 1);
	if (batch.n == batch.size) {
		batch.size = batch.size * 2 + 16;
		batch.log = xrealloc(batch.log, batch.size * sizeof(batch.log[0]));
	}
	batch.log[batch.n++] = (struct entry){
		.rule = rule,
		.kind = kind,
		.learned = rule->learned,
	};
	batch.n_ended += kind == ENDED;
}

static void link_timed(struct rule *rule)
{
	rule->timed = true;
	cds_list_add_tail(&rule->in_timed, &batch.bridge->timed);
}

static void unlink_timed(struct rule *rule)
{
	if (rule->timed)
		cds_list_del(&rule->in_timed);
	rule->timed = false;
}

void rules_batch_add(struct rule *rule, bool replaces)
{
	if (rule->idle_timeout || rule->hard_timeout)
		link_timed(rule);
	limits_rule_came(batch.bridge, rule);
	note(rule, replaces ? REPLACED : ADDED);
}

void rules_batch_change(struct rule *rule)
{
	note(rule, CHANGED);
}

void rules_batch_del(struct rule *rule, unsigned why)
{
	rule->ended_by = (uint8_t)why;
	batch.tells |= rule->flags & RULE_SEND_REMOVED && why != RULE_END_REPLACED;
	if (rule->until == RULE_FOREVER)
		tables_end(batch.bridge->tables, rule);
	unlink_timed(rule);
	limits_rule_goes(batch.bridge, rule);
	note(rule, ENDED);
}

/* Only when the rules are gone for good nobody looks for their masks any more. */
static void tell_lost_masks(struct bridge *bridge)
{
	struct change *change = change_new();
	int table;

	while ((table = tables_take_lost_mask(bridge->tables)) >= 0)
		change_add(change, DEP_MASKS, bridge->index, (uint16_t)table, 0);
	change_post(change);
}

static void remove_rules(struct errand *errand)
{
	struct ended *ended = container_of(errand, struct ended, errand);
	struct bridge *bridge = bridge_at(ended->bridge);

	if (bridge) {
		tables_remove_many(bridge->tables, ended->rules, ended->n);
		tell_lost_masks(bridge);
	}
	free(ended);
}

/* The keeper has let go of the rules. */
static void let_go(struct errand *errand)
{
	struct ended *ended = container_of(errand, struct ended, errand);
	struct bridge *bridge = bridge_at(ended->bridge);

	for (unsigned i = 0; bridge && ended->tells && i < ended->n; i++) {
		struct rule *rule = ended->rules[i];

		/* Only now the last of its packets have been counted. */
		if (rule->flags & RULE_SEND_REMOVED && rule->ended_by != RULE_END_REPLACED)
			flow_removed_send(bridge, rule);
	}
	/* Nobody has to wait until they are gone: they take another turn. */
	errand->done = remove_rules;
	keeper_run_errand(errand);
}

static void reset(void)
{
	batch.n = batch.n_ended = 0;
	batch.tells = false;
	batch.depth = 0;
	batch.bridge = NULL;
	if (batch.size <= KEPT_SIZE)
		return;
	free(batch.log);
	batch.log = NULL;
	batch.size = 0;
}

/* Room for 'n' more, which go to the keeper behind the change under way. */
static struct ended *get_ended(unsigned n)
{
	struct ended *ended = batch.ended;
	unsigned size = n < ENDED_SIZE ? ENDED_SIZE : n;

	if (ended && batch.ended_serial == bridge_changes_serial() &&
	    ended->bridge == batch.bridge->index && ended->n + n <= ended->size)
		return ended;
	ended = xmalloc(sizeof(*ended) + size * sizeof(ended->rules[0]));
	*ended = (struct ended){
		.errand.done = let_go,
		.bridge = batch.bridge->index,
		.size = size,
	};
	bridge_changes_after(&ended->errand);
	batch.ended = ended;
	batch.ended_serial = bridge_changes_serial();
	return ended;
}

static void add_learn_dep(struct change *change, const struct rule *rule)
{
	uint64_t name = learned_limit_name(rule->cookie);

	change_add(change, DEP_LEARN, batch.bridge->index, rule->table, name);
}

/* Tells the keeper; what came and went within the batch nobody has seen. */
static void post(void)
{
	struct change *change = bridge_changes_begin();
	struct ended *ended = batch.n_ended ? get_ended(batch.n_ended) : NULL;
	unsigned n = ended ? ended->n : 0;

	for (unsigned i = 0; i < batch.n; i++) {
		struct rule *rule = batch.log[i].rule;

		if (batch.log[i].kind == ENDED) {
			assert(ended);
			ended->rules[ended->n++] = rule;
			if (batch.log[i].learned)
				add_learn_dep(change, rule);
		} else if (batch.log[i].kind != CHANGED && rule->until == RULE_FOREVER) {
			change_add_rule(change, batch.bridge->index, rule);
		}
	}
	if (ended) {
		ended->tells |= batch.tells;
		change_add_ended(change, ended->rules + n, ended->n - n);
	}
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
}

void rules_batch_end(void)
{
	if (batch.depth > 1) {
		batch.depth--;
		return;
	}
	teachers_reap(batch.bridge);
	if (batch.n) {
		uint64_t version = tables_flip(batch.bridge->tables);

		if (monitors_are_there(batch.bridge))
			tell(version);
		limits_changed(batch.bridge);
		post();
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
			if (rule->idle_timeout || rule->hard_timeout)
				link_timed(rule);
			limits_rule_came(batch.bridge, rule);
			continue;
		}
		unlink_timed(rule);
		limits_rule_goes(batch.bridge, rule);
		tables_end(tables, rule);
		tables_remove(tables, rule);
	}
	teachers_undo();
	reset();
}
