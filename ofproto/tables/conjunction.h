/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Conjunctive matches: rules that together stand for all combinations of their matches.
 *
 * A rule whose actions are conjunction(ID,K/N) matches softly: it is one alternative of dimension K.
 * When a packet matches rules of one priority that cover all N dimensions of an ID, it is looked up
 * as if conj_id was that ID.  */

#include <stdbool.h>
#include <stdint.h>

struct rule;

enum {
	CONJUNCTION_SOFT = 256, /* rules that a packet may match softly; more do not count */
	CONJUNCTION_IDS = 64, /* of one priority */
};

/* The rules that a packet matched softly. */
struct conjunction_soft {
	unsigned n;
	const struct rule *rules[CONJUNCTION_SOFT];
};

/* Any thread that holds an epoch. */

bool conjunction_is_soft(const struct rule *rule);
void conjunction_add(struct conjunction_soft *soft, const struct rule *rule);
/* The highest priority of soft matches below one and not under the other; -1 if there is none. */
int64_t conjunction_priority(const struct conjunction_soft *soft, int64_t below, int64_t least);
/* The ids whose dimensions are all there at this priority; returns how many. */
unsigned conjunction_find(
	const struct conjunction_soft *soft, uint32_t priority, uint32_t ids[CONJUNCTION_IDS]
);
