/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Overlaps: which of very many flows see packets that a new rule may match.
 *
 * Flows of one mask stand together. For the bits that they and a rule both look at they are found by
 * a hash of these bits. When the first such rule comes all flows are looked at in the order in which
 * they stand in memory, which is sooner done, and the hash is made behind that, step by step; it is
 * kept up to date while more rules come, and dropped when none has come for a while. Only the keeper
 * uses it.  */

#include <stdbool.h>

#include <urcu/list.h>

struct key_base;
struct kept;
struct overlap_class;
struct overlap_node;

/* What a flow keeps for it. */
struct overlap {
	struct overlap_class *class;
	struct cds_list_head in_class;
	struct overlap_node *nodes; /* one for each index there may be, or NULL */
};

void overlap_init(void);
void overlap_fini(void);
void overlap_add(struct kept *kept);
void overlap_del(struct kept *kept);
/* Calls 'visit' for all flows that agree with the rule in the bits of the base block that both look
 * at, the port aside; and perhaps for others. It must not add or delete flows. */
void overlap_visit(
	const struct key_base *key,
	const struct key_base *mask,
	void (*visit)(struct kept *kept, void *context),
	void *context
);
/* Goes on making what is to find flows, with so many of them. Returns whether there is more to do. */
bool overlap_prepare(unsigned n);
/* Twice a second: drops what is not asked for any more. */
void overlap_sweep(void);
