/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Stages: how a lookup learns early that no rule of a subtable can match, so that it need not look
 * at all the bits the subtable's mask has, and flows stay wide.
 *
 * The mask is cut into stages: what is known of the packet besides its bytes, then Ethernet, then
 * addresses prefix by prefix, the rest of the network header, transport. For each stage there is a
 * table of counts, by a hash over the mask's bits up to there: a count of zero says that no rule
 * has these bits. Two values may share a count; the lookup then looks further than it had to.  */

#include <stdbool.h>
#include <stdint.h>

struct key;
struct stages;

/* What a lookup brings; words of keys. */
struct stages_lookup {
	const uint64_t *key;
	const uint64_t *known; /* bits that do not come from the packet */
	const uint64_t *agreed; /* bits that may be asked for besides; NULL: all */
	uint64_t *looked; /* bits that mattered are added here */
};

/* Any thread that holds an epoch. */

/* Whether no rule that was counted can match. */
bool stages_rule_out(const struct stages *stages, const struct stages_lookup *lookup);

/* Main thread. */

/* For about 'n' rules of the mask. NULL if it has but one stage. */
struct stages *stages_new(const struct key *mask, unsigned n);
/* Whether one for 'n' rules would be better. */
bool stages_are_small(const struct stages *stages, unsigned n);
/* When no translator can see it any more. */
void stages_free(void *stages);
/* A rule with this key came (1) or went (-1). */
void stages_count(struct stages *stages, const struct key *key, int difference);
