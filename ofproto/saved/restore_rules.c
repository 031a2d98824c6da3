/* SPDX-License-Identifier: Apache-2.0 */

/* Rules and the actions they share, as save_rules.c wrote them.  */

#include <stdlib.h>

#include "lib/clock.h"
#include "lib/xmalloc.h"
#include "ofproto/bindings.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/rules.h"
#include "ofproto/saved/saved_priv.h"
#include "ofproto/tables/limits.h"
#include "ofproto/tables/tables.h"
#include "ofproto/wire/messages.h"
#include "ofproto/wire/oxm.h"

enum {
	RULE_FLAGS = 0x1f
};

void restore_options(struct walk *walk)
{
	size_t n = wire_left(&walk->body);
	struct of_tlv_table_mod mod = {.maps = wire_take(&walk->body, n, OF_BRC_BAD_LEN)};

	if (!walk->body.error)
		bindings_mod(walk->bridge, &mod);
}

void restore_lists_fini(struct restore_lists *lists)
{
	for (unsigned i = 0; i < lists->n; i++)
		action_list_fini(&lists->lists[i]);
	free(lists->lists);
	*lists = (struct restore_lists){0};
}

/* What cannot be read leaves a list without memory, which rules are refused for. */
void restore_actions(struct restore_lists *lists, struct walk *walk)
{
	char *text = walk_take_text(&walk->body);
	struct action_list *list;

	if (lists->n == lists->size) {
		lists->size = lists->size * 2 + 64;
		lists->lists = xrealloc(lists->lists, lists->size * sizeof(lists->lists[0]));
	}
	list = &lists->lists[lists->n++];
	action_list_init(list);
	if (!walk->body.error && actions_parse(list, text, NULL, NULL))
		walk->body.error = OF_BAC_BAD_TYPE;
	if (walk->body.error)
		list->n = SIZE_MAX;
	free(text);
}

static int64_t take_time(struct wire_in *in, int64_t away_ms)
{
	uint64_t age = wire_u64(in);

	if (age == SAVED_NEVER)
		return 0;
	if (age > INT64_MAX / 4)
		age = INT64_MAX / 4;
	/* Never 0, which is: not at all. */
	int64_t then = clock_ms() - away_ms - (int64_t)age;

	return then ? then : 1;
}

/* What the rule has been through. No translator sees it before the batch ends. */
static void recall(struct rule *rule, const struct rule *was, struct wire_in times, int64_t away_ms)
{
	rule->flags = was->flags & RULE_FLAGS;
	rule->learned = was->learned;
	rule->packets_before = was->packets;
	rule->bytes_before = was->bytes;
	rule->created_ms = take_time(&times, away_ms);
	rule->modified_ms = take_time(&times, away_ms);
	rule->used_ms = take_time(&times, away_ms);
	rule->refreshed_ms = take_time(&times, away_ms);
}

enum of_error restore_rule(struct walk *walk, const struct restore_lists *lists, int64_t away_ms)
{
	struct wire_in *in = &walk->body, times;
	struct of_flow_mod mod = {.out_port = UINT32_MAX, .out_group = UINT32_MAX};
	struct rule was = {0}, *rule;
	uint32_t place = wire_u32(in);
	enum of_error error;

	mod.table_id = wire_u8(in);
	was.flags = wire_u8(in);
	was.learned = wire_u8(in);
	mod.priority = wire_u16(in);
	mod.idle_timeout = wire_u16(in);
	mod.hard_timeout = wire_u16(in);
	mod.importance = wire_u16(in);
	mod.cookie = wire_u64(in);
	was.packets = wire_u64(in);
	was.bytes = wire_u64(in);
	times = wire_sub(in, 4 * sizeof(uint64_t), OF_BRC_BAD_LEN);
	in->tlv = bridge_tlv_map(walk->bridge);
	oxm_decode_match(in, &mod.match);
	if (in->error)
		return in->error;
	if (place >= lists->n || lists->lists[place].n == SIZE_MAX)
		return OF_BAC_BAD_TYPE;
	mod.actions = lists->lists[place];
	/* As OpenFlow 1.0 has it: what it refuses is refused in any version. */
	error = rules_mod(walk->bridge, &mod, OF10);
	if (error)
		return error;
	rule = tables_find_exactly(
		walk->bridge->tables, mod.table_id, mod.priority, &mod.match.key, &mod.match.mask
	);
	if (!rule)
		return OF_OK;
	/* Who is to be evicted first is kept in order of when rules end. */
	limits_rule_goes(walk->bridge, rule);
	recall(rule, &was, times, away_ms);
	limits_rule_came(walk->bridge, rule);
	return OF_OK;
}
