/* SPDX-License-Identifier: Apache-2.0 */

/* learn: the packet makes a rule. The translation only says which; the main thread makes it. As long
 * as the rule is there, flows that would make it again only keep it fresh.  */

#include "ofproto/wire/actions/learn.h"

#include <string.h>

#include "datapath/tunnel/options.h"
#include "lib/flow/field.h"
#include "ofproto/actions/fields.h"
#include "ofproto/actions/room.h"
#include "ofproto/learned/learned.h"
#include "ofproto/tables/tables.h"
#include "ofproto/wire/actions/fin_timeout.h"
#include "ofproto/wire/actions/output.h"
#include "ofproto/wire/actions/set_field.h"
#include "ofproto/xlate/xlate.h"

static void read_spec(struct xlate *x, const struct learn_spec *spec, uint8_t *value)
{
	if (spec->src.field) {
		fields_read(x, &spec->src, value);
		return;
	}
	memset(value, 0, FIELD_MAX_SIZE);
	memcpy(value + FIELD_MAX_SIZE - sizeof(spec->value), spec->value, sizeof(spec->value));
}

static void add_match(struct match *match, const struct subfield *dst, const uint8_t *value)
{
	uint8_t ones[FIELD_MAX_SIZE];

	memset(ones, 0xff, sizeof(ones));
	subfield_set(dst, &match->tlv, &match->key, value);
	subfield_set(dst, &match->tlv, &match->mask, ones);
}

static void add_spec(struct xlate *x, const struct learn_spec *spec, struct learned_rule *learned)
{
	uint8_t value[FIELD_MAX_SIZE];

	read_spec(x, spec, value);
	switch ((enum learn_kind)spec->kind) {
	case LEARN_MATCH:
		add_match(&learned->match, &spec->dst, value);
		break;
	case LEARN_LOAD:
		load_add(&learned->actions, &spec->dst, value, sizeof(value));
		break;
	case LEARN_OUTPUT:
		output_add(
			&learned->actions,
			(uint32_t)field_number(value + FIELD_MAX_SIZE - 8, 8),
			UINT16_MAX
		);
		break;
	}
}

static struct learned_rule *make(struct xlate *x, const struct action_learn *learn)
{
	struct learned_rule *learned = learned_rule_new();

	learned->bridge = x->bridge->index;
	learned->match.tlv = x->bridge->options->map;
	learned->limit = learn->limit;
	learned->cookie = learn->cookie;
	learned->priority = learn->priority;
	learned->idle_timeout = learn->idle_timeout;
	learned->hard_timeout = learn->hard_timeout;
	learned->flags = learn->flags & LEARN_SEND_FLOW_REM ? RULE_SEND_REMOVED : 0;
	learned->table = learn->table;
	for (unsigned i = 0; i < learn->n_specs; i++)
		add_spec(x, &learn->specs[i], learned);
	if (learn->fin_idle_timeout || learn->fin_hard_timeout)
		fin_timeout_add(
			&learned->actions, learn->fin_idle_timeout, learn->fin_hard_timeout
		);
	return learned;
}

static bool is_same(const struct rule *rule, const struct learned_rule *learned)
{
	const struct rule_actions *actions = epoch_load(&rule->actions);

	return rule->cookie == learned->cookie &&
		action_list_equal(&actions->list, &learned->actions);
}

/* Whether the rule is there, or will be. */
static bool learn(struct xlate *x, struct learned_rule *take_learned)
{
	const struct tables *tables = x->bridge->tables;
	const struct match *match = &take_learned->match;
	uint32_t bridge = x->bridge->index;
	const struct rule *rule = tables_find_exactly(
		tables, take_learned->table, take_learned->priority, &match->key, &match->mask
	);

	if (rule && is_same(rule, take_learned)) {
		xlate_add_dep(x, DEP_LEARNED, 0, 0, (uintptr_t)rule);
		learned_rule_free(take_learned);
		return true;
	}
	xlate_add_dep(x, DEP_LEARN, bridge, take_learned->table, learned_name(take_learned));
	if (!rule && take_learned->limit &&
	    tables_has_cookies(
		    tables, take_learned->table, take_learned->cookie, take_learned->limit
	    )) {
		xlate_add_dep(
			x,
			DEP_LEARN,
			bridge,
			take_learned->table,
			learned_limit_name(take_learned->cookie)
		);
		learned_rule_free(take_learned);
		return false;
	}
	xlate_add_order(x, &take_learned->order);
	return true;
}

static void translate(struct xlate *x, const void *args)
{
	const struct action_learn *action = args;
	bool learned = learn(x, make(x, action));

	if (action->flags & LEARN_WRITE_RESULT)
		fields_write_number(x, &action->result, learned);
}

ACTION_ROOM_WITH(learn, translate, ACTION_ROOM_LEARNS);
