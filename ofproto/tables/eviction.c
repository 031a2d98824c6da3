/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/tables/eviction.h"

#include <stdlib.h>
#include <string.h>

#include "lib/flow/field.h"
#include "lib/flow/match.h"
#include "lib/hash.h"
#include "lib/hmap.h"
#include "lib/xmalloc.h"
#include "ofproto/tables/tables.h"

/* What stands in a heap knows where. */
struct place {
	unsigned at;
};

struct heap {
	bool (*goes_before)(const struct place *a, const struct place *b);
	struct place **list;
	unsigned n, size;
};

struct group {
	struct place place; /* among the groups; groups come first that are larger */
	struct hmap_node node; /* by its values' hash, which stands for them */
	struct heap rules;
};

struct candidate {
	struct place place; /* in its group */
	struct hmap_node node; /* by its rule */
	struct group *group;
	struct rule *rule;
	int64_t ends_ms; /* at the earliest */
	uint64_t order; /* in which they came */
};

struct eviction {
	struct eviction_fields by;
	bool timed_only;
	uint64_t n_came;
	struct hmap candidates, groups;
	struct heap largest; /* groups */
};

/* Heaps. */

static void put(struct heap *heap, unsigned at, struct place *place)
{
	heap->list[at] = place;
	place->at = at;
}

static void rise(struct heap *heap, struct place *place)
{
	unsigned at = place->at;

	for (; at && heap->goes_before(place, heap->list[(at - 1) / 2]); at = (at - 1) / 2)
		put(heap, at, heap->list[(at - 1) / 2]);
	put(heap, at, place);
}

static void sink(struct heap *heap, struct place *place)
{
	unsigned at = place->at, child;

	while ((child = 2 * at + 1) < heap->n) {
		if (child + 1 < heap->n &&
		    heap->goes_before(heap->list[child + 1], heap->list[child]))
			child++;
		if (!heap->goes_before(heap->list[child], place))
			break;
		put(heap, at, heap->list[child]);
		at = child;
	}
	put(heap, at, place);
}

/* What it is compared by has changed. */
static void heap_move(struct heap *heap, struct place *place)
{
	rise(heap, place);
	sink(heap, place);
}

static void heap_add(struct heap *heap, struct place *place)
{
	if (heap->n == heap->size) {
		heap->size = heap->size * 2 + 4;
		heap->list = xrealloc(heap->list, heap->size * sizeof(heap->list[0]));
	}
	place->at = heap->n++;
	rise(heap, place);
}

static void heap_del(struct heap *heap, const struct place *place)
{
	struct place *last = heap->list[--heap->n];

	if (last == place)
		return;
	last->at = place->at;
	heap_move(heap, last);
}

/* Who goes before whom. */

static bool matters_less(const struct place *a_, const struct place *b_)
{
	const struct candidate *a = container_of(a_, struct candidate, place);
	const struct candidate *b = container_of(b_, struct candidate, place);

	if (a->rule->importance != b->rule->importance)
		return a->rule->importance < b->rule->importance;
	if (a->ends_ms != b->ends_ms)
		return a->ends_ms < b->ends_ms;
	return a->order < b->order;
}

static bool is_larger(const struct place *a_, const struct place *b_)
{
	const struct heap *a = &container_of(a_, struct group, place)->rules;
	const struct heap *b = &container_of(b_, struct group, place)->rules;

	return a->n != b->n ? a->n > b->n : matters_less(a->list[0], b->list[0]);
}

/* Groups. */

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

static struct group *find_group(const struct eviction *eviction, uint32_t hash)
{
	struct group *group;

	HMAP_FOREACH_WITH_HASH(group, node, hash, &eviction->groups)
		return group;
	return NULL;
}

static struct group *group_new(struct eviction *eviction, uint32_t hash)
{
	struct group *group = XNEW(struct group);

	group->rules.goes_before = matters_less;
	hmap_add(&eviction->groups, &group->node, hash);
	return group;
}

static void group_free(struct eviction *eviction, struct group *group)
{
	hmap_del(&eviction->groups, &group->node);
	free(group->rules.list);
	free(group);
}

/* Rules. */

static int64_t end_of(const struct rule *rule)
{
	int64_t hard = rule_hard_end(rule), idle = rule_idle_end(rule);

	return hard < idle ? hard : idle;
}

static uint32_t hash_of(const struct rule *rule)
{
	return hash_u64((uintptr_t)rule, 0);
}

static struct candidate *find(const struct eviction *eviction, const struct rule *rule)
{
	struct candidate *candidate;

	HMAP_FOREACH_WITH_HASH(candidate, node, hash_of(rule), &eviction->candidates)
		if (candidate->rule == rule)
			return candidate;
	return NULL;
}

void eviction_add(struct eviction *eviction, struct rule *rule)
{
	int64_t ends_ms = end_of(rule);
	struct candidate *candidate;
	struct group *group;
	uint32_t hash;

	if (rule->priority > UINT16_MAX || (eviction->timed_only && ends_ms == INT64_MAX))
		return;
	hash = group_of(rule, &eviction->by);
	group = find_group(eviction, hash);
	if (group)
		heap_del(&eviction->largest, &group->place);
	else
		group = group_new(eviction, hash);
	candidate = XNEW(struct candidate);
	candidate->rule = rule;
	candidate->group = group;
	candidate->ends_ms = ends_ms;
	candidate->order = eviction->n_came++;
	hmap_add(&eviction->candidates, &candidate->node, hash_of(rule));
	heap_add(&group->rules, &candidate->place);
	heap_add(&eviction->largest, &group->place);
}

void eviction_del(struct eviction *eviction, const struct rule *rule)
{
	struct candidate *candidate = find(eviction, rule);

	if (!candidate)
		return;
	struct group *group = candidate->group;

	heap_del(&eviction->largest, &group->place);
	heap_del(&group->rules, &candidate->place);
	hmap_del(&eviction->candidates, &candidate->node);
	free(candidate);
	if (group->rules.n)
		heap_add(&eviction->largest, &group->place);
	else
		group_free(eviction, group);
}

struct rule *eviction_next(struct eviction *eviction)
{
	while (eviction->largest.n) {
		struct group *group = container_of(eviction->largest.list[0], struct group, place);
		struct candidate *candidate =
			container_of(group->rules.list[0], struct candidate, place);
		int64_t ends_ms = end_of(candidate->rule);

		if (ends_ms == candidate->ends_ms)
			return candidate->rule;
		/* All others end no sooner than it is written of them. */
		candidate->ends_ms = ends_ms;
		heap_move(&group->rules, &candidate->place);
		heap_move(&eviction->largest, &group->place);
	}
	return NULL;
}

static bool add_rule(struct rule *rule, void *eviction)
{
	eviction_add(eviction, rule);
	return true;
}

struct eviction *eviction_new(
	const struct tables *tables,
	uint8_t table,
	const struct eviction_fields *by,
	bool timed_only
)
{
	struct eviction *eviction = XNEW(struct eviction);

	eviction->by = *by;
	eviction->timed_only = timed_only;
	eviction->largest.goes_before = is_larger;
	hmap_init(&eviction->candidates);
	hmap_init(&eviction->groups);
	hmap_reserve(&eviction->candidates, tables_count(tables, table));
	tables_foreach(tables, table, add_rule, eviction);
	return eviction;
}

void eviction_free(struct eviction *eviction)
{
	struct candidate *candidate;
	struct group *group;

	if (!eviction)
		return;
	HMAP_FOREACH_SAFE(candidate, node, &eviction->candidates) {
		hmap_del(&eviction->candidates, &candidate->node);
		free(candidate);
	}
	HMAP_FOREACH_SAFE(group, node, &eviction->groups)
		group_free(eviction, group);
	hmap_fini(&eviction->candidates);
	hmap_fini(&eviction->groups);
	free(eviction->largest.list);
	free(eviction);
}

bool eviction_is_by(
	const struct eviction *eviction, const struct eviction_fields *by, bool timed_only
)
{
	const struct eviction_fields *own = &eviction->by;

	if (eviction->timed_only != timed_only || own->n != by->n)
		return false;
	for (unsigned i = 0; i < by->n; i++)
		if (own->list[i].field != by->list[i].field ||
		    own->list[i].first != by->list[i].first ||
		    own->list[i].bits != by->list[i].bits)
			return false;
	return true;
}
