/* SPDX-License-Identifier: Apache-2.0 */

/* Timeouts that the end of a TCP connection shortens.  */

#include <stdlib.h>

#include "lib/xmalloc.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/learned/learned.h"
#include "ofproto/tables/limits.h"
#include "ofproto/tables/rule.h"
#include "ofproto/wire/actions/fin_timeout.h"

struct fin {
	struct order order;
	uint32_t bridge;
	struct rule *rule; /* there until the keeper has let go of it, which comes after this */
	uint16_t idle, hard;
};

static void shorten(uint16_t *timeout, uint16_t most)
{
	if (most && (!*timeout || *timeout > most))
		*timeout = most;
}

static void apply_fin(struct letter *letter)
{
	struct fin *fin = container_of(letter, struct fin, order.letter);
	struct bridge *bridge = bridge_at(fin->bridge);
	struct rule *rule = fin->rule;

	if (bridge && rule->until == RULE_FOREVER) {
		limits_rule_goes(bridge, rule);
		shorten(&rule->idle_timeout, fin->idle);
		shorten(&rule->hard_timeout, fin->hard);
		limits_rule_came(bridge, rule);
		if (!rule->timed && (rule->idle_timeout || rule->hard_timeout)) {
			rule->timed = true;
			cds_list_add_tail(&rule->in_timed, &bridge->timed);
		}
	}
	free(fin);
}

static void free_fin(struct order *order)
{
	free(container_of(order, struct fin, order));
}

struct order *
learned_fin_new(uint32_t bridge, const struct rule *rule, const struct action_fin_timeout *action)
{
	struct fin *fin = XNEW(struct fin);

	fin->order.letter.open = apply_fin;
	fin->order.free = free_fin;
	fin->bridge = bridge;
	fin->rule = (struct rule *)rule;
	fin->idle = action->idle;
	fin->hard = action->hard;
	return &fin->order;
}
