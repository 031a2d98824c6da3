/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The index: which flows depend on what.
 *
 * Flows that depend on the same things share one set; each thing knows the sets it is in. So a
 * change finds its flows without looking at any other. Only the keeper uses it.
 *
 * What a flow depends on stands in two sets: one of what was asked until the translation came to where
 * the destination is, one of that and all behind it. Many senders to many receivers are as many flows as
 * pairs, but only so many sets as senders and receivers; and when a receiver moves, its flows go from one
 * set to another without anything else being filed anew.  */

#include <stdbool.h>
#include <stdint.h>

#include <urcu/list.h>

#include "lib/hmap.h"
#include "ofproto/keeper/overlap.h"
#include "ofproto/xlate/dep.h"

struct flow;
struct rule;

/* Something flows depend on. */
struct index_dep {
	struct hmap_node node;
	struct dep dep;
	bool gone; /* a rule that is no more: its address must not be used */
	unsigned narrow_since; /* a table: flows of before may be narrower than they need be */
	struct cds_list_head links;
};

struct index_link {
	struct cds_list_head in_dep;
	struct index_dep *dep;
	struct index_set *set;
};

/* A flow in a set. Where a change has only to give it another program, nothing else of it is looked at. */
struct index_flow {
	struct kept *kept;
	struct flow *flow;
	/* Those of a set with the same number differ in the source alone, and came alike (see below); 0: not
	 * known. */
	uint64_t like;
};

enum index_part {
	INDEX_BEFORE, /* it asked where the destination is */
	INDEX_FROM, /* there on; without such a question it has no set */
	INDEX_PARTS,
};

struct index_set {
	struct hmap_node node;
	struct index_flow *flows; /* an array, so that those to come can be fetched early */
	struct index_flow one; /* the array of a small set */
	unsigned n_flows, size;
	uint16_t part;
	unsigned n, room; /* links that are used, and that there are */
	uint64_t kind; /* those of one kind are alike, sources aside; others may be */
	struct index_link links[];
};

/* Where a flow stands. */
struct index_place {
	struct index_set *set;
	unsigned at;
};

/* A flow as the keeper remembers it: the owner of a struct flow. */
struct kept {
	/* What changes need, together. */
	struct flow *flow;
	struct index_place places[INDEX_PARTS];
	struct cds_list_head in_redo; /* while stale */
	uint16_t port;
	bool stale;
	bool only_moved; /* while stale: because its destination is elsewhere, and for nothing else */
	uint8_t narrow_rounds; /* it may be wider; it becomes so after so many rounds more */
	unsigned narrow_until; /* index_narrow() when it was last made as wide as it may be */
	struct cds_list_head in_all;
	struct cds_list_head in_port; /* oldest first (shares.h) */
	struct overlap overlap;
	int64_t used_ms; /* when it was made, or last used as far as is known */
	uint64_t packets, bytes; /* credited so far */
};

void index_init(void);
void index_fini(void);

/* Files the flow under these dependencies (unsorted, may repeat); takes it out of its old set. */
void index_put(struct kept *kept, const struct dep *list, unsigned n);
/* Files it as 'model' is, from the question for the destination on, which must be the same; before that
 * both must be alike, but for the source; and what the flow depended on from there on must not wait for
 * its counts. Returns whether that is so; if not, nothing is done. */
bool index_put_like(struct kept *kept, const struct kept *model);
/* Whether both were filed alike until the question for the destination, sources aside. */
bool index_came_alike(const struct kept *a, const struct kept *b);
/* Whether moreover they differ in the source alone. Both are of one set, which remembers it. */
bool index_liken(struct index_flow *flow, struct index_flow *other);
static inline bool index_is_like(struct index_flow *flow, struct index_flow *other)
{
	return (flow->like && flow->like == other->like) || index_liken(flow, other);
}
/* Files all flows of the set, whose destination has moved, under what stands in the list from the question
 * for that on; they must not get counts there. It is the list of one of them, 'kept', for which the rest
 * must be as it was. Returns whether that is so, and the set can be had; if not, nothing is done. */
bool index_turn(struct index_set *set, const struct kept *kept, const struct dep *list, unsigned n);
void index_take(struct kept *kept);
/* The flow is going to be filed anew: soon, or next. */
void index_prefetch(const struct kept *kept);
void index_prefetch_more(const struct kept *kept);
/* What it depends on: so many things, and each of them. */
unsigned index_n_deps(const struct kept *kept);
const struct index_dep *index_dep_at(const struct kept *kept, unsigned i);
/* The same, one after the other; 'break' does not end it. */
#define INDEX_FOREACH(var, kept)                                                                   \
	for (const struct index_place *var##_place = (kept)->places;                               \
	     var##_place < (kept)->places + INDEX_PARTS;                                           \
	     var##_place++)                                                                        \
		for (unsigned var##_i = 0; var##_place->set && var##_i < var##_place->set->n &&    \
		     ((var) = var##_place->set->links[var##_i].dep, 1);                            \
		     var##_i++)

/* Whether it is filed under just these. */
bool index_has(const struct kept *kept, const struct dep *list, unsigned n);
/* Whether those are the same that get the flow's counts. If not sure it says no. */
bool index_counts_alike(const struct kept *kept, const struct dep *list, unsigned n);

/* Calls 'visit' for each flow that depends on 'dep'; of a table, however it was looked up. */
typedef void index_visit_fn(struct kept *kept, const struct dep *dep, void *context);
void index_visit(const struct dep *dep, index_visit_fn *visit, void *context);
/* Calls 'visit' for each set of flows that depend on 'dep', which is not a rule or a table. It may change
 * what else is in the set. */
typedef void index_visit_set_fn(struct index_set *set, const struct dep *dep, void *context);
void index_visit_sets(const struct dep *dep, index_visit_set_fn *visit, void *context);
/* Fetches the flows of the set that come after number 'i'. */
void index_look_ahead(const struct index_set *set, unsigned i);
/* The same for those ways to look up a table in which it saw other fields than the packet's own. */
void index_visit_rewritten(const struct dep *dep, index_visit_fn *visit, void *context);
/* The same for all ways in which flows depend on the rule, which is no more: flows are not credited to
 * it from then on. */
void index_end_rule(const struct rule *rule, index_visit_fn *visit, void *context);
/* What it names is no more, and must not be used from now on. */
void index_forget(const struct dep *dep);
/* Masks have gone from a table: flows that were looked up in it may be wider now. */
void index_note_narrow(const struct dep *dep);
/* How often this has happened. */
unsigned index_narrow(void);
/* Whether it concerns the flow, if 'since' was index_narrow() then. */
bool index_is_narrow(const struct kept *kept, unsigned since);
unsigned index_sets(void);
