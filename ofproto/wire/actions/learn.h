/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* learn: the rule makes other rules out of the packets it sees.  */

#include <stdbool.h>

#include "lib/flow/subfield.h"
#include "ofproto/wire/action.h"

enum {
	LEARN_SEND_FLOW_REM = 1,
	LEARN_DELETE_LEARNED = 2, /* with this rule, what it learned goes */
	LEARN_WRITE_RESULT = 4,
	LEARN_IMMEDIATE_MAX = 128, /* bytes */
};

enum learn_kind {
	LEARN_MATCH,
	LEARN_LOAD,
	LEARN_OUTPUT,
};

/* One part of the rule that is learned. */
struct learn_spec {
	struct subfield src; /* field NULL: the value */
	struct subfield dst; /* not of LEARN_OUTPUT */
	uint8_t kind;
	uint16_t bits;
	uint8_t value[LEARN_IMMEDIATE_MAX]; /* right-aligned */
};

struct action_learn {
	struct action action;
	struct subfield result; /* with LEARN_WRITE_RESULT: 1 if it was learned */
	uint64_t cookie;
	uint32_t limit; /* rules at most, 0: no limit */
	uint16_t idle_timeout, hard_timeout, priority;
	uint16_t fin_idle_timeout, fin_hard_timeout;
	uint16_t flags;
	uint8_t table;
	uint16_t n_specs;
	struct learn_spec specs[];
};

/* Any thread. */

/* The action as a learn, or NULL if it is none. */
const struct action_learn *learn_of(const struct action *action);
