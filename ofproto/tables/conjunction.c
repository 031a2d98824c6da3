/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/tables/conjunction.h"

#include "lib/epoch.h"
#include "ofproto/tables/rule.h"
#include "ofproto/wire/actions/conjunction.h"

struct found {
	uint32_t id;
	uint8_t n; /* dimensions */
	uint64_t there; /* those that are, by bits */
};

bool conjunction_is_soft(const struct rule *rule)
{
	const struct rule_actions *actions = epoch_load(&rule->actions);

	return actions && actions->conjunctive;
}

void conjunction_add(struct conjunction_soft *soft, const struct rule *rule)
{
	if (soft->n < CONJUNCTION_SOFT)
		soft->rules[soft->n++] = rule;
}

int64_t conjunction_priority(const struct conjunction_soft *soft, int64_t below, int64_t least)
{
	int64_t best = -1;

	for (unsigned i = 0; i < soft->n; i++) {
		int64_t priority = soft->rules[i]->priority;

		if (priority < below && priority >= least && priority > best)
			best = priority;
	}
	return best;
}

static void note(struct found *found, unsigned *n, const struct action_conjunction *conjunction)
{
	unsigned i = 0;

	while (i < *n && (found[i].id != conjunction->id || found[i].n != conjunction->n_clauses))
		i++;
	if (i == CONJUNCTION_IDS)
		return;
	if (i == *n)
		found[(*n)++] = (struct found){.id = conjunction->id, .n = conjunction->n_clauses};
	found[i].there |= 1ULL << conjunction->clause;
}

unsigned conjunction_find(
	const struct conjunction_soft *soft, uint32_t priority, uint32_t ids[CONJUNCTION_IDS]
)
{
	struct found found[CONJUNCTION_IDS];
	unsigned n_found = 0, n = 0;

	for (unsigned i = 0; i < soft->n; i++) {
		const struct rule *rule = soft->rules[i];
		const struct rule_actions *actions = epoch_load(&rule->actions);

		if (rule->priority != priority || !actions->conjunctive)
			continue;
		ACTION_FOREACH(action, &actions->list) {
			const struct action_conjunction *conjunction = conjunction_of(action);

			if (conjunction)
				note(found, &n_found, conjunction);
		}
	}
	for (unsigned i = 0; i < n_found; i++)
		if (found[i].there == UINT64_MAX >> (64 - found[i].n))
			ids[n++] = found[i].id;
	return n;
}
