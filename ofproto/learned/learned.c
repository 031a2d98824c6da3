/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/learned/learned.h"

#include <stdlib.h>

#include "lib/clock.h"
#include "lib/hash.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_changes.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/rules.h"
#include "ofproto/rules_batch.h"
#include "ofproto/tables/tables.h"
#include "ofproto/wire/actions/learn.h"
#include "ofproto/wire/messages.h"

/* Orders. */

static void apply(struct letter *letter);

static void free_order(struct order *order)
{
	learned_rule_free(container_of(order, struct learned_rule, order));
}

struct learned_rule *learned_rule_new(void)
{
	struct learned_rule *learned = XNEW(struct learned_rule);

	learned->order.letter.open = apply;
	learned->order.free = free_order;
	match_init(&learned->match, NULL);
	action_list_init(&learned->actions);
	return learned;
}

void learned_rule_free(struct learned_rule *learned)
{
	if (!learned)
		return;
	action_list_fini(&learned->actions);
	free(learned);
}

uint64_t learned_name(const struct learned_rule *learned)
{
	uint64_t hash = match_hash(&learned->match, learned->priority);

	return hash | (uint64_t)learned->priority << 32;
}

uint64_t learned_limit_name(uint64_t cookie)
{
	const uint64_t limit = 1ULL << 63; /* tells it from a rule's name */

	return limit | hash_u64(cookie, 0);
}

static void refresh(struct rule *rule)
{
	rule->modified_ms = clock_ms();
}

static void add(struct bridge *bridge, const struct learned_rule *learned)
{
	struct of_flow_mod mod = {
		.table_id = learned->table,
		.priority = learned->priority,
		.cookie = learned->cookie,
		.idle_timeout = learned->idle_timeout,
		.hard_timeout = learned->hard_timeout,
		.flags = learned->flags,
		.out_port = UINT32_MAX,
		.out_group = UINT32_MAX,
		.match = learned->match,
		.actions = learned->actions,
	};
	struct rule *rule;

	if (rules_mod(bridge, &mod, OF10))
		return;
	rule = tables_find_exactly(
		bridge->tables,
		learned->table,
		learned->priority,
		&learned->match.key,
		&learned->match.mask
	);
	if (rule)
		rule->learned = true;
}

static void learn(struct bridge *bridge, const struct learned_rule *learned)
{
	struct rule *rule = tables_find_exactly(
		bridge->tables,
		learned->table,
		learned->priority,
		&learned->match.key,
		&learned->match.mask
	);

	if (rule && rule->cookie == learned->cookie &&
	    action_list_equal(&rule->actions->list, &learned->actions))
		refresh(rule);
	else if (rule || !learned->limit || !tables_has_cookies(bridge->tables, learned->table, learned->cookie, learned->limit))
		add(bridge, learned);
}

/* The bridge can have gone since the packet came. */
static void apply(struct letter *letter)
{
	struct learned_rule *learned = container_of(letter, struct learned_rule, order.letter);
	struct bridge *bridge = bridge_at(learned->bridge);

	if (bridge) {
		struct change *change = bridge_changes_begin();

		learn(bridge, learned);
		change_add(change, DEP_LEARN, bridge->index, learned->table, learned_name(learned));
		bridge_changes_end();
	}
	learned_rule_free(learned);
}
