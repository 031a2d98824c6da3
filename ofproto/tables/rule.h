/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Rules: OpenFlow entries, and the compact form in which they keep what they match.
 *
 * A rule is visible to those who translate with a version from 'since' on and before 'until'. What
 * translators read of it never changes but for these two and the action list, which is replaced as
 * a whole. Counts come from the keeper, which adds what flows report.  */

#include <stdbool.h>
#include <stdint.h>

#include <urcu/list.h>

#include "lib/epoch.h"
#include "lib/flow/key.h"
#include "lib/hmap.h"
#include "ofproto/wire/action.h"

struct rule_actions;
struct strbuf;
struct subtable;
struct xlate;

enum {
	RULE_WORDS = sizeof(struct key) / 8
};

enum rule_flags {
	RULE_SEND_REMOVED = 1,
	RULE_CHECK_OVERLAP = 2,
	RULE_RESET_COUNTS = 4,
	RULE_NO_PACKET_COUNTS = 8,
	RULE_NO_BYTE_COUNTS = 16,
};

/* Why a rule ended, by OpenFlow's numbers. */
enum rule_end {
	RULE_END_IDLE,
	RULE_END_HARD,
	RULE_END_DELETED,
	RULE_END_GROUP,
	RULE_END_METER,
	RULE_END_EVICTED,
	RULE_END_REPLACED, /* by a rule of the same match: nobody is told */
};

#define RULE_FOREVER UINT64_MAX

struct rule {
	/* What it takes to find rules and to end them, together. */
	const struct subtable *subtable;
	struct rule *next_same; /* main writes, translators read: same match, lower priority */
	uint64_t since, until; /* main writes, translators read */
	const struct rule_actions *actions; /* main writes, translators read */
	uint32_t priority;
	uint8_t table;
	uint8_t flags; /* main: RULE_* */
	uint8_t ended_by; /* main: enum rule_end */
	bool is_behind : 1; /* main: another one of the same match */
	bool learned : 1; /* main: a packet has taught it */
	bool timed : 1; /* main: it is in the bridge's list of rules with a timeout */
	struct cds_list_head in_order; /* main: of its subtable */
	uint64_t cookie; /* main writes, translators read */
	bool matches_all;
	/* Main. */
	uint16_t idle_timeout, hard_timeout; /* seconds, 0: none */
	uint16_t importance;
	int64_t created_ms, modified_ms;
	uint64_t packets_before, bytes_before; /* of the rule it replaced */
	struct cds_list_head in_timed;
	/* Keeper writes, main reads. */
	uint64_t packets, bytes;
	int64_t used_ms;
	int64_t refreshed_ms; /* the last packet that would have taught it again */
	/* The match, word by word as the subtable's mask has them. */
	uint64_t values[];
};

/* One action as translation runs it: its arguments are whatever the action's room says. */
typedef void rule_action_fn(struct xlate *x, const void *args);

struct rule_action {
	rule_action_fn *translate;
	uint8_t flags; /* enum action_room_flags */
	const void *args;
};

/* Immutable, but for what is the main thread's. Rules that do the same share one. */
struct rule_actions {
	struct hmap_node node; /* main: among those that are shared */
	unsigned n_rules; /* main: that share it; 0: it is not shared */
	struct action_list list; /* what 'args' point into; its memory is part of this */
	bool has_meter; /* some action may be a meter */
	bool has_group; /* some action may be a group */
	bool learns; /* some action may be a learn */
	bool conjunctive; /* all actions are conjunctions */
	unsigned n;
	struct rule_action actions[];
};

/* Whether it is what OpenFlow calls the table-miss entry: of no priority, and matches all. */
bool rule_is_miss(const struct rule *rule);

/* When its time is over, by clock_ms(), unless packets go on to use it or teach it again; INT64_MAX:
 * never. */
int64_t rule_hard_end(const struct rule *rule);
int64_t rule_idle_end(const struct rule *rule);

/* Appends the match as ofctl writes it; nothing if it matches all. */
void rule_format_match(const struct rule *rule, struct strbuf *out);
/* Appends "table=0,priority=5,ip,nw_dst=10.0.0.1 actions=drop". */
void rule_format(const struct rule *rule, struct strbuf *out);

/* Those that are not shared: when nobody can see them any more. */
void rule_actions_free(void *actions);

/* Main thread. */

/* Some that do the same as the list, for one more rule; or NULL. */
struct rule_actions *rule_actions_find(const struct action_list *list);
/* Others may find it; it is one rule's. */
void rule_actions_share(struct rule_actions *actions);
/* A rule does no longer need it. Freed when it was the last one, and translators have let go. */
void rule_actions_release(const struct rule_actions *actions);
