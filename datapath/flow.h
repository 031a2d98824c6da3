/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Flows: the megaflow table that all workers read and one thread writes.
 *
 * A flow is a masked key with a program. Flows never overlap: translation makes masks wide enough
 * for that, so there are no priorities here. The writer is the flow keeper (the first translator
 * thread); others ask it by ring. Counters are kept per worker and summed when asked.  */

#include <stdbool.h>
#include <stdint.h>

#include "lib/flow/key.h"

struct errbuf;
struct flow;
struct program;
struct strbuf;

/* A flow as it is now: with this program, neither stale nor deleted. */
struct flow_life {
	const struct flow *flow; /* NULL: none */
	uint32_t life;
};

/* The packet that a flow is made for. */
struct flow_first {
	uint16_t worker; /* whose counts it is to be among */
	uint16_t tcp_flags;
	uint32_t bytes;
	int64_t used_ms;
};

struct flow_stats {
	uint64_t packets;
	uint64_t bytes;
	int64_t used_ms; /* clock_ms() of about the last packet, 0 if none */
	uint16_t tcp_flags; /* seen so far, where the mask looks at them */
};

/* The flow keeper. */

/* Adds a flow; takes over the caller's reference to 'take_program'. 'owner' is whatever the caller
 * wants back from flow_owner(). Fails with -EEXIST when an equal flow is there, -ENOSPC when the
 * table or the masks of the port are full. 'first', if any, is counted before other packets can be, so
 * that its worker need not do it. */
int flow_add(
	const struct flow_first *first,
	const struct key *key,
	const struct key *mask,
	struct program *take_program,
	void *owner,
	struct flow **flow
);
/* Workers miss on it from now on (at once, without waiting); it still counts until deleted. */
void flow_mark_stale(struct flow *flow);
/* Replaces what is done; clears the stale mark. */
void flow_set_program(struct flow *flow, struct program *take_program);
/* Unlinks the flow and frees it after a grace period. Its last counts are lost: read them first. */
void flow_del(struct flow *flow);
void *flow_owner(const struct flow *flow);
/* The flow that a packet with this key hits (stale ones not), or NULL. */
struct flow *flow_find(const struct key *key);
/* If there is none: the stale one that it would hit, or NULL. */
struct flow *flow_find_stale(const struct key *key);
/* Whether a flow for 'key' under this mask is better made under a mask that many others may have: its
 * port has as many masks as it is allowed, and this is not one of them. */
bool flow_mask_is_too_many(const struct key *key, const struct key *mask);
/* Whether both have the same mask, and the keys differ in the Ethernet source alone. If not sure it
 * says no. */
bool flow_differs_in_source(const struct flow *a, const struct flow *b);
const struct program *flow_program(const struct flow *flow);
/* It is going to be translated again. */
void flow_prefetch(const struct flow *flow);
struct flow_life flow_get_life(const struct flow *flow);

/* Any thread that holds an epoch. */

void flow_get_stats(const struct flow *flow, struct flow_stats *stats);
/* Calls 'visit' for each flow until it returns false. */
void flow_foreach(bool (*visit)(const struct flow *flow, void *context), void *context);
/* The same, one step at a time: 'at' begins with 0. 'flow' is the flow at this place, or NULL. False:
 * there are no more places. */
bool flow_next(uint32_t *at, const struct flow **flow);
void flow_get_match(const struct flow *flow, struct key *key, struct key *mask);
/* The base blocks of the flow's key and mask, where they stand. */
void flow_peek(const struct flow *flow, const struct key_base **key, const struct key_base **mask);
unsigned flow_count(void);
unsigned flow_mask_count(void);
/* How many masks the flows of a port may have, but for those of single connections. */
unsigned flow_masks_allowed(void);
