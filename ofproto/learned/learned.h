/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Rules that packets taught the switch (the action learn), and timeouts that they shortened
 * (fin_timeout).  */

#include <stdbool.h>
#include <stdint.h>

#include "lib/flow/match.h"
#include "ofproto/wire/action.h"
#include "ofproto/xlate/order.h"

struct action_fin_timeout;
struct rule;

/* A rule to be learned. */
struct learned_rule {
	struct order order;
	uint32_t bridge; /* index */
	uint32_t limit; /* rules of this cookie in the table at most; 0: no limit */
	uint64_t cookie;
	uint16_t priority, idle_timeout, hard_timeout;
	uint16_t flags; /* RULE_* */
	uint8_t table;
	struct match match;
	struct action_list actions;
};

/* Any thread that holds an epoch. */

/* With an empty match and no actions. */
struct learned_rule *learned_rule_new(void);
void learned_rule_free(struct learned_rule *learned);
/* How a flow names what it would learn, in DEP_LEARN; and the limit that keeps it from that. */
uint64_t learned_name(const struct learned_rule *learned);
uint64_t learned_limit_name(uint64_t cookie);
/* The order to shorten the rule's timeouts. */
struct order *
learned_fin_new(uint32_t bridge, const struct rule *rule, const struct action_fin_timeout *action);
