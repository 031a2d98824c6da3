/* SPDX-License-Identifier: Apache-2.0 */

/* Writing down the rules of a bridge.  */

#include <stdlib.h>

#include "lib/clock.h"
#include "lib/flow/match.h"
#include "lib/hash.h"
#include "lib/hmap.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/rules.h"
#include "ofproto/saved/saved_priv.h"
#include "ofproto/tables/tables.h"
#include "ofproto/wire/oxm.h"
#include "ofproto/wire/wire.h"

/* Actions that stand in the file already; rules that do the same share them in memory as well. */
struct known_actions {
	struct hmap_node node; /* by address */
	const struct rule_actions *actions;
	uint32_t place;
};

struct saving {
	struct wire_out *out;
	int64_t now;
	struct hmap known;
	const struct subtable
		*subtable; /* of the rule before: most have the mask of their neighbour */
	struct match match;
};

static uint32_t place_of(struct saving *saving, const struct rule_actions *actions)
{
	uint32_t hash = hash_u64((uintptr_t)actions, 0);
	struct strbuf text = STRBUF_INIT;
	struct known_actions *known;

	HMAP_FOREACH_WITH_HASH(known, node, hash, &saving->known)
		if (known->actions == actions)
			return known->place;
	known = XNEW(struct known_actions);
	known->actions = actions;
	known->place = (uint32_t)hmap_count(&saving->known);
	hmap_add(&saving->known, &known->node, hash);
	actions_format(&actions->list, NULL, &text);
	size_t start = save_section_begin(saving->out, SAVED_ACTIONS);

	save_text(saving->out, strbuf_text(&text));
	save_section_end(saving->out, start);
	strbuf_fini(&text);
	return known->place;
}

static uint64_t age(const struct saving *saving, int64_t then_ms)
{
	return then_ms ? (uint64_t)(saving->now - then_ms) : SAVED_NEVER;
}

static void read_match(struct saving *saving, const struct rule *rule)
{
	if (rule->subtable == saving->subtable) {
		rule_get_key(rule, &saving->match.key);
		return;
	}
	rule_match(rule, &saving->match);
	saving->subtable = rule->subtable;
}

static void put_rule(struct rule *rule, void *saving_)
{
	struct saving *saving = saving_;
	struct wire_out *out = saving->out;
	uint32_t place = place_of(saving, rule->actions);
	size_t start = save_section_begin(out, SAVED_RULE);

	read_match(saving, rule);
	wire_put_u32(out, place);
	wire_put_u8(out, rule->table);
	wire_put_u8(out, rule->flags);
	wire_put_u8(out, rule->learned);
	wire_put_u16(out, (uint16_t)rule->priority);
	wire_put_u16(out, rule->idle_timeout);
	wire_put_u16(out, rule->hard_timeout);
	wire_put_u16(out, rule->importance);
	wire_put_u64(out, rule->cookie);
	wire_put_u64(out, rule_packets(rule));
	wire_put_u64(out, rule_bytes(rule));
	wire_put_u64(out, age(saving, rule->created_ms));
	wire_put_u64(out, age(saving, rule->modified_ms));
	wire_put_u64(out, age(saving, __atomic_load_n(&rule->used_ms, __ATOMIC_RELAXED)));
	wire_put_u64(out, age(saving, __atomic_load_n(&rule->refreshed_ms, __ATOMIC_RELAXED)));
	oxm_encode_match(out, &saving->match);
	save_section_end(out, start);
}

void save_rules(struct wire_out *out, struct bridge *bridge)
{
	struct saving saving = {.out = out, .now = clock_ms()};
	struct match any;
	struct rules_query query = {
		.match = &any,
		.out_port = UINT32_MAX,
		.out_group = UINT32_MAX,
		.table = RULES_TABLE_ALL,
	};
	struct known_actions *known;

	match_init(&any, NULL);
	hmap_init(&saving.known);
	rules_foreach(bridge, &query, put_rule, &saving);
	HMAP_FOREACH_SAFE(known, node, &saving.known) {
		hmap_del(&saving.known, &known->node);
		free(known);
	}
	hmap_fini(&saving.known);
}
