/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/tables/rule.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/flow/match.h"
#include "lib/strbuf.h"
#include "ofproto/tables/tables.h"

void rule_actions_free(void *actions_)
{
	struct rule_actions *actions = actions_;

	if (!actions)
		return;
	action_list_fini(&actions->list);
	free(actions);
}

bool rule_is_miss(const struct rule *rule)
{
	static const struct key any;
	struct key key = {0}, mask = {0};

	if (rule->priority)
		return false;
	rule_get_match(rule, &key, &mask);
	return !memcmp(&mask, &any, sizeof(mask));
}

void rule_format_match(const struct rule *rule, struct strbuf *out)
{
	struct match match;

	match_init(&match, NULL);
	rule_get_match(rule, &match.key, &match.mask);
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
