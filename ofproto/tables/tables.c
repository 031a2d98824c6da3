/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/tables/tables.h"

#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/flow/tlv.h"
#include "lib/hash.h"
#include "lib/xmalloc.h"
#include "ofproto/tables/conjunction.h"
#include "ofproto/tables/slots.h"
#include "ofproto/tables/stages.h"
#include "ofproto/tables/subtable_priv.h"
#include "ofproto/tables/tables_priv.h"

static bool visible(const struct rule *rule, uint64_t version)
{
	return __atomic_load_n(&rule->since, __ATOMIC_RELAXED) <= version &&
		version < __atomic_load_n(&rule->until, __ATOMIC_RELAXED);
}

/* Whether nobody has ended the rule, also in a version that is still to come. */
static bool lasts(const struct rule *rule)
{
	return __atomic_load_n(&rule->until, __ATOMIC_RELAXED) == RULE_FOREVER;
}

static uint32_t hash_words(const struct subtable *subtable, const uint64_t *words)
{
	uint64_t hash = 0;

	for (unsigned i = 0; i < subtable->n_words; i++) {
		const struct subtable_word *word = &subtable->words[i];

		hash = (hash ^ (words[word->index] & word->mask)) * 0x9e3779b97f4a7c15ULL;
		hash ^= hash >> 29;
	}
	return hash_u64(hash, 0x7461626c);
}

/* The same of a rule, whose values are masked. */
static uint32_t hash_rule(const struct rule *rule)
{
	uint64_t hash = 0;

	for (unsigned i = 0; i < rule->subtable->n_words; i++) {
		hash = (hash ^ rule->values[i]) * 0x9e3779b97f4a7c15ULL;
		hash ^= hash >> 29;
	}
	return hash_u64(hash, 0x7461626c);
}

static bool rule_matches(const struct rule *rule, const uint64_t *words)
{
	const struct subtable *subtable = rule->subtable;

	for (unsigned i = 0; i < subtable->n_words; i++) {
		const struct subtable_word *word = &subtable->words[i];

		if ((words[word->index] & word->mask) != rule->values[i])
			return false;
	}
	return true;
}

/* The first of the rules that match these words, by descending priority. */
static struct rule *subtable_find(const struct subtable *subtable, const uint64_t *words)
{
	const struct slots *slots = epoch_load(&subtable->slots);
	struct rule *rule;

	SLOTS_FOREACH_WITH_HASH(rule, hash_words(subtable, words), slots)
	if (rule_matches(rule, words))
		return rule;
	return NULL;
}

uint64_t tables_version(const struct tables *tables)
{
	return __atomic_load_n(&tables->version, __ATOMIC_ACQUIRE);
}

/* The word's bits in which packets of the region may differ. */
static uint64_t open_bits(const struct subtable_word *word, const struct tables_lookup *lookup)
{
	return word->mask & ~key_words(lookup->agreed)[word->index] &
		~key_words(lookup->known)[word->index];
}

static bool is_open(const struct subtable *subtable, const struct tables_lookup *lookup)
{
	for (unsigned i = 0; lookup->agreed && i < subtable->n_words; i++)
		if (open_bits(&subtable->words[i], lookup))
			return true;
	return false;
}

/* Whether some packets of the region match the rule. */
static bool meets_region(const struct rule *rule, const struct tables_lookup *lookup)
{
	const struct subtable *subtable = rule->subtable;
	const uint64_t *words = key_words(lookup->key);

	for (unsigned i = 0; i < subtable->n_words; i++) {
		const struct subtable_word *word = &subtable->words[i];
		uint64_t bits = word->mask & ~open_bits(word, lookup);

		if ((words[word->index] ^ rule->values[i]) & bits)
			return false;
	}
	return true;
}

/* Whether the rule is to be preferred to 'other', which may be NULL. */
static bool goes_before(const struct rule *rule, const struct rule *other)
{
	if (!other || rule->priority != other->priority)
		return !other || rule->priority > other->priority;
	return rule->subtable->serial < other->subtable->serial;
}

/* The first of the visible rules that some packets of the region match, or NULL. Where patience ends
 * it need not be the first. */
static const struct rule *
find_in_region(const struct subtable *subtable, const struct tables_lookup *lookup)
{
	const struct slots *slots = epoch_load(&subtable->slots);
	const struct rule *best = NULL, *rule;

	SLOTS_FOREACH(rule, slots)
	{
		for (const struct rule *r = rule; r; r = epoch_load(&r->next_same)) {
			if (!*lookup->patience)
				return best;
			--*lookup->patience;
			if (visible(r, lookup->version) && goes_before(r, best) &&
			    meets_region(r, lookup))
				best = r;
		}
	}
	return best;
}

static void note(const struct subtable *subtable, const struct tables_lookup *lookup)
{
	uint64_t *looked = (uint64_t *)lookup->looked;
	const uint64_t *known = key_words(lookup->known);

	for (unsigned i = 0; i < subtable->n_words; i++) {
		const struct subtable_word *word = &subtable->words[i];

		looked[word->index] |= word->mask & ~known[word->index];
	}
}

/* The first visible rule of those with the same match that stands for itself; alternatives of
 * conjunctive matches in front of it are added to 'soft', which may be NULL. Whoever looks again, by the id of
 * a conjunctive match, does not see what stands behind such alternatives: so it is in OVS, and rules rely on
 * it. */
static struct rule *
first_hard(struct rule *rule, const struct tables_lookup *lookup, struct conjunction_soft *soft)
{
	for (; rule; rule = epoch_load(&rule->next_same)) {
		if (!visible(rule, lookup->version))
			continue;
		if (!conjunction_is_soft(rule))
			return rule;
		if (lookup->soft && !soft)
			return NULL;
		if (soft)
			conjunction_add(soft, rule);
	}
	return NULL;
}

static struct rule *
search(const struct tables *tables,
       uint8_t table,
       const struct tables_lookup *lookup,
       struct conjunction_soft *soft)
{
	const struct subtables *subtables = epoch_load(&tables->tables[table]);
	const uint64_t *words = key_words(lookup->key);
	const struct rule *rival = NULL; /* matched by some packets of the region, not by all */
	const struct stages_lookup stages = {
		.key = words,
		.known = key_words(lookup->known),
		.agreed = lookup->agreed ? key_words(lookup->agreed) : NULL,
		.looked = (uint64_t *)lookup->looked,
	};
	struct rule *best = NULL;

	for (unsigned i = 0; subtables && i < subtables->n; i++) {
		const struct subtable *subtable = subtables->list[i];
		uint32_t max_priority = epoch_load(&subtable->max_priority);

		if (best && best->priority > max_priority)
			break;
		/* Only what has been there for longer can still go before it. */
		if (best && best->priority == max_priority &&
		    best->subtable->serial < subtable->serial)
			continue;
		if (stages_rule_out(epoch_load(&subtable->stages), &stages))
			continue;
		if (is_open(subtable, lookup)) {
			const struct rule *rule = find_in_region(subtable, lookup);

			if (rule && goes_before(rule, rival))
				rival = rule;
			if (!*lookup->patience)
				note(subtable, lookup);
			continue;
		}
		note(subtable, lookup);
		struct rule *rule = first_hard(subtable_find(subtable, words), lookup, soft);

		if (rule && goes_before(rule, best))
			best = rule;
	}
	if (rival && goes_before(rival, best))
		note(rival->subtable, lookup);
	return best;
}

/* By descending priority: conjunctive matches whose dimensions are all there are looked up again by
 * their id. */
static struct rule *find_conjunctive(
	const struct tables *tables,
	uint8_t table,
	const struct tables_lookup *lookup,
	const struct rule *hard
)
{
	int64_t priority = INT64_MAX, least = hard ? hard->priority : 0;
	struct key key = *lookup->key;
	struct tables_lookup again = *lookup;
	uint32_t ids[CONJUNCTION_IDS];

	again.key = &key;
	while ((priority = conjunction_priority(lookup->soft, priority, least)) >= 0) {
		unsigned n = conjunction_find(lookup->soft, (uint32_t)priority, ids);

		for (unsigned i = 0; i < n; i++) {
			key.pipeline.conj_id = be32_from(ids[i]);
			struct rule *rule = search(tables, table, &again, NULL);

			if (rule)
				return rule;
		}
	}
	return NULL;
}

struct rule *
tables_find(const struct tables *tables, uint8_t table, const struct tables_lookup *lookup)
{
	struct rule *hard, *rule = NULL;

	if (lookup->soft)
		lookup->soft->n = 0;
	hard = search(tables, table, lookup, lookup->soft);
	if (lookup->soft && lookup->soft->n)
		rule = find_conjunctive(tables, table, lookup, hard);
	return rule ? rule : hard;
}

struct tables *tables_new(void)
{
	struct tables *tables = XNEW(struct tables);

	tables->version = 1;
	CDS_INIT_LIST_HEAD(&tables->walks);
	return tables;
}

static void count(uint64_t *counter, uint64_t packets)
{
	__atomic_store_n(counter, *counter + packets, __ATOMIC_RELAXED);
}

void tables_credit(struct tables *tables, uint8_t table, bool matched, uint64_t packets)
{
	count(&tables->counts[table].lookups, packets);
	if (matched)
		count(&tables->counts[table].matches, packets);
}

void tables_set_tlv(struct tables *tables, const struct tlv_map *tlv)
{
	tables->tlv = tlv;
}

struct tables_counts tables_get_counts(const struct tables *tables, uint8_t table)
{
	const struct tables_counts *counts = &tables->counts[table];

	return (struct tables_counts){
		.lookups = __atomic_load_n(&counts->lookups, __ATOMIC_RELAXED),
		.matches = __atomic_load_n(&counts->matches, __ATOMIC_RELAXED),
	};
}

/* The words of a mask that are not zero; returns how many. */
static unsigned get_mask_words(const struct key *mask, struct subtable_word words[RULE_WORDS])
{
	uint16_t blocks = key_mask_blocks(mask);
	unsigned n = 0;

	for (unsigned block = 0; blocks >> block; block++) {
		const uint64_t *bits = key_words(mask) + block * WORDS_OF_BLOCK;

		if (!(blocks >> block & 1))
			continue;
		for (unsigned i = 0; i < WORDS_OF_BLOCK; i++)
			if (bits[i])
				words[n++] = (struct subtable_word
				){bits[i], (uint16_t)(block * WORDS_OF_BLOCK + i)};
	}
	return n;
}

static bool
subtable_has_mask(const struct subtable *subtable, const struct subtable_word *words, unsigned n)
{
	if (subtable->n_words != n)
		return false;
	for (unsigned i = 0; i < n; i++)
		if (subtable->words[i].index != words[i].index ||
		    subtable->words[i].mask != words[i].mask)
			return false;
	return true;
}

static struct subtable *subtable_new(const struct tables *tables, const struct key *mask)
{
	static uint64_t serial;
	struct subtable_word words[RULE_WORDS];
	unsigned n = get_mask_words(mask, words);
	struct subtable *subtable = xcalloc(1, sizeof(*subtable) + n * sizeof(words[0]));

	subtable->n_words = n;
	memcpy(subtable->words, words, n * sizeof(words[0]));
	CDS_INIT_LIST_HEAD(&subtable->in_order);
	subtable->serial = ++serial;
	subtable->stages = stages_new(mask, 0);
	subtable->slots = slots_new(1);
	if (tables->tlv && mask->tunnel.options_present)
		subtable->tlv = memcpy(XNEW(struct tlv_map), tables->tlv, sizeof(*subtable->tlv));
	return subtable;
}

static void free_subtable(void *subtable_)
{
	struct subtable *subtable = subtable_;

	free(subtable->slots);
	free(subtable->tlv);
	stages_free(subtable->stages);
	free(subtable);
}

static int by_priority(const void *a_, const void *b_)
{
	const struct subtable *a = *(struct subtable *const *)a_;
	const struct subtable *b = *(struct subtable *const *)b_;

	return a->max_priority > b->max_priority ? -1 : a->max_priority < b->max_priority;
}

/* Publishes the table's subtables, with 'add' and without 'del', in order. */
static void
publish(struct tables *tables, uint8_t table, struct subtable *add, const struct subtable *del)
{
	struct subtables *old = tables->tables[table];
	unsigned n = old ? old->n : 0;
	struct subtables *new = xcalloc(1, sizeof(*new) + (n + 1) * sizeof(new->list[0]));

	for (unsigned i = 0; i < n; i++)
		if (old->list[i] != del)
			new->list[new->n++] = old->list[i];
	if (add)
		new->list[new->n++] = add;
	if (new->n)
		qsort(new->list, new->n, sizeof(new->list[0]), by_priority);
	epoch_store(&tables->tables[table], new);
	epoch_free(old, free);
}

static void del_subtable(struct tables *tables, uint8_t table, const struct subtable *subtable)
{
	tables_walk_subtable_goes(tables, subtable);
	publish(tables, table, NULL, subtable);
	tables->lost_mask[table / 64] |= 1ULL << table % 64;
}

int tables_take_lost_mask(struct tables *tables)
{
	for (unsigned i = 0; i < ARRAY_LENGTH(tables->lost_mask); i++) {
		uint64_t bits = tables->lost_mask[i];

		if (!bits)
			continue;
		tables->lost_mask[i] = bits & (bits - 1);
		return (int)(i * 64 + (unsigned)__builtin_ctzll(bits));
	}
	return -1;
}

static struct subtable *
find_subtable(const struct tables *tables, uint8_t table, const struct key *mask)
{
	const struct subtables *subtables = epoch_load(&tables->tables[table]);
	struct subtable_word words[RULE_WORDS];
	unsigned n = get_mask_words(mask, words);

	for (unsigned i = 0; subtables && i < subtables->n; i++)
		if (subtable_has_mask(subtables->list[i], words, n))
			return subtables->list[i];
	return NULL;
}

static struct subtable *
get_subtable(struct tables *tables, uint8_t table, const struct key *mask, uint32_t priority)
{
	struct subtable *subtable = find_subtable(tables, table, mask);

	if (!subtable) {
		subtable = subtable_new(tables, mask);
		subtable->max_priority = priority;
		publish(tables, table, subtable, NULL);
	} else if (priority > subtable->max_priority) {
		/* Readers with the old order must not stop too early: first the priority. */
		__atomic_store_n(&subtable->max_priority, priority, __ATOMIC_RELEASE);
		publish(tables, table, NULL, NULL);
	}
	return subtable;
}

/* The first rule of the same match, or NULL. */
static struct rule *
find_first_same(const struct subtable *subtable, const struct rule *rule, uint32_t hash)
{
	struct rule *first;

	SLOTS_FOREACH_WITH_HASH(first, hash, subtable->slots)
	if (!memcmp(first->values, rule->values, subtable->n_words * sizeof(rule->values[0])))
		return first;
	return NULL;
}

static void add_slot(struct subtable *subtable, struct rule *rule, uint32_t hash)
{
	struct slots *old = subtable->slots, *new;
	struct rule *other;

	if (slots_are_full(old)) {
		new = slots_new(subtable->n_rules + subtable->n_rules / 2 + 1);
		SLOTS_FOREACH(other, old)
		slots_add(new, other, hash_rule(other));
		epoch_store(&subtable->slots, new);
		epoch_free(old, free);
	}
	slots_add(subtable->slots, rule, hash);
}

/* Puts the rule into the chain of its match, which begins with 'first'. Among equals the newer one
 * comes first. */
static void
link_rule(struct subtable *subtable, struct rule *rule, struct rule *first, uint32_t hash)
{
	if (!first) {
		add_slot(subtable, rule, hash);
		return;
	}
	if (rule->priority >= first->priority) {
		first->is_behind = true;
		rule->next_same = first;
		slots_replace(subtable->slots, first, rule, hash);
		return;
	}
	while (first->next_same && first->next_same->priority > rule->priority)
		first = first->next_same;
	rule->is_behind = true;
	rule->next_same = first->next_same;
	epoch_store(&first->next_same, rule);
}

/* A rule that takes the place of another has it in the order of rules too, so that who walks over them
 * meets one of the two. */
static void put_in_order(
	const struct tables *tables,
	struct subtable *subtable,
	struct rule *rule,
	struct rule *replaced
)
{
	if (!replaced) {
		cds_list_add_tail(&rule->in_order, &subtable->in_order);
		return;
	}
	cds_list_add_tail(&rule->in_order, &replaced->in_order);
	tables_walk_rule_is_replaced(tables, replaced, rule);
}

/* A rule was linked. Where there are too many for the counts, all are counted anew. */
static void
count_in_stages(struct subtable *subtable, const struct key *key, const struct key *mask)
{
	struct stages *old = subtable->stages, *new;
	struct rule *rule;
	struct key of_rule, unused;

	if (!stages_are_small(old, subtable->n_rules)) {
		stages_count(old, key, 1);
		return;
	}
	new = stages_new(mask, subtable->n_rules * 4);
	cds_list_for_each_entry(rule, &subtable->in_order, in_order) {
		rule_get_match(rule, &of_rule, &unused);
		stages_count(new, &of_rule, 1);
	}
	epoch_store(&subtable->stages, new);
	epoch_free(old, stages_free);
}

struct rule *tables_add(
	struct tables *tables,
	const struct rule *like,
	const struct key *key,
	const struct key *mask,
	struct rule_actions *take_actions,
	struct rule **old
)
{
	struct subtable *subtable = get_subtable(tables, like->table, mask, like->priority);
	struct rule *rule = xcalloc(1, sizeof(*rule) + subtable->n_words * sizeof(rule->values[0]));

	rule->subtable = subtable;
	rule->matches_all = !subtable->n_words;
	rule->since = tables->version + 1;
	rule->until = RULE_FOREVER;
	rule->actions = take_actions;
	rule->priority = like->priority;
	rule->table = like->table;
	rule->cookie = like->cookie;
	rule->created_ms = rule->modified_ms = clock_ms();
	for (unsigned i = 0; i < subtable->n_words; i++)
		rule->values[i] =
			key_words(key)[subtable->words[i].index] & subtable->words[i].mask;
	uint32_t hash = hash_rule(rule);
	struct rule *first = find_first_same(subtable, rule, hash), *same = first;

	while (same && (same->priority != rule->priority || same->until != RULE_FOREVER))
		same = same->next_same;
	if (same)
		tables_end(tables, same);
	if (old)
		*old = same;
	put_in_order(tables, subtable, rule, same);
	link_rule(subtable, rule, first, hash);
	count_in_stages(subtable, key, mask);
	subtable->n_rules++;
	tables->n_rules[like->table]++;
	return rule;
}

void tables_end(struct tables *tables, struct rule *rule)
{
	if (rule->until == RULE_FOREVER)
		tables->n_rules[rule->table]--;
	__atomic_store_n(&rule->until, tables->version + 1, __ATOMIC_RELAXED);
}

void tables_revive(struct tables *tables, struct rule *rule)
{
	assert(rule->until == tables->version + 1);
	tables->n_rules[rule->table]++;
	__atomic_store_n(&rule->until, RULE_FOREVER, __ATOMIC_RELAXED);
}

uint64_t tables_flip(struct tables *tables)
{
	/* Pairs with the acquire in tables_version(): who sees the version sees its rules. */
	__atomic_store_n(&tables->version, tables->version + 1, __ATOMIC_RELEASE);
	return tables->version;
}

static void unlink_rule(struct subtable *subtable, struct rule *rule)
{
	uint32_t hash = hash_rule(rule);
	struct rule *next = rule->next_same, *first;
	struct key key, mask;

	if (subtable->stages) {
		rule_get_match(rule, &key, &mask);
		stages_count(subtable->stages, &key, -1);
	}
	cds_list_del(&rule->in_order);
	if (rule->is_behind) {
		first = find_first_same(subtable, rule, hash);
		assert(first); /* the one it is behind */
		while (first->next_same != rule)
			first = first->next_same;
		epoch_store(&first->next_same, next);
	} else if (next) {
		next->is_behind = false;
		slots_replace(subtable->slots, rule, next, hash);
	} else {
		slots_del(subtable->slots, rule, hash);
	}
}

void tables_remove(struct tables *tables, struct rule *rule)
{
	struct subtable *subtable = (struct subtable *)rule->subtable;

	assert(rule->until != RULE_FOREVER);
	tables_walk_rule_goes(tables, rule);
	unlink_rule(subtable, rule);
	if (!--subtable->n_rules) {
		del_subtable(tables, rule->table, subtable);
		epoch_free(subtable, free_subtable);
	}
	rule_actions_release(rule->actions);
	epoch_free(rule, free);
}

/* After the grace period: nobody reads it any more. */
static void free_full_subtable(void *subtable_)
{
	struct subtable *subtable = subtable_;
	struct rule *rule, *next;

	cds_list_for_each_entry_safe(rule, next, &subtable->in_order, in_order)
		free(rule);
	free_subtable(subtable);
}

static void release_actions(struct subtable *subtable)
{
	struct rule *rule;

	cds_list_for_each_entry(rule, &subtable->in_order, in_order)
		rule_actions_release(rule->actions);
}

void tables_remove_many(struct tables *tables, struct rule *const *rules, unsigned n)
{
	unsigned run;

	for (unsigned i = 0; i < n; i += run) {
		struct subtable *subtable = (struct subtable *)rules[i]->subtable;

		for (run = 1; i + run < n && rules[i + run]->subtable == subtable; run++)
			continue;
		/* All that it has: it goes as a whole. */
		if (run == subtable->n_rules) {
			del_subtable(tables, rules[i]->table, subtable);
			release_actions(subtable);
			epoch_free(subtable, free_full_subtable);
			continue;
		}
		for (unsigned j = 0; j < run; j++)
			tables_remove(tables, rules[i + j]);
	}
}

struct rule *tables_find_exactly(
	const struct tables *tables,
	uint8_t table,
	uint32_t priority,
	const struct key *key,
	const struct key *mask
)
{
	const struct subtable *subtable = find_subtable(tables, table, mask);
	struct rule *rule = subtable ? subtable_find(subtable, key_words(key)) : NULL;

	while (rule && (rule->priority != priority || !lasts(rule)))
		rule = epoch_load(&rule->next_same);
	return rule;
}

static bool subtable_has_cookies(const struct subtable *subtable, uint64_t cookie, unsigned *n)
{
	const struct slots *slots = epoch_load(&subtable->slots);
	const struct rule *first;

	SLOTS_FOREACH(first, slots)
	for (const struct rule *rule = first; rule; rule = epoch_load(&rule->next_same))
		if (rule->cookie == cookie && lasts(rule) && !--*n)
			return true;
	return false;
}

bool tables_has_cookies(const struct tables *tables, uint8_t table, uint64_t cookie, unsigned n)
{
	const struct subtables *subtables = epoch_load(&tables->tables[table]);

	for (unsigned i = 0; subtables && i < subtables->n; i++)
		if (subtable_has_cookies(subtables->list[i], cookie, &n))
			return true;
	return false;
}

unsigned tables_count(const struct tables *tables, uint8_t table)
{
	return tables->n_rules[table];
}

static bool visit_subtable(
	struct subtable *subtable, bool (*visit)(struct rule *rule, void *context), void *context
)
{
	struct rule *rule;

	cds_list_for_each_entry(rule, &subtable->in_order, in_order)
		if (rule->until == RULE_FOREVER && !visit(rule, context))
			return false;
	return true;
}

void tables_foreach(
	const struct tables *tables,
	uint8_t table,
	bool (*visit)(struct rule *rule, void *context),
	void *context
)
{
	const struct subtables *subtables = tables->tables[table];

	for (unsigned i = 0; subtables && i < subtables->n; i++)
		if (!visit_subtable(subtables->list[i], visit, context))
			return;
}

void tables_free(struct tables *tables)
{
	if (!tables)
		return;
	tables_walk_end_all(tables);
	for (unsigned t = 0; t < TABLES_N; t++) {
		struct subtables *subtables = tables->tables[t];

		for (unsigned i = 0; subtables && i < subtables->n; i++) {
			release_actions(subtables->list[i]);
			epoch_free(subtables->list[i], free_full_subtable);
		}
		epoch_free(subtables, free);
	}
	free(tables);
}
