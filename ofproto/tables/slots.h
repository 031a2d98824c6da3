/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Slots: where the rules of one mask are found by a hash of what they match.
 *
 * Open addressing, one word for each place: the rule's address, and in the bits that alignment leaves
 * free four bits of its hash, so that others are hardly ever read on the way. One writer; readers
 * need no lock. It does not grow: when it is full its owner makes a larger one and publishes that.  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/epoch.h"

struct rule;

enum {
	SLOTS_TAG = 15 /* the bits of a slot that are not the address */
};

struct slots {
	uint32_t mask; /* the number of slots, less one */
	uint32_t n_used; /* main: those that hold a rule, or held one */
	uintptr_t slots[]; /* main writes, translators read; 0: none ever */
};

/* Any thread that holds an epoch. */

/* The next rule that may have this hash, from slot 'at' on, which becomes that behind it; or NULL. It
 * begins at the hash itself. */
static inline struct rule *slots_next(const struct slots *slots, uint32_t hash, uint32_t *at)
{
	for (;;) {
		uintptr_t slot = epoch_load(&slots->slots[(*at)++ & slots->mask]);

		if (!slot)
			return NULL;
		if ((slot & SLOTS_TAG) == hash >> 28 && slot > SLOTS_TAG)
			return (struct rule *)(slot & ~(uintptr_t)SLOTS_TAG);
	}
}

#define SLOTS_FOREACH_WITH_HASH(rule, hash, slots)                                                 \
	for (uint32_t rule##_at = (hash); ((rule) = slots_next((slots), (hash), &rule##_at));)

/* The rule in a slot, or NULL; for those who look at all of them. */
static inline struct rule *slots_at(const struct slots *slots, uint32_t at)
{
	uintptr_t slot = epoch_load(&slots->slots[at]);

	return (struct rule *)(slot & ~(uintptr_t)SLOTS_TAG);
}

#define SLOTS_FOREACH(rule, slots)                                                                 \
	for (uint32_t rule##_at = 0; rule##_at <= (slots)->mask; rule##_at++)                      \
		if (((rule) = slots_at((slots), rule##_at)))

/* Main thread. */

/* With room for at least 'n' rules. Freed by free(). */
struct slots *slots_new(uint32_t n);
bool slots_are_full(const struct slots *slots);
/* When they are not full. */
void slots_add(struct slots *slots, struct rule *rule, uint32_t hash);
/* 'rule', of the same hash, stands where 'old' is. */
void slots_replace(struct slots *slots, const struct rule *old, struct rule *rule, uint32_t hash);
void slots_del(struct slots *slots, const struct rule *rule, uint32_t hash);
