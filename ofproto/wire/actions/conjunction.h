/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* conjunction: the rule is one dimension's alternative in a conjunctive match.  */

#include "ofproto/wire/action.h"

struct action_conjunction {
	struct action action;
	uint32_t id;
	uint8_t clause; /* from 0 */
	uint8_t n_clauses;
};

/* Any thread. */

/* The action as a conjunction, or NULL if it is none. */
const struct action_conjunction *conjunction_of(const struct action *action);
