/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Rules: OpenFlow entries, and the compact form in which they keep what they match.
 *
 * A rule is visible to those who translate with a version from 'since' on and before 'until'. What
 * translators read of it never changes but for these two and the action list, which is replaced as
 * a whole. Counts come from the keeper, which adds what flows report.  */

#include <stdint.h>

#include <urcu/rculfhash.h>

#include "lib/epoch.h"
#include "lib/flow/key.h"

struct rule_actions;
struct subtable;
struct xlate;

enum {
	RULE_WORDS = sizeof(struct key) / 8
};

#define RULE_FOREVER UINT64_MAX

struct rule {
	struct cds_lfht_node node;
	const struct subtable *subtable;
	struct rule *next_same; /* main writes, translators read: same match, lower priority */
	uint64_t since, until; /* main writes, translators read */
	const struct rule_actions *actions; /* main writes, translators read */
	uint32_t priority;
	uint8_t table;
	uint64_t cookie; /* main writes, translators read */
	int64_t created_ms;
	/* Keeper writes, main reads. */
	uint64_t packets;
	uint64_t bytes;
	int64_t used_ms;
	/* The match, word by word as the subtable's mask has them. */
	uint64_t values[];
};

/* One action as translation runs it: its arguments are whatever the action's room says. */
typedef void rule_action_fn(struct xlate *x, const void *args);

struct rule_action {
	rule_action_fn *translate;
	const void *args;
};

/* Immutable. */
struct rule_actions {
	char *text; /* as in dump-flows */
	void *owned; /* what 'args' point into; freed with the list */
	unsigned n;
	struct rule_action actions[];
};

/* Main thread. */

/* A list of one action, for rules the switch makes itself. */
struct rule_actions *
rule_actions_new_one(const char *text, rule_action_fn *translate, void *take_args);
void rule_actions_free(void *actions);
