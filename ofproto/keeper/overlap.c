/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/keeper/overlap.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/flow.h"
#include "lib/hash.h"
#include "lib/hmap.h"
#include "lib/xmalloc.h"
#include "ofproto/keeper/index.h"

enum {
	INDEXES = 4, /* of a class */
	FEW_FLOWS = 8, /* are looked at one by one */
	IDLE_SWEEPS = 40, /* then an index is dropped */
	WORDS = sizeof(struct key_base) / 8,
};

/* Bits of the base block, as words. */
struct bits {
	uint64_t words[WORDS];
};

/* The flows of a class by some of the bits they look at. */
struct overlap_index {
	struct hmap nodes;
	struct bits bits;
	struct cds_list_head
		*next; /* the first flow of the class that is not in it yet, or the end */
	unsigned used; /* the sweep in which it was asked last */
	uint32_t serial; /* no other has the same */
};

struct overlap_node {
	struct hmap_node node;
	struct kept *kept;
	uint32_t serial; /* of the index it was put into last, which may be gone */
};

/* The flows of one mask. */
struct overlap_class {
	struct hmap_node node; /* by the mask's address, which they share */
	const struct key_base *mask;
	struct cds_list_head flows;
	unsigned n;
	struct overlap_index *indexes[INDEXES];
	/* While flows are looked for in memory. */
	bool sought;
	struct bits bits;
};

static struct hmap classes;
static unsigned sweeps;
static unsigned n_unfinished; /* indexes */

void overlap_init(void)
{
	hmap_init(&classes);
	n_unfinished = 0;
}

void overlap_fini(void)
{
	hmap_fini(&classes);
}

static uint32_t hash_bits(const struct key_base *key, const struct bits *bits)
{
	struct bits masked;

	memcpy(&masked, key, sizeof(masked));
	for (unsigned i = 0; i < WORDS; i++)
		masked.words[i] &= bits->words[i];
	return hash_bytes(&masked, sizeof(masked), 0);
}

static struct overlap_class *find_class(const struct key_base *mask)
{
	struct overlap_class *class;

	HMAP_FOREACH_WITH_HASH(class, node, hash_u64((uintptr_t)mask, 0), &classes)
		if (class->mask == mask)
			return class;
	return NULL;
}

static struct overlap_class *get_class(const struct key_base *mask)
{
	struct overlap_class *class = find_class(mask);

	if (class)
		return class;
	class = XNEW(struct overlap_class);
	class->mask = mask;
	CDS_INIT_LIST_HEAD(&class->flows);
	hmap_add(&classes, &class->node, hash_u64((uintptr_t)mask, 0));
	return class;
}

static bool is_finished(const struct overlap_class *class, const struct overlap_index *index)
{
	return index->next == &class->flows;
}

static void index_flow(struct overlap_class *class, unsigned i, struct kept *kept)
{
	struct overlap_index *index = class->indexes[i];
	const struct key_base *key, *mask;
	struct overlap_node *node;

	if (!kept->overlap.nodes)
		kept->overlap.nodes = XNEW_N(struct overlap_node, INDEXES);
	flow_peek(kept->flow, &key, &mask);
	node = &kept->overlap.nodes[i];
	node->kept = kept;
	node->serial = index->serial;
	hmap_add(&index->nodes, &node->node, hash_bits(key, &index->bits));
}

/* Puts up to 'n' more flows into the index. Returns how many are left of 'n'. */
static unsigned go_on(struct overlap_class *class, unsigned i, unsigned n)
{
	struct overlap_index *index = class->indexes[i];

	if (is_finished(class, index))
		return n;
	while (n && !is_finished(class, index)) {
		index_flow(class, i, container_of(index->next, struct kept, overlap.in_class));
		index->next = index->next->next;
		n--;
	}
	n_unfinished -= is_finished(class, index);
	return n;
}

void overlap_add(struct kept *kept)
{
	const struct key_base *key, *mask;

	flow_peek(kept->flow, &key, &mask);
	struct overlap_class *class = get_class(mask);

	kept->overlap.class = class;
	cds_list_add_tail(&kept->overlap.in_class, &class->flows);
	class->n++;
	for (unsigned i = 0; i < INDEXES; i++)
		if (class->indexes[i] && is_finished(class, class->indexes[i]))
			index_flow(class, i, kept);
}

static void drop_index(struct overlap_class *class, unsigned i)
{
	if (!class->indexes[i])
		return;
	n_unfinished -= !is_finished(class, class->indexes[i]);
	hmap_fini(&class->indexes[i]->nodes);
	free(class->indexes[i]);
	class->indexes[i] = NULL;
}

void overlap_del(struct kept *kept)
{
	struct overlap_class *class = kept->overlap.class;
	struct overlap_node *nodes = kept->overlap.nodes;

	for (unsigned i = 0; i < INDEXES; i++) {
		struct overlap_index *index = class->indexes[i];

		if (index && index->next == &kept->overlap.in_class) {
			index->next = index->next->next;
			n_unfinished -= is_finished(class, index);
		}
		if (index && nodes && nodes[i].serial == index->serial)
			hmap_del(&index->nodes, &nodes[i].node);
	}
	cds_list_del(&kept->overlap.in_class);
	free(nodes);
	if (--class->n)
		return;
	for (unsigned i = 0; i < INDEXES; i++)
		drop_index(class, i);
	hmap_del(&classes, &class->node);
	free(class);
}

/* In place of the one that has not been asked for longest. */
static void index_new(struct overlap_class *class, const struct bits *bits)
{
	static uint32_t serial;
	struct overlap_index *index = XNEW(struct overlap_index);
	unsigned i = 0;

	for (unsigned j = 0; j < INDEXES && class->indexes[i]; j++)
		if (!class->indexes[j] || class->indexes[j]->used < class->indexes[i]->used)
			i = j;
	drop_index(class, i);
	class->indexes[i] = index;
	hmap_init(&index->nodes);
	hmap_reserve(&index->nodes, class->n);
	index->bits = *bits;
	index->next = class->flows.next;
	index->used = sweeps;
	index->serial = ++serial;
	n_unfinished++;
}

/* The index of these bits; or NULL: it has just been begun. Who asks again has it finished. */
static struct overlap_index *get_index(struct overlap_class *class, const struct bits *bits)
{
	for (unsigned i = 0; i < INDEXES; i++) {
		struct overlap_index *index = class->indexes[i];

		if (!index || memcmp(&index->bits, bits, sizeof(*bits)))
			continue;
		go_on(class, i, UINT_MAX);
		index->used = sweeps;
		return index;
	}
	index_new(class, bits);
	return NULL;
}

/* The bits that both look at. Rules know ports by their numbers, flows do not; and flows with another
 * recirculation point are told apart by who is asked. Returns whether there are any. */
static bool
common_bits(const struct overlap_class *class, const struct key_base *mask, struct bits *bits)
{
	struct bits rule;
	uint64_t any = 0;

	memcpy(bits, class->mask, sizeof(*bits));
	memcpy(&rule, mask, sizeof(rule));
	bits->words[0] = 0;
	for (unsigned i = 1; i < WORDS; i++)
		any |= bits->words[i] &= rule.words[i];
	return any;
}

/* A look at all flows, as they stand in memory. */
struct search {
	const uint64_t *key;
	const struct key_base *mask; /* of the flow before */
	struct overlap_class *class; /* of that mask, if flows of it are sought */
	void (*visit)(struct kept *kept, void *context);
	void *context;
};

static bool look_at(const struct flow *flow, void *search_)
{
	struct search *search = search_;
	const struct key_base *key, *mask;
	uint64_t differ = 0;

	flow_peek(flow, &key, &mask);
	if (mask != search->mask) {
		search->mask = mask;
		search->class = find_class(mask);
		if (search->class && !search->class->sought)
			search->class = NULL;
	}
	if (!search->class)
		return true;
	for (unsigned i = 0; i < WORDS; i++)
		differ |= (((const uint64_t *)key)[i] ^ search->key[i]) &
			search->class->bits.words[i];
	if (!differ)
		search->visit(flow_owner(flow), search->context);
	return true;
}

void overlap_visit(
	const struct key_base *key,
	const struct key_base *mask,
	void (*visit)(struct kept *kept, void *context),
	void *context
)
{
	struct search search = {.key = (const uint64_t *)key, .visit = visit, .context = context};
	struct overlap_class *class;
	struct kept *kept;
	bool seeks = false;
	struct bits bits;

	HMAP_FOREACH(class, node, &classes) {
		class->sought = false;
		if (class->n < FEW_FLOWS || !common_bits(class, mask, &bits)) {
			cds_list_for_each_entry(kept, &class->flows, overlap.in_class)
				visit(kept, context);
			continue;
		}
		struct overlap_index *index = get_index(class, &bits);
		struct overlap_node *found;

		if (!index) {
			class->sought = seeks = true;
			class->bits = bits;
			continue;
		}
		HMAP_FOREACH_WITH_HASH(found, node, hash_bits(key, &bits), &index->nodes)
			visit(found->kept, context);
	}
	if (seeks)
		flow_foreach(look_at, &search);
}

bool overlap_prepare(unsigned n)
{
	struct overlap_class *class;

	if (!n_unfinished)
		return false;
	HMAP_FOREACH(class, node, &classes)
		for (unsigned i = 0; i < INDEXES && n; i++)
			if (class->indexes[i])
				n = go_on(class, i, n);
	return n_unfinished;
}

void overlap_sweep(void)
{
	struct overlap_class *class;

	sweeps++;
	HMAP_FOREACH(class, node, &classes)
		for (unsigned i = 0; i < INDEXES; i++)
			if (class->indexes[i] && sweeps - class->indexes[i]->used > IDLE_SWEEPS)
				drop_index(class, i);
}
