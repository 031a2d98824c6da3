/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/tables/eviction.h"

#include <stdlib.h>
#include <string.h>

#include "lib/flow/field.h"
#include "lib/flow/match.h"
#include "lib/hash.h"
#include "lib/xmalloc.h"
#include "ofproto/tables/tables.h"

struct candidate {
	struct rule *rule;
	int64_t ends_ms; /* INT64_MAX: never */
	uint32_t group; /* a hash of its values */
};

/* How many candidates a group has; 0: no group is here. */
struct size {
	uint32_t group, n;
};

struct choice {
	const struct eviction_fields *by;
	bool timed_only;
	struct candidate *candidates;
	unsigned n;
	struct size *sizes; /* open addressing */
	uint32_t mask;
};

static int64_t end_of(const struct rule *rule)
{
	int64_t used = __atomic_load_n(&rule->used_ms, __ATOMIC_RELAXED), end = INT64_MAX;

	if (used < rule->modified_ms)
		used = rule->modified_ms;
	if (rule->hard_timeout)
		end = rule->modified_ms + rule->hard_timeout * 1000LL;
	if (rule->idle_timeout && used + rule->idle_timeout * 1000LL < end)
		end = used + rule->idle_timeout * 1000LL;
	return end;
}

static uint32_t group_of(const struct rule *rule, const struct eviction_fields *by)
{
	uint8_t value[FIELD_MAX_SIZE];
	struct match match;
	uint32_t hash = 0;

	if (!by->n)
		return 0;
	rule_match(rule, &match);
	for (unsigned i = 0; i < by->n; i++) {
		memset(value, 0, sizeof(value));
		subfield_get(&by->list[i], &match.tlv, &match.key, value);
		hash = hash_bytes(value, sizeof(value), hash);
	}
	return hash;
}

static struct size *size_of(const struct choice *choice, uint32_t group)
{
	uint32_t at = group & choice->mask;

	while (choice->sizes[at].n && choice->sizes[at].group != group)
		at = (at + 1) & choice->mask;
	return &choice->sizes[at];
}

static bool add_candidate(struct rule *rule, void *choice_)
{
	struct choice *choice = choice_;
	struct candidate candidate = {.rule = rule, .ends_ms = end_of(rule)};
	struct size *size;

	if (rule->priority > UINT16_MAX || (choice->timed_only && candidate.ends_ms == INT64_MAX))
		return true;
	candidate.group = group_of(rule, choice->by);
	size = size_of(choice, candidate.group);
	size->group = candidate.group;
	size->n++;
	choice->candidates[choice->n++] = candidate;
	return true;
}

/* Whether 'a' goes before 'b'. */
static bool
goes_before(const struct choice *choice, const struct candidate *a, const struct candidate *b)
{
	uint32_t size_a = size_of(choice, a->group)->n, size_b = size_of(choice, b->group)->n;

	if (size_a != size_b)
		return size_a > size_b;
	if (a->rule->importance != b->rule->importance)
		return a->rule->importance < b->rule->importance;
	return a->ends_ms < b->ends_ms;
}

struct rule *eviction_choose(
	const struct tables *tables,
	uint8_t table,
	const struct eviction_fields *by,
	bool timed_only
)
{
	unsigned n = tables_count(tables, table), size = 2;
	struct choice choice = {.by = by, .timed_only = timed_only};
	const struct candidate *best = NULL;
	struct rule *rule;

	/* Half full at most. */
	while (by->n && size < 2 * n)
		size *= 2;
	choice.mask = size - 1;
	choice.sizes = XNEW_N(struct size, size);
	choice.candidates = XNEW_N(struct candidate, n + 1);
	tables_foreach(tables, table, add_candidate, &choice);
	for (unsigned i = 0; i < choice.n; i++)
		if (!best || goes_before(&choice, &choice.candidates[i], best))
			best = &choice.candidates[i];
	rule = best ? best->rule : NULL;
	free(choice.sizes);
	free(choice.candidates);
	return rule;
}
