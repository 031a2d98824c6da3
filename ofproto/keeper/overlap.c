/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/keeper/overlap.h"

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
	unsigned used; /* the sweep in which it was asked last */
};

struct overlap_node {
	struct hmap_node node;
	struct kept *kept;
};

/* The flows of one mask. */
struct overlap_class {
	struct hmap_node node; /* by the mask's address, which they share */
	const struct key_base *mask;
	struct cds_list_head flows;
	unsigned n;
	struct overlap_index *indexes[INDEXES];
};

static struct hmap classes;
static unsigned sweeps;

void overlap_init(void)
{
	hmap_init(&classes);
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

static struct overlap_class *get_class(const struct key_base *mask)
{
	uint32_t hash = hash_u64((uintptr_t)mask, 0);
	struct overlap_class *class;

	HMAP_FOREACH_WITH_HASH(class, node, hash, &classes)
		if (class->mask == mask)
			return class;
	class = XNEW(struct overlap_class);
	class->mask = mask;
	CDS_INIT_LIST_HEAD(&class->flows);
	hmap_add(&classes, &class->node, hash);
	return class;
}

static void index_flow(struct overlap_class *class, unsigned i, struct kept *kept)
{
	struct overlap_index *index = class->indexes[i];
	const struct key_base *key, *mask;

	if (!kept->overlap.nodes)
		kept->overlap.nodes = XNEW_N(struct overlap_node, INDEXES);
	flow_peek(kept->flow, &key, &mask);
	kept->overlap.nodes[i].kept = kept;
	hmap_add(&index->nodes, &kept->overlap.nodes[i].node, hash_bits(key, &index->bits));
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
		if (class->indexes[i])
			index_flow(class, i, kept);
}

static void drop_index(struct overlap_class *class, unsigned i)
{
	if (!class->indexes[i])
		return;
	hmap_fini(&class->indexes[i]->nodes);
	free(class->indexes[i]);
	class->indexes[i] = NULL;
}

void overlap_del(struct kept *kept)
{
	struct overlap_class *class = kept->overlap.class;

	cds_list_del(&kept->overlap.in_class);
	for (unsigned i = 0; i < INDEXES; i++)
		if (class->indexes[i])
			hmap_del(&class->indexes[i]->nodes, &kept->overlap.nodes[i].node);
	free(kept->overlap.nodes);
	if (--class->n)
		return;
	for (unsigned i = 0; i < INDEXES; i++)
		drop_index(class, i);
	hmap_del(&classes, &class->node);
	free(class);
}

/* In place of the one that has not been asked for longest. */
static struct overlap_index *index_new(struct overlap_class *class, const struct bits *bits)
{
	struct kept *kept;
	unsigned i = 0;

	for (unsigned j = 0; j < INDEXES && class->indexes[i]; j++)
		if (!class->indexes[j] || class->indexes[j]->used < class->indexes[i]->used)
			i = j;
	drop_index(class, i);
	class->indexes[i] = XNEW(struct overlap_index);
	hmap_init(&class->indexes[i]->nodes);
	class->indexes[i]->bits = *bits;
	cds_list_for_each_entry(kept, &class->flows, overlap.in_class)
		index_flow(class, i, kept);
	return class->indexes[i];
}

static struct overlap_index *get_index(struct overlap_class *class, const struct bits *bits)
{
	struct overlap_index *index = NULL;

	for (unsigned i = 0; i < INDEXES && !index; i++)
		if (class->indexes[i] && !memcmp(&class->indexes[i]->bits, bits, sizeof(*bits)))
			index = class->indexes[i];
	if (!index)
		index = index_new(class, bits);
	index->used = sweeps;
	return index;
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

void overlap_visit(
	const struct key_base *key,
	const struct key_base *mask,
	void (*visit)(struct kept *kept, void *context),
	void *context
)
{
	struct overlap_class *class;
	struct kept *kept;
	struct bits bits;

	HMAP_FOREACH(class, node, &classes) {
		if (class->n < FEW_FLOWS || !common_bits(class, mask, &bits)) {
			cds_list_for_each_entry(kept, &class->flows, overlap.in_class)
				visit(kept, context);
			continue;
		}
		struct overlap_index *index = get_index(class, &bits);
		struct overlap_node *found;

		HMAP_FOREACH_WITH_HASH(found, node, hash_bits(key, &bits), &index->nodes)
			visit(found->kept, context);
	}
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
