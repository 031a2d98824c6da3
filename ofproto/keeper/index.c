/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/keeper/index.h"

#include <stdlib.h>
#include <string.h>

#include "datapath/flow.h"
#include "lib/hash.h"
#include "lib/xmalloc.h"

static struct hmap deps, sets;
/* Flows that are done one after the other are often alike. */
static struct index_set *last_sets[INDEX_PARTS];
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

static struct index_dep *find_dep(const struct dep *dep, uint32_t hash)
{
	struct index_dep *mine;

	HMAP_FOREACH_WITH_HASH(mine, node, hash, &deps)
		if (dep_equal(&mine->dep, dep) && !mine->gone)
			return mine;
	return NULL;
}

static struct index_dep *get_dep(const struct dep *dep)
{
	uint32_t hash = hash_dep(dep);
	struct index_dep *mine = find_dep(dep, hash);

	if (mine)
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
	LINKS = 4, /* sets have room for a multiple of that */
	FEW_FLOWS = 8, /* the first array of a set; smaller ones are not worth giving back */
	AHEAD = 12, /* flows that are fetched while one is visited */
};

/* The deps of a flow as its two sets have them. */
struct parted {
	const struct dep *lists[INDEX_PARTS];
	unsigned n[INDEX_PARTS];
	struct dep from[FEW_DEPS];
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

static void add_link(struct index_set *set, struct index_dep *dep)
{
	struct index_link *link = &set->links[set->n++];

	link->set = set;
	link->dep = dep;
	cds_list_add_tail(&link->in_dep, &dep->links);
}

static uint64_t new_kind(void)
{
	static uint64_t last;

	return ++last;
}

static struct index_set *set_new(enum index_part part, const struct dep *list, unsigned n)
{
	unsigned room = (n + LINKS - 1) / LINKS * LINKS;
	struct index_set *set = xcalloc(1, sizeof(*set) + room * sizeof(set->links[0]));

	set->room = room;
	set->part = part;
	set->kind = new_kind();
	set->flows = &set->one;
	set->size = 1;
	for (unsigned i = 0; i < n; i++) {
		struct index_dep *dep = get_dep(&list[i]);

		if (!has_link(dep, set))
			add_link(set, dep);
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

static void del_last_link(struct index_set *set)
{
	struct index_link *link = &set->links[--set->n];

	cds_list_del(&link->in_dep);
	put_dep(link->dep);
}

static void set_free(struct index_set *set)
{
	if (last_sets[set->part] == set)
		last_sets[set->part] = NULL;
	while (set->n)
		del_last_link(set);
	hmap_del(&sets, &set->node);
	if (set->flows != &set->one)
		free(set->flows);
	free(set);
}

static struct index_set *
find_set(enum index_part part, const struct dep *list, unsigned n, uint32_t hash)
{
	struct index_set *set;

	HMAP_FOREACH_WITH_HASH(set, node, hash, &sets)
		if (set->part == part && set_equal(set, list, n))
			return last_sets[part] = set;
	return NULL;
}

static uint32_t hash_list(const struct dep *list, unsigned n)
{
	return hash_bytes(list, n * sizeof(list[0]), n);
}

static struct index_set *get_set(enum index_part part, const struct dep *list, unsigned n)
{
	if (last_sets[part] && set_equal(last_sets[part], list, n))
		return last_sets[part];
	uint32_t hash = hash_list(list, n);
	struct index_set *set = find_set(part, list, n, hash);

	if (set)
		return set;
	set = set_new(part, list, n);
	hmap_add(&sets, &set->node, hash);
	return last_sets[part] = set;
}

static void set_resize(struct index_set *set, unsigned size)
{
	if (set->flows == &set->one) {
		set->flows = XNEW_N(struct index_flow, size);
		set->flows[0] = set->one;
	} else {
		set->flows = xrealloc(set->flows, size * sizeof(set->flows[0]));
	}
	set->size = size;
}

static void enter(struct kept *kept, struct index_set *set)
{
	if (set->n_flows == set->size)
		set_resize(set, set->size < FEW_FLOWS ? FEW_FLOWS : set->size * 2);
	set->flows[set->n_flows] = (struct index_flow){.kept = kept, .flow = kept->flow};
	kept->places[set->part] = (struct index_place){.set = set, .at = set->n_flows++};
}

static void leave(struct kept *kept, enum index_part part)
{
	struct index_place *place = &kept->places[part];
	struct index_set *set = place->set;

	if (!set)
		return;
	const struct index_flow *last = &set->flows[--set->n_flows];

	last->kept->places[part].at = place->at;
	set->flows[place->at] = *last;
	place->set = NULL;
	if (!set->n_flows)
		set_free(set);
	else if (set->size > FEW_FLOWS && set->n_flows < set->size / 4)
		set_resize(set, set->size / 2);
}

static void relink(struct index_link *link, struct index_dep *new)
{
	cds_list_del(&link->in_dep);
	put_dep(link->dep);
	link->dep = new;
	cds_list_add_tail(&link->in_dep, &new->links);
}

/* Makes the set that of the list, which all its flows are to be filed under, if it has room for so many
 * different deps. Most of them have often stayed the same. */
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
		if (n_different == set->room || n_different == FEW_TO_RENEW)
			return false;
		different[n_different++] = &list[i];
	}
	while (set->n > n_different)
		del_last_link(set);
	for (unsigned i = 0; i < set->n; i++)
		if (!dep_equal(&set->links[i].dep->dep, different[i]) || set->links[i].dep->gone)
			relink(&set->links[i], get_dep(different[i]));
	while (set->n < n_different)
		add_link(set, get_dep(different[set->n]));
	set->kind = new_kind();
	hmap_del(&sets, &set->node);
	hmap_add(&sets, &set->node, hash);
	return true;
}

void index_init(void)
{
	hmap_init(&deps);
	hmap_init(&sets);
	memset(last_sets, 0, sizeof(last_sets));
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
	struct index_set *set = get_set(INDEX_BEFORE, sorted, n_sorted);

	free(sorted);
	return set;
}

static bool is_among(const struct dep *dep, const struct dep *list, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (dep_equal(dep, &list[i]))
			return true;
	return false;
}

/* Of what gets counts, or is refreshed by them, the second set must not have again what the first has. */
static void part_deps(struct parted *parted, const struct dep *list, unsigned n)
{
	unsigned before = 0, n_from = 0;

	while (before < n && list[before].kind != DEP_MAC_DST)
		before++;
	for (unsigned i = before; i < n; i++)
		if (!dep_counts(&list[i]) || !is_among(&list[i], list, before))
			parted->from[n_from++] = list[i];
	parted->lists[INDEX_BEFORE] = list;
	parted->n[INDEX_BEFORE] = before;
	parted->lists[INDEX_FROM] = parted->from;
	parted->n[INDEX_FROM] = n_from;
}

void index_prefetch(const struct kept *kept)
{
	for (unsigned i = 0; i < INDEX_PARTS; i++)
		__builtin_prefetch(kept->places[i].set);
}

void index_prefetch_more(const struct kept *kept)
{
	for (unsigned i = 0; i < INDEX_PARTS; i++)
		if (kept->places[i].set)
			__builtin_prefetch(kept->places[i].set->links);
}

unsigned index_n_deps(const struct kept *kept)
{
	const struct index_set *from = kept->places[INDEX_FROM].set;

	return kept->places[INDEX_BEFORE].set->n + (from ? from->n : 0);
}

const struct index_dep *index_dep_at(const struct kept *kept, unsigned i)
{
	const struct index_set *before = kept->places[INDEX_BEFORE].set;

	if (i < before->n)
		return before->links[i].dep;
	return kept->places[INDEX_FROM].set->links[i - before->n].dep;
}

bool index_has(const struct kept *kept, const struct dep *list, unsigned n)
{
	const struct index_set *from = kept->places[INDEX_FROM].set;
	struct parted parted;

	if (!kept->places[INDEX_BEFORE].set || n > FEW_DEPS)
		return false;
	part_deps(&parted, list, n);
	return set_equal(kept->places[INDEX_BEFORE].set, list, parted.n[INDEX_BEFORE]) &&
		(from ? set_equal(from, parted.from, parted.n[INDEX_FROM]) : !parted.n[INDEX_FROM]);
}

/* The first from 'i' on that gets counts of flows, or NULL. */
static const struct dep *next_counter(const struct kept *kept, unsigned *i)
{
	unsigned n = index_n_deps(kept);

	while (*i < n) {
		const struct dep *dep = &index_dep_at(kept, (*i)++)->dep;

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
		dep = next_counter(kept, &at);
		if (!dep || !dep_equal(dep, &list[i]))
			return false;
	}
	return !next_counter(kept, &at);
}

static void move(struct kept *kept, enum index_part part, struct index_set *set)
{
	if (kept->places[part].set == set)
		return;
	leave(kept, part);
	if (set)
		enter(kept, set);
}

static void put_part(struct kept *kept, enum index_part part, const struct dep *list, unsigned n)
{
	struct index_set *set = kept->places[part].set;

	if (part == INDEX_FROM && !n) {
		move(kept, part, NULL);
		return;
	}
	if (set && set->n_flows == 1 && n <= FEW_TO_RENEW) {
		uint32_t hash = hash_list(list, n);

		if (!find_set(part, list, n, hash) && renew(set, list, n, hash))
			return;
	}
	move(kept, part, get_set(part, list, n));
}

void index_put(struct kept *kept, const struct dep *list, unsigned n)
{
	struct parted parted;

	if (n > FEW_DEPS) {
		move(kept, INDEX_BEFORE, get_set_of_many(list, n));
		move(kept, INDEX_FROM, NULL);
		return;
	}
	part_deps(&parted, list, n);
	for (enum index_part i = 0; i < INDEX_PARTS; i++)
		put_part(kept, i, parted.lists[i], parted.n[i]);
	/* It may have come another way now. */
	if (kept->places[INDEX_FROM].set)
		kept->places[INDEX_FROM].set->flows[kept->places[INDEX_FROM].at].like = 0;
}

/* Whether both have the same, sources aside. If so, it is remembered. */
static bool are_alike(struct index_set *a, const struct index_set *b)
{
	if (a->kind == b->kind)
		return true;
	if (a->n != b->n)
		return false;
	for (unsigned i = 0; i < a->n; i++) {
		const struct dep *x = &a->links[i].dep->dep, *y = &b->links[i].dep->dep;

		if (a->links[i].dep != b->links[i].dep &&
		    (x->kind != DEP_MAC_SRC || y->kind != DEP_MAC_SRC || x->owner != y->owner ||
		     x->vlan != y->vlan))
			return false;
	}
	a->kind = b->kind;
	return true;
}

static bool has_counters(const struct index_set *set)
{
	for (unsigned i = 0; i < set->n; i++)
		if (dep_counts(&set->links[i].dep->dep))
			return true;
	return false;
}

bool index_put_like(struct kept *kept, const struct kept *model)
{
	struct index_set *from = kept->places[INDEX_FROM].set,
			 *like = model->places[INDEX_FROM].set;

	if (!from || !like || from->links[0].dep != like->links[0].dep || has_counters(from) ||
	    !are_alike(kept->places[INDEX_BEFORE].set, model->places[INDEX_BEFORE].set))
		return false;
	move(kept, INDEX_FROM, like);
	return true;
}

bool index_came_alike(const struct kept *a, const struct kept *b)
{
	return are_alike(a->places[INDEX_BEFORE].set, b->places[INDEX_BEFORE].set);
}

bool index_liken(struct index_flow *flow, struct index_flow *other)
{
	if (!index_came_alike(flow->kept, other->kept) ||
	    !flow_differs_in_source(flow->flow, other->flow))
		return false;
	if (!other->like)
		other->like = new_kind();
	flow->like = other->like;
	return true;
}

static bool list_counts(const struct dep *list, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (dep_counts(&list[i]))
			return true;
	return false;
}

bool index_turn(struct index_set *set, const struct kept *kept, const struct dep *list, unsigned n)
{
	struct parted parted;

	if (n > FEW_DEPS || set->part != INDEX_FROM)
		return false;
	part_deps(&parted, list, n);
	const struct dep *from = parted.from;
	unsigned n_from = parted.n[INDEX_FROM];

	if (!n_from || !dep_equal(&from[0], &set->links[0].dep->dep) || has_counters(set) ||
	    list_counts(from, n_from) ||
	    !set_equal(kept->places[INDEX_BEFORE].set, list, parted.n[INDEX_BEFORE]))
		return false;
	if (set_equal(set, from, n_from))
		return true;
	uint32_t hash = hash_list(from, n_from);

	return !find_set(INDEX_FROM, from, n_from, hash) && renew(set, from, n_from, hash);
}

void index_take(struct kept *kept)
{
	for (enum index_part i = 0; i < INDEX_PARTS; i++)
		leave(kept, i);
}

/* Flows are spread over memory. One that is known to be like others is given its program, and nothing of it
 * is looked at but that; what is kept of others is needed as well. */
static inline void fetch(const struct index_flow *flow)
{
	if (!flow->like)
		__builtin_prefetch(flow->kept);
	flow_prefetch(flow->flow);
}

/* The first visit may take a while, and the first flows come meanwhile. */
static void fetch_first(const struct index_set *set)
{
	for (unsigned i = 0; i < AHEAD && i < set->n_flows; i++)
		fetch(&set->flows[i]);
}

void index_look_ahead(const struct index_set *set, unsigned i)
{
	if (!i)
		fetch_first(set);
	if (i + AHEAD < set->n_flows)
		fetch(&set->flows[i + AHEAD]);
}

/* The same for one who writes more than follows another. */
static void look_further_ahead(const struct index_set *set, unsigned i)
{
	if (i + AHEAD < set->n_flows) {
		const struct kept *kept = set->flows[i + AHEAD].kept;

		__builtin_prefetch(kept);
		__builtin_prefetch((char *)kept + CACHE_LINE - 1, true);
	}
	index_look_ahead(set, i);
}

static void visit_flows(struct index_dep *mine, index_visit_fn *visit, void *context)
{
	struct index_link *link;

	cds_list_for_each_entry(link, &mine->links, in_dep)
		for (unsigned i = 0; i < link->set->n_flows; i++) {
			look_further_ahead(link->set, i);
			visit(link->set->flows[i].kept, &mine->dep, context);
		}
}

void index_visit(const struct dep *dep, index_visit_fn *visit, void *context)
{
	struct index_dep *mine;

	HMAP_FOREACH_WITH_HASH(mine, node, hash_dep(dep), &deps)
		if (same_thing(&mine->dep, dep) && !mine->gone)
			visit_flows(mine, visit, context);
}

void index_visit_sets(const struct dep *dep, index_visit_set_fn *visit, void *context)
{
	struct index_dep *mine = find_dep(dep, hash_dep(dep));
	struct index_link *link;

	if (!mine)
		return;
	cds_list_for_each_entry(link, &mine->links, in_dep)
		visit(link->set, &mine->dep, context);
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

bool index_is_narrow(const struct kept *kept, unsigned since)
{
	const struct index_dep *mine;

	INDEX_FOREACH(mine, kept)
		if (mine->narrow_since > since)
			return true;
	return false;
}

unsigned index_sets(void)
{
	return hmap_count(&sets);
}
