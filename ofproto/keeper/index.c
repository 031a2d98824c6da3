/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/keeper/index.h"

#include <stdlib.h>

#include "lib/hash.h"
#include "lib/xmalloc.h"

static struct hmap deps, sets;
static struct index_set *last_set; /* flows that are done one after the other are often alike */
static unsigned n_narrow;

static bool is_of_rule(const struct dep *dep)
{
	return dep->kind == DEP_RULE || dep->kind == DEP_SOFT || dep->kind == DEP_LEARNED;
}

/* All ways to look up a table are found together, and all that concerns a rule. */
static uint32_t hash_dep(const struct dep *dep)
{
	uint64_t what = dep->kind == DEP_TABLE ? 0 : dep->what;
	uint16_t kind = is_of_rule(dep) ? DEP_RULE : dep->kind;
	uint64_t rest = (uint64_t)dep->owner << 32 | (uint64_t)dep->vlan << 16 | kind;

	return hash_u64(rest, hash_u64(what, 0x646570));
}

static bool same_thing(const struct dep *a, const struct dep *b)
{
	return a->kind == b->kind && a->owner == b->owner && a->vlan == b->vlan &&
		(a->kind == DEP_TABLE || a->what == b->what);
}

static struct index_dep *get_dep(const struct dep *dep)
{
	uint32_t hash = hash_dep(dep);
	struct index_dep *mine;

	HMAP_FOREACH_WITH_HASH(mine, node, hash, &deps)
		if (dep_equal(&mine->dep, dep) && !mine->gone)
			return mine;
	mine = XNEW(struct index_dep);
	mine->dep = *dep;
	CDS_INIT_LIST_HEAD(&mine->links);
	hmap_add(&deps, &mine->node, hash);
	return mine;
}

enum {
	FEW_DEPS = 64, /* longer lists are worth sorting: they may repeat much */
	FEW_TO_RENEW = 16,
	PREFETCHED_LINKS = 6 * sizeof(struct index_link),
};

static int compare_deps(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct dep));
}

/* Whether the set was made from such a list: it has its deps in the order in which they first stand
 * there. */
static bool set_equal(const struct index_set *set, const struct dep *list, unsigned n)
{
	unsigned found = 0;

	for (unsigned i = 0; i < n; i++) {
		unsigned before = 0;

		if (found < set->n && dep_equal(&set->links[found].dep->dep, &list[i])) {
			if (set->links[found++].dep->gone)
				return false;
			continue;
		}
		while (before < found && !dep_equal(&set->links[before].dep->dep, &list[i]))
			before++;
		if (before == found)
			return false;
	}
	return found == set->n;
}

/* Whether the dep that was linked last to it is the set's. */
static bool has_link(const struct index_dep *dep, const struct index_set *set)
{
	return !cds_list_empty((struct cds_list_head *)&dep->links) &&
		cds_list_entry(dep->links.prev, struct index_link, in_dep)->set == set;
}

static struct index_set *set_new(const struct dep *list, unsigned n)
{
	struct index_set *set = xcalloc(1, sizeof(*set) + n * sizeof(set->links[0]));

	CDS_INIT_LIST_HEAD(&set->flows);
	for (unsigned i = 0; i < n; i++) {
		struct index_link *link = &set->links[set->n];
		struct index_dep *dep = get_dep(&list[i]);

		if (has_link(dep, set))
			continue;
		link->set = set;
		link->dep = dep;
		cds_list_add_tail(&link->in_dep, &dep->links);
		set->n++;
	}
	return set;
}

/* It has lost a link. */
static void put_dep(struct index_dep *dep)
{
	if (!cds_list_empty(&dep->links))
		return;
	hmap_del(&deps, &dep->node);
	free(dep);
}

static void set_free(struct index_set *set)
{
	if (last_set == set)
		last_set = NULL;
	for (unsigned i = 0; i < set->n; i++) {
		cds_list_del(&set->links[i].in_dep);
		put_dep(set->links[i].dep);
	}
	hmap_del(&sets, &set->node);
	free(set);
}

static struct index_set *find_set(const struct dep *list, unsigned n, uint32_t hash)
{
	struct index_set *set;

	HMAP_FOREACH_WITH_HASH(set, node, hash, &sets)
		if (set_equal(set, list, n))
			return last_set = set;
	return NULL;
}

static uint32_t hash_list(const struct dep *list, unsigned n)
{
	return hash_bytes(list, n * sizeof(list[0]), n);
}

static struct index_set *get_set(const struct dep *list, unsigned n)
{
	if (last_set && set_equal(last_set, list, n))
		return last_set;
	uint32_t hash = hash_list(list, n);
	struct index_set *set = find_set(list, n, hash);

	if (set)
		return set;
	set = set_new(list, n);
	hmap_add(&sets, &set->node, hash);
	return last_set = set;
}

static void relink(struct index_link *link, struct index_dep *new)
{
	cds_list_del(&link->in_dep);
	put_dep(link->dep);
	link->dep = new;
	cds_list_add_tail(&link->in_dep, &new->links);
}

/* Makes the set, which has one flow, that of the list, if this has as many different deps. Most of them
 * have often stayed the same. */
static bool renew(struct index_set *set, const struct dep *list, unsigned n, uint32_t hash)
{
	const struct dep *different[FEW_TO_RENEW];
	unsigned n_different = 0;

	for (unsigned i = 0; i < n; i++) {
		unsigned before = 0;

		while (before < n_different && !dep_equal(different[before], &list[i]))
			before++;
		if (before < n_different)
			continue;
		if (n_different == set->n || n_different == FEW_TO_RENEW)
			return false;
		different[n_different++] = &list[i];
	}
	if (n_different != set->n)
		return false;
	for (unsigned i = 0; i < n_different; i++)
		if (!dep_equal(&set->links[i].dep->dep, different[i]) || set->links[i].dep->gone)
			relink(&set->links[i], get_dep(different[i]));
	hmap_del(&sets, &set->node);
	hmap_add(&sets, &set->node, hash);
	return true;
}

/* Where the set's dependency on the destination stands, if it is the first in which it differs from
 * 'like', sources aside, or that of both; else the number of links. */
static unsigned find_dst(const struct index_set *set, const struct index_set *like)
{
	for (unsigned i = 0; i < set->n && i < like->n; i++) {
		const struct dep *a = &set->links[i].dep->dep, *b = &like->links[i].dep->dep;

		if (set->links[i].dep == like->links[i].dep) {
			if (a->kind == DEP_MAC_DST)
				return i;
		} else if (a->kind != DEP_MAC_SRC || b->kind != DEP_MAC_SRC || a->owner != b->owner || a->vlan != b->vlan) {
			break;
		}
	}
	return set->n;
}

void index_init(void)
{
	hmap_init(&deps);
	hmap_init(&sets);
}

void index_fini(void)
{
	hmap_fini(&deps);
	hmap_fini(&sets);
}

static struct index_set *get_set_of_many(const struct dep *list, unsigned n)
{
	struct dep *sorted = xmalloc(n * sizeof(sorted[0]));
	unsigned n_sorted = 0;

	memcpy(sorted, list, n * sizeof(sorted[0]));
	qsort(sorted, n, sizeof(sorted[0]), compare_deps);
	for (unsigned i = 0; i < n; i++)
		if (!i || !dep_equal(&sorted[i], &sorted[n_sorted - 1]))
			sorted[n_sorted++] = sorted[i];
	struct index_set *set = get_set(sorted, n_sorted);

	free(sorted);
	return set;
}

void index_prefetch(const struct kept *kept)
{
	for (unsigned at = 0; at < sizeof(struct index_set) + PREFETCHED_LINKS; at += CACHE_LINE)
		__builtin_prefetch((const char *)kept->set + at);
}

void index_prefetch_more(const struct kept *kept)
{
	const struct index_set *set = kept->set;

	__builtin_prefetch(&sets.buckets[set->node.hash & sets.mask]);
	for (unsigned i = 0; i < set->n && i < FEW_TO_RENEW; i++)
		__builtin_prefetch(&set->links[i].dep->dep);
}

bool index_has(const struct kept *kept, const struct dep *list, unsigned n)
{
	return kept->set && n <= FEW_DEPS && set_equal(kept->set, list, n);
}

/* The first from 'i' on that gets counts of flows, or NULL. */
static const struct dep *next_counter(const struct index_set *set, unsigned *i)
{
	while (*i < set->n) {
		const struct dep *dep = &set->links[(*i)++].dep->dep;

		if (dep_counts(dep))
			return dep;
	}
	return NULL;
}

bool index_counts_alike(const struct kept *kept, const struct dep *list, unsigned n)
{
	unsigned at = 0;

	for (unsigned i = 0; i < n; i++) {
		const struct dep *dep;

		if (!dep_counts(&list[i]))
			continue;
		dep = next_counter(kept->set, &at);
		if (!dep || !dep_equal(dep, &list[i]))
			return false;
	}
	return !next_counter(kept->set, &at);
}

void index_put(struct kept *kept, const struct dep *list, unsigned n)
{
	struct index_set *set = kept->set;

	if (set && set->n_flows == 1 && n <= FEW_TO_RENEW) {
		uint32_t hash = hash_list(list, n);

		if (!find_set(list, n, hash) && renew(set, list, n, hash))
			return;
	}
	set = n <= FEW_DEPS ? get_set(list, n) : get_set_of_many(list, n);
	/* Into the new set first: it may be the old one. */
	set->n_flows++;
	index_take(kept);
	kept->set = set;
	cds_list_add_tail(&kept->in_set, &set->flows);
}

bool index_put_like(struct kept *kept, const struct kept *model)
{
	struct index_set *set = kept->set, *like = model->set, *other;
	unsigned dst = find_dst(set, like), n = set->n;
	struct dep list[FEW_TO_RENEW] = {{0}};

	if (set == like || set->n_flows != 1 || like->n != n || n > FEW_TO_RENEW || dst == n)
		return false;
	for (unsigned i = 0; i < n; i++) {
		const struct index_dep *dep = i < dst ? set->links[i].dep : like->links[i].dep;

		if (dep->gone)
			return false;
		list[i] = dep->dep;
	}
	uint32_t hash = hash_list(list, n);

	other = find_set(list, n, hash);
	if (other)
		return other == set;
	for (unsigned i = dst; i < n; i++)
		if (set->links[i].dep != like->links[i].dep)
			relink(&set->links[i], like->links[i].dep);
	hmap_del(&sets, &set->node);
	hmap_add(&sets, &set->node, hash);
	return true;
}

void index_take(struct kept *kept)
{
	struct index_set *set = kept->set;

	if (!set)
		return;
	cds_list_del(&kept->in_set);
	kept->set = NULL;
	if (!--set->n_flows)
		set_free(set);
}

static void visit_flows(struct index_dep *mine, index_visit_fn *visit, void *context)
{
	struct index_link *link;
	struct kept *kept;

	cds_list_for_each_entry(link, &mine->links, in_dep)
		cds_list_for_each_entry(kept, &link->set->flows, in_set)
			visit(kept, &mine->dep, context);
}

void index_visit(const struct dep *dep, index_visit_fn *visit, void *context)
{
	struct index_dep *mine;

	HMAP_FOREACH_WITH_HASH(mine, node, hash_dep(dep), &deps)
		if (same_thing(&mine->dep, dep) && !mine->gone)
			visit_flows(mine, visit, context);
}

void index_visit_rewritten(const struct dep *dep, index_visit_fn *visit, void *context)
{
	struct index_dep *mine;

	HMAP_FOREACH_WITH_HASH(mine, node, hash_dep(dep), &deps)
		if (same_thing(&mine->dep, dep) && dep_table_rewritten(&mine->dep))
			visit_flows(mine, visit, context);
}

void index_end_rule(const struct rule *rule, index_visit_fn *visit, void *context)
{
	struct dep dep = {.kind = DEP_RULE, .what = (uintptr_t)rule};
	struct index_dep *mine;

	HMAP_FOREACH_WITH_HASH(mine, node, hash_dep(&dep), &deps) {
		if (!is_of_rule(&mine->dep) || mine->dep.what != dep.what || mine->gone)
			continue;
		visit_flows(mine, visit, context);
		mine->gone = true;
	}
}

void index_forget(const struct dep *dep)
{
	struct index_dep *mine;

	HMAP_FOREACH_WITH_HASH(mine, node, hash_dep(dep), &deps)
		if (dep_equal(&mine->dep, dep))
			mine->gone = true;
}

void index_note_narrow(const struct dep *dep)
{
	struct dep table = {.kind = DEP_TABLE, .owner = dep->owner, .vlan = dep->vlan};
	struct index_dep *mine;

	n_narrow++;
	HMAP_FOREACH_WITH_HASH(mine, node, hash_dep(&table), &deps)
		if (same_thing(&mine->dep, &table))
			mine->narrow_since = n_narrow;
}

unsigned index_narrow(void)
{
	return n_narrow;
}

bool index_is_narrow(const struct index_set *set, unsigned since)
{
	for (unsigned i = 0; i < set->n; i++)
		if (set->links[i].dep->narrow_since > since)
			return true;
	return false;
}

unsigned index_sets(void)
{
	return hmap_count(&sets);
}
