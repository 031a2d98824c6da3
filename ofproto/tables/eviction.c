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
	unsigned order; /* in the table */
};

/* Candidates of one group, who goes first standing first. */
struct row {
	const struct candidate *next;
	unsigned n;
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
	candidate.order = choice->n;
	size = size_of(choice, candidate.group);
	size->group = candidate.group;
	size->n++;
	choice->candidates[choice->n++] = candidate;
	return true;
}

/* Whether 'a' goes before 'b', of groups of the same size. */
static bool matters_less(const struct candidate *a, const struct candidate *b)
{
	if (a->rule->importance != b->rule->importance)
		return a->rule->importance < b->rule->importance;
	if (a->ends_ms != b->ends_ms)
		return a->ends_ms < b->ends_ms;
	return a->order < b->order;
}

static unsigned choose_one(const struct choice *choice, struct rule **rule)
{
	const struct candidate *best = NULL;
	uint32_t best_size = 0;

	for (unsigned i = 0; i < choice->n; i++) {
		const struct candidate *candidate = &choice->candidates[i];
		uint32_t size = size_of(choice, candidate->group)->n;

		if (!best || size > best_size ||
		    (size == best_size && matters_less(candidate, best))) {
			best = candidate;
			best_size = size;
		}
	}
	*rule = best ? best->rule : NULL;
	return best ? 1 : 0;
}

static int compare(const void *a_, const void *b_)
{
	const struct candidate *a = a_, *b = b_;

	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	return matters_less(a, b) ? -1 : matters_less(b, a);
}

static bool row_goes_before(const struct row *a, const struct row *b)
{
	return a->n != b->n ? a->n > b->n : matters_less(a->next, b->next);
}

/* A heap: the row that gives next stands first. */
static void sink(struct row *rows, unsigned n, unsigned at)
{
	for (;;) {
		struct row row = rows[at];
		unsigned child = 2 * at + 1;

		if (child + 1 < n && row_goes_before(&rows[child + 1], &rows[child]))
			child++;
		if (child >= n || !row_goes_before(&rows[child], &row))
			return;
		rows[at] = rows[child];
		rows[child] = row;
		at = child;
	}
}

/* Of very many, so each choice must not look at all of them. */
static unsigned choose_many(const struct choice *choice, struct rule **rules, unsigned n)
{
	struct candidate *candidates = choice->candidates;
	struct row *rows = XNEW_N(struct row, choice->n + 1);
	unsigned n_rows = 0, n_chosen = 0;

	qsort(candidates, choice->n, sizeof(candidates[0]), compare);
	for (unsigned i = 0; i < choice->n; i++) {
		if (!i || candidates[i].group != candidates[i - 1].group)
			rows[n_rows++].next = &candidates[i];
		rows[n_rows - 1].n++;
	}
	for (unsigned i = n_rows / 2; i-- > 0;)
		sink(rows, n_rows, i);
	while (n_rows && n_chosen < n) {
		rules[n_chosen++] = rows[0].next++->rule;
		if (!--rows[0].n)
			rows[0] = rows[--n_rows];
		sink(rows, n_rows, 0);
	}
	free(rows);
	return n_chosen;
}

unsigned eviction_choose(
	const struct tables *tables,
	uint8_t table,
	const struct eviction_fields *by,
	bool timed_only,
	struct rule **rules,
	unsigned n
)
{
	unsigned n_rules = tables_count(tables, table), size = 2;
	struct choice choice = {.by = by, .timed_only = timed_only};

	/* Half full at most. */
	while (by->n && size < 2 * n_rules)
		size *= 2;
	choice.mask = size - 1;
	choice.sizes = XNEW_N(struct size, size);
	choice.candidates = XNEW_N(struct candidate, n_rules + 1);
	tables_foreach(tables, table, add_candidate, &choice);
	n = n == 1 ? choose_one(&choice, rules) : choose_many(&choice, rules, n);
	free(choice.sizes);
	free(choice.candidates);
	return n;
}
