/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/tables/rule.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/flow/match.h"
#include "lib/hash.h"
#include "lib/strbuf.h"
#include "ofproto/tables/tables.h"

static struct hmap shared = HMAP_INIT(&shared);

enum {
	MS_PER_S = 1000,
};

static int64_t max(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t made_ms(const struct rule *rule)
{
	return max(rule->modified_ms, __atomic_load_n(&rule->refreshed_ms, __ATOMIC_RELAXED));
}

int64_t rule_hard_end(const struct rule *rule)
{
	if (!rule->hard_timeout)
		return INT64_MAX;
	return made_ms(rule) + rule->hard_timeout * MS_PER_S;
}

int64_t rule_idle_end(const struct rule *rule)
{
	if (!rule->idle_timeout)
		return INT64_MAX;
	return max(made_ms(rule), __atomic_load_n(&rule->used_ms, __ATOMIC_RELAXED)) +
		rule->idle_timeout * MS_PER_S;
}

void rule_actions_free(void *actions)
{
	free(actions);
}

static uint32_t hash_list(const struct action_list *list)
{
	return hash_bytes(list->data, list->n, 0);
}

struct rule_actions *rule_actions_find(const struct action_list *list)
{
	struct rule_actions *actions;

	HMAP_FOREACH_WITH_HASH(actions, node, hash_list(list), &shared) {
		if (!action_list_equal(&actions->list, list))
			continue;
		actions->n_rules++;
		return actions;
	}
	return NULL;
}

void rule_actions_share(struct rule_actions *actions)
{
	actions->n_rules = 1;
	hmap_add(&shared, &actions->node, hash_list(&actions->list));
}

void rule_actions_release(const struct rule_actions *actions_)
{
	struct rule_actions *actions = (struct rule_actions *)actions_;

	if (actions->n_rules > 1) {
		actions->n_rules--;
		return;
	}
	if (actions->n_rules)
		hmap_del(&shared, &actions->node);
	epoch_free(actions, rule_actions_free);
}

bool rule_is_miss(const struct rule *rule)
{
	return !rule->priority && rule->matches_all;
}

void rule_format_match(const struct rule *rule, struct strbuf *out)
{
	struct match match;

	rule_match(rule, &match);
	match_format(&match, NULL, out);
}

void rule_format(const struct rule *rule, struct strbuf *out)
{
	const struct rule_actions *actions = epoch_load(&rule->actions);
	struct strbuf match = STRBUF_INIT;

	rule_format_match(rule, &match);
	if (rule->cookie)
		strbuf_addf(out, "cookie=0x%" PRIx64 ",", rule->cookie);
	strbuf_addf(out, "table=%u,priority=%u", rule->table, rule->priority);
	if (match.length)
		strbuf_addf(out, ",%s", strbuf_text(&match));
	strbuf_add(out, " actions=");
	size_t start = out->length;

	actions_format(&actions->list, NULL, out);
	if (out->length == start)
		strbuf_add(out, "drop");
	strbuf_fini(&match);
}
