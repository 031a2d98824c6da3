/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/rules.h"

#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/xmalloc.h"
#include "ofproto/actions/room.h"
#include "ofproto/bridge_changes.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/meters/meters.h"
#include "ofproto/rules_batch.h"
#include "ofproto/tables/limits.h"
#include "ofproto/targets.h"
#include "ofproto/wire/messages.h"

enum {
	ADD,
	MODIFY,
	MODIFY_STRICT,
	DELETE,
	DELETE_STRICT
};

enum {
	EMERGENCY = 4, /* a flag of OpenFlow 1.0's */
	RULE_FLAGS = 0x1f, /* those there are */
	ALONE_PRIORITY = 0x10000, /* no controller can have it */
};

/* Rules picked by a query. */
struct picked {
	struct rule **rules;
	unsigned n, size;
};

uint64_t rule_packets(const struct rule *rule)
{
	return rule->packets_before + __atomic_load_n(&rule->packets, __ATOMIC_RELAXED);
}

uint64_t rule_bytes(const struct rule *rule)
{
	return rule->bytes_before + __atomic_load_n(&rule->bytes, __ATOMIC_RELAXED);
}

static void pick(struct rule *rule, void *picked_)
{
	struct picked *picked = picked_;

	if (picked->n == picked->size) {
		picked->size = picked->size * 2 + 16;
		picked->rules = xrealloc(picked->rules, picked->size * sizeof(picked->rules[0]));
	}
	picked->rules[picked->n++] = rule;
}

/* Ending. */

static void end_rule(struct rule *rule, void *why)
{
	rules_batch_del(rule, *(enum rule_end *)why);
}

static void
delete_matching(struct bridge *bridge, const struct rules_query *query, enum rule_end why)
{
	rules_batch_begin(bridge);
	rules_foreach(bridge, query, end_rule, &why);
	rules_batch_end();
}

/* Adding. */

static enum of_error check_actions(
	const struct bridge *bridge, const struct of_flow_mod *mod, uint8_t table, uint8_t version
)
{
	struct match match = mod->match;
	struct action_check check = {
		.match = &match,
		.tlv = bridge_tlv_map(bridge),
		.version = version,
		.table = table,
		.max_ports = PORT_MAX,
		.strict = version != OF10,
	};

	if (targets_lack_group(&mod->actions, bridge->groups))
		return OF_BAC_BAD_OUT_GROUP;
	if (meters_lack(bridge->meters, &mod->actions))
		return version < OF15 ? OF_MMFC_UNKNOWN_METER : OF_BAC_BAD_METER;
	return actions_check(&mod->actions, &check);
}

struct overlap {
	const struct match *match;
	uint32_t priority;
	bool found;
};

static bool check_overlap(struct rule *rule, void *overlap_)
{
	struct overlap *overlap = overlap_;
	struct match match;

	if (rule->priority != overlap->priority)
		return true;
	rule_match(rule, &match);
	overlap->found = match_overlaps(&match, overlap->match);
	return !overlap->found;
}

static void take_over(struct rule *rule, const struct rule *old)
{
	rule->packets_before = rule_packets(old);
	rule->bytes_before = rule_bytes(old);
}

static enum of_error add(struct bridge *bridge, const struct of_flow_mod *mod, uint8_t version)
{
	uint8_t table = mod->table_id == RULES_TABLE_ALL ? 0 : mod->table_id;
	struct overlap overlap = {.match = &mod->match, .priority = mod->priority};
	struct rule like = {.table = table, .priority = mod->priority, .cookie = mod->cookie};
	struct rule_actions *actions;
	struct rule *rule, *old;
	enum of_error error;

	if (mod->table_id == RULES_TABLE_ALL && version != OF10)
		return OF_FMFC_BAD_TABLE_ID;
	error = check_actions(bridge, mod, table, version);
	if (error)
		return error;
	if (mod->flags & RULE_CHECK_OVERLAP)
		tables_foreach(bridge->tables, table, check_overlap, &overlap);
	if (overlap.found)
		return OF_FMFC_OVERLAP;
	actions = rule_actions_get(&mod->actions, &error);
	if (!actions)
		return error;
	/* One that takes the place of another needs no room. */
	if (tables_count(bridge->tables, table) >= limits_get(bridge->limits, table) &&
	    !tables_find_exactly(
		    bridge->tables, table, mod->priority, &mod->match.key, &mod->match.mask
	    ))
		error = limits_make_room(bridge, table);
	if (error) {
		rule_actions_release(actions);
		return error;
	}
	rules_batch_begin(bridge);
	rule = tables_add(bridge->tables, &like, &mod->match.key, &mod->match.mask, actions, &old);
	rule->idle_timeout = mod->idle_timeout;
	rule->hard_timeout = mod->hard_timeout;
	rule->importance = mod->importance;
	/* OpenFlow 1.0's third flag is about emergencies, and it always counts anew. */
	rule->flags = (uint8_t)(version == OF10 ? mod->flags & 3 : mod->flags);
	rules_batch_add(rule, old);
	if (old) {
		if (version != OF10 && !(mod->flags & RULE_RESET_COUNTS))
			take_over(rule, old);
		rules_batch_del(old, RULE_END_REPLACED);
	}
	rules_batch_end();
	return OF_OK;
}

/* Modifying. */

/* Up to 1.0 a change brings a cookie, unless it says with all ones that it does not. */
static uint64_t
changed_cookie(const struct of_flow_mod *mod, const struct rule *rule, uint8_t version)
{
	return version == OF10 && mod->cookie != UINT64_MAX ? mod->cookie : rule->cookie;
}

/* In place: the flows of the rule, and its counts, stay what they are. */
static void modify_rule(
	struct bridge *bridge,
	struct rule *rule,
	const struct of_flow_mod *mod,
	struct rule_actions *take_actions,
	uint8_t version
)
{
	struct change *change = bridge_changes_begin();
	const struct rule_actions *old = rule->actions;

	rules_batch_count(bridge, rule->actions, -1);
	epoch_store(&rule->actions, take_actions);
	rules_batch_count(bridge, take_actions, 1);
	rule->modified_ms = clock_ms();
	rule->cookie = changed_cookie(mod, rule, version);
	if (version != OF10 && mod->flags & RULE_RESET_COUNTS) {
		rule->packets_before = -__atomic_load_n(&rule->packets, __ATOMIC_RELAXED);
		rule->bytes_before = -__atomic_load_n(&rule->bytes, __ATOMIC_RELAXED);
	}
	if (old != take_actions)
		change_add(change, DEP_RULE_ACTIONS, 0, 0, (uintptr_t)rule);
	rules_batch_change(rule);
	bridge_changes_end();
	rule_actions_release(old);
}

/* By another rule in its place, which appears when the batch ends. */
static void replace_rule(
	struct bridge *bridge,
	struct rule *old,
	const struct of_flow_mod *mod,
	struct rule_actions *take_actions,
	uint8_t version
)
{
	struct rule like = {.table = old->table, .priority = old->priority};
	struct key key, mask;
	struct rule *rule;

	like.cookie = changed_cookie(mod, old, version);
	rule_get_match(old, &key, &mask);
	rule = tables_add(bridge->tables, &like, &key, &mask, take_actions, NULL);
	rule->created_ms = old->created_ms;
	rule->idle_timeout = old->idle_timeout;
	rule->hard_timeout = old->hard_timeout;
	rule->importance = old->importance;
	rule->flags = old->flags;
	if (version == OF10 || !(mod->flags & RULE_RESET_COUNTS))
		take_over(rule, old);
	rules_batch_add(rule, true);
	rules_batch_del(old, RULE_END_REPLACED);
}

static enum of_error
modify(struct bridge *bridge,
       const struct of_flow_mod *mod,
       const struct picked *picked,
       uint8_t version)
{
	enum of_error error = check_actions(bridge, mod, mod->table_id, version);

	if (error)
		return error;
	rules_batch_begin(bridge);
	for (unsigned i = 0; i < picked->n; i++) {
		struct rule_actions *actions = rule_actions_get(&mod->actions, &error);

		if (!actions)
			break;
		if (rules_batch_is_nested())
			replace_rule(bridge, picked->rules[i], mod, actions, version);
		else
			modify_rule(bridge, picked->rules[i], mod, actions, version);
	}
	rules_batch_end();
	return error;
}

/* What can be said of a change without looking at any rule. */
static enum of_error check_mod(const struct of_flow_mod *mod, uint8_t version)
{
	if (mod->table_id >= TABLES_N - 1 && mod->table_id != RULES_TABLE_ALL)
		return version == OF10 ? OF_NXFMFC_BAD_TABLE_ID : OF_FMFC_BAD_TABLE_ID;
	if (version >= OF13 && mod->flags & ~RULE_FLAGS)
		return OF_FMFC_BAD_FLAGS;
	if (mod->command == ADD && mod->match_cookie_mask)
		return OF_NXBRC_NXM_INVALID;
	/* There is no room for emergencies. */
	if (version == OF10 && mod->command == ADD && mod->flags & EMERGENCY)
		return mod->idle_timeout || mod->hard_timeout ? OF_FMFC_BAD_EMERG_TIMEOUT
							      : OF_FMFC_TABLE_FULL;
	return OF_OK;
}

enum of_error rules_mod(struct bridge *bridge, const struct of_flow_mod *mod, uint8_t version)
{
	struct rules_query query = {
		.match = &mod->match,
		/* Nicira's message has the cookie that is looked for among the fields. */
		.cookie = mod->match_cookie_mask ? mod->match_cookie : mod->cookie,
		.cookie_mask = mod->match_cookie_mask ? mod->match_cookie_mask : mod->cookie_mask,
		.out_port = UINT32_MAX,
		.out_group = UINT32_MAX,
		.priority = mod->priority,
		.table = mod->table_id,
		.strict = mod->command == MODIFY_STRICT || mod->command == DELETE_STRICT,
	};
	struct picked picked = {0};
	enum of_error error = check_mod(mod, version);

	if (error)
		return error;
	switch (mod->command) {
	case ADD:
		return add(bridge, mod, version);
	case MODIFY:
	case MODIFY_STRICT:
		rules_foreach(bridge, &query, pick, &picked);
		/* OpenFlow 1.0 adds what there is none of to modify. */
		if (!picked.n && version == OF10 && !query.cookie_mask)
			error = add(bridge, mod, version);
		else
			error = modify(bridge, mod, &picked, version);
		break;
	case DELETE:
	case DELETE_STRICT:
		query.out_port = mod->out_port;
		query.out_group = mod->out_group;
		delete_matching(bridge, &query, RULE_END_DELETED);
		break;
	default:
		return OF_FMFC_BAD_COMMAND;
	}
	free(picked.rules);
	return error;
}

/* Rules of all tables, whatever they match, that 'like' picks. */
static void
delete_all_like(struct bridge *bridge, const struct rules_query *like, enum rule_end why)
{
	struct rules_query query = *like;
	struct match any;

	match_init(&any, NULL);
	query.match = &any;
	query.table = RULES_TABLE_ALL;
	delete_matching(bridge, &query, why);
}

void rules_delete_with_meter(struct bridge *bridge, uint32_t meter)
{
	struct rules_query query = {
		.out_port = UINT32_MAX,
		.out_group = UINT32_MAX,
		.meter = meter,
	};

	delete_all_like(bridge, &query, RULE_END_METER);
}

void rules_delete_with_group(struct bridge *bridge, uint32_t group)
{
	struct rules_query query = {.out_port = UINT32_MAX, .out_group = group};

	delete_all_like(bridge, &query, RULE_END_GROUP);
}

void rules_delete_all(struct bridge *bridge)
{
	struct rules_query query = {.out_port = UINT32_MAX, .out_group = UINT32_MAX};

	delete_all_like(bridge, &query, RULE_END_DELETED);
}

void rules_set_alone(struct bridge *bridge, bool alone)
{
	static const struct key any;
	struct rule like = {.table = 0, .priority = ALONE_PRIORITY};
	struct rule *rule = tables_find_exactly(bridge->tables, 0, ALONE_PRIORITY, &any, &any);

	if (!rule && alone) {
		enum of_error error;
		struct action_list list;

		rules_batch_begin(bridge);
		action_list_init(&list);
		actions_parse(&list, "NORMAL", NULL, NULL);
		rule = tables_add(
			bridge->tables, &like, &any, &any, rule_actions_get(&list, &error), NULL
		);
		action_list_fini(&list);
		rules_batch_add(rule, false);
		rules_batch_end();
	} else if (rule && !alone) {
		rules_batch_begin(bridge);
		rules_batch_del(rule, RULE_END_REPLACED);
		rules_batch_end();
	}
}

/* Timeouts. */

static bool is_over(const struct rule *rule, int64_t now, enum rule_end *why)
{
	*why = rule_hard_end(rule) <= now ? RULE_END_HARD : RULE_END_IDLE;
	return *why == RULE_END_HARD || rule_idle_end(rule) <= now;
}

void rules_expire(void)
{
	int64_t now = clock_ms();
	struct bridge *bridge;

	HMAP_FOREACH(bridge, node, bridges_all()) {
		struct rule *rule, *next;
		enum rule_end why;

		if (cds_list_empty(&bridge->timed))
			continue;
		rules_batch_begin(bridge);
		cds_list_for_each_entry_safe(rule, next, &bridge->timed, in_timed)
			if (is_over(rule, now, &why))
				rules_batch_del(rule, why);
		rules_batch_end();
	}
}
