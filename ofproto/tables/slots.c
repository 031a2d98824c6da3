/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/tables/slots.h"

#include <assert.h>

#include "lib/xmalloc.h"

enum {
	SLOTS_MIN = 4,
	GRAVE = 1, /* held a rule; those that had to step over it are further on */
};

static uintptr_t slot_of(const struct rule *rule, uint32_t hash)
{
	assert(!((uintptr_t)rule & SLOTS_TAG));
	return (uintptr_t)rule | hash >> 28;
}

static uint32_t slots_limit(const struct slots *slots)
{
	return (slots->mask + 1) / 8 * 5 + (slots->mask < 7 ? 2 : 0);
}

struct slots *slots_new(uint32_t n)
{
	uint32_t size = SLOTS_MIN;

	while (size / 8 * 5 < n)
		size *= 2;
	struct slots *slots = xcalloc(1, sizeof(*slots) + size * sizeof(slots->slots[0]));

	slots->mask = size - 1;
	return slots;
}

bool slots_are_full(const struct slots *slots)
{
	return slots->n_used >= slots_limit(slots);
}

/* Where 'slot' stands, or else the first place that never held any. */
static uintptr_t *find(struct slots *slots, uintptr_t slot, uint32_t hash)
{
	uint32_t at = hash;

	while (slots->slots[at & slots->mask] && slots->slots[at & slots->mask] != slot)
		at++;
	return &slots->slots[at & slots->mask];
}

void slots_add(struct slots *slots, struct rule *rule, uint32_t hash)
{
	assert(!slots_are_full(slots));
	/* Pairs with the load in slots_next(): who sees the rule sees what it is. */
	epoch_store(find(slots, 0, hash), slot_of(rule, hash));
	slots->n_used++;
}

void slots_replace(struct slots *slots, const struct rule *old, struct rule *rule, uint32_t hash)
{
	uintptr_t *at = find(slots, slot_of(old, hash), hash);

	assert(*at);
	epoch_store(at, slot_of(rule, hash));
}

void slots_del(struct slots *slots, const struct rule *rule, uint32_t hash)
{
	uintptr_t *at = find(slots, slot_of(rule, hash), hash);
	uint32_t i = (uint32_t)(at - slots->slots);

	assert(*at);
	epoch_store(at, GRAVE);
	/* Graves that nobody has to step over are of no use. */
	while (!slots->slots[(i + 1) & slots->mask] && slots->slots[i & slots->mask] == GRAVE) {
		epoch_store(&slots->slots[i & slots->mask], 0);
		slots->n_used--;
		i--;
	}
}
