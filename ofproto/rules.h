/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What controllers do to the rules of a bridge: OpenFlow's flow_mod, queries and timeouts.
 *
 * A change is in force for translations when the call returns; the keeper then redoes the flows it
 * affects. A rule that ended is freed when the keeper has let go of it.  */

#include <stdbool.h>
#include <stdint.h>

#include "ofproto/wire/error.h"

struct bridge;
struct match;
struct of_flow_mod;
struct rule;
struct rules_walk;

enum {
	RULES_TABLE_ALL = 255,
	RULES_MAX = 4000000, /* in one bridge */
};

/* Which rules are meant. */
struct rules_query {
	const struct match *match;
	uint64_t cookie, cookie_mask;
	uint32_t out_port, out_group; /* UINT32_MAX: any */
	uint32_t meter; /* 0: any or none */
	uint16_t priority; /* if strict */
	uint8_t table;
	bool strict; /* exactly this match and priority, else all within it */
};

/* Main thread. */

enum of_error rules_mod(struct bridge *bridge, const struct of_flow_mod *mod, uint8_t version);
/* Calls 'visit' for each rule that is meant. It may end the rule, but must not add any. */
void rules_foreach(
	struct bridge *bridge,
	const struct rules_query *query,
	void (*visit)(struct rule *rule, void *context),
	void *context
);
/* The same in several turns of the main loop, as ofproto/tables/tables_walk.h says. The query's match is
 * copied; 'strict' is not for it. */
struct rules_walk *rules_walk_new(struct bridge *bridge, const struct rules_query *query);
void rules_walk_free(struct rules_walk *walk); /* NULL is fine */
/* One step. 'rule' is the next one that is meant, or NULL if the step led to none. Returns how much
 * work it was, 1 being a look at one rule, or 0: there are no more. */
unsigned rules_walk_next(struct rules_walk *walk, struct rule **rule);
/* Counts, those of rules it replaced included. */
uint64_t rule_packets(const struct rule *rule);
uint64_t rule_bytes(const struct rule *rule);

/* Ends the rules that use the meter or group (GROUP_ID_ALL: any), which goes. */
void rules_delete_with_meter(struct bridge *bridge, uint32_t meter);
void rules_delete_with_group(struct bridge *bridge, uint32_t group);
/* Ends all rules of the bridge. */
void rules_delete_all(struct bridge *bridge);
/* Adds or ends the rule by which a bridge forwards when its controllers do not answer: NORMAL, above
 * all others, and neither shown nor changed by anybody. */
void rules_set_alone(struct bridge *bridge, bool alone);

/* Ends the rules of all bridges whose time is over by clock_ms(). */
void rules_expire(void);
