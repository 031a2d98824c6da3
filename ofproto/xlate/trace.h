/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Traces: the story of one translation, told line by line while it happens, and why each bit of the
 * mask is there.  */

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "lib/flow/key.h"
#include "lib/strbuf.h"

struct action_list;
struct rule;
struct tlv_map;

enum {
	TRACE_ROUNDS = 8 /* further looks at a packet that are told of */
};

/* Where the packet, or a copy, is looked up again. */
struct trace_round {
	uint32_t point;
	uint32_t size; /* if set: only packets larger than this, or only others */
	bool larger;
	struct key key; /* its headers then, as far as the first look told them */
};

struct trace {
	struct strbuf text;
	unsigned indent;
	json_t *steps; /* the same for programs */
	json_t *looks; /* which bits were looked at first, by whom */
	const struct key *packet; /* as translated */
	const struct tlv_map *map; /* where its options are, or NULL */
	struct key looked; /* bits that 'looks' has */
	unsigned n_rounds;
	struct trace_round rounds[TRACE_ROUNDS];
};

/* Any thread. */

void trace_init(struct trace *trace);
void trace_fini(struct trace *trace);
void trace_note(struct trace *trace, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The table was looked up; NULL: in vain. */
void trace_rule(struct trace *trace, uint8_t table, const struct rule *rule);
void trace_actions(struct trace *trace, const struct action_list *list);
/* A heading at the left margin, underlined. */
void trace_heading(struct trace *trace, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* A packet with these headers goes round to the point. */
void trace_goes_round(
	struct trace *trace, uint32_t point, uint32_t size, bool larger, const struct key *key
);
/* Bits that 'mask' has and had not the last time are there for the reason given. */
void trace_looked(struct trace *trace, const struct key *mask, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
