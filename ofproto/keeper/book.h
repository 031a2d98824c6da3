/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The book: the flows the keeper has made; making, marking, redoing, ageing and checking
 * them. Only the keeper's thread, or the main thread while that one waits (keeper.c).  */

#include <stdbool.h>
#include <stdint.h>

#include "ofproto/keeper/index.h"
#include "ofproto/keeper/keeper.h"

struct change;
struct flow_first;
struct flow_life;
struct key;
struct miss;
struct program;
struct xlate;

/* Takes and changes what it needs to know. */
struct book {
	struct keeper_config config;
	struct keeper_stats stats;
};

void book_init(struct book *book);
/* Deletes all flows. */
void book_purge(void);
void book_fini(void);

/* What the flow that is there for 'key' does, or NULL; one that is marked is translated again for that,
 * by means of 'x'. A new reference; which flow it is goes to 'life', unless that is NULL. */
struct program *book_find(struct xlate *x, const struct key *key, struct flow_life *life);
/* The same for a packet that was looked for before. */
struct program *book_find_again(struct xlate *x, const struct key *key, struct flow_life *life);
/* A packet was translated for book_make(). */
void book_translated(void);
/* Makes a flow of what was translated for 'key'. Returns a reference to the program, or NULL if there is none.
 * The flow counts the packet 'first', if that is not NULL; which flow it is goes to 'life', unless that is NULL. */
struct program *book_make(
	const struct xlate *x,
	const struct key *key,
	const struct flow_first *first,
	struct flow_life *life
);
/* Lets go of the flows that watches forbid. */
void book_drop_forbidden(void);
/* How many changes have been marked. */
uint64_t book_changes(void);
/* Marks what the change affects; it misses from now on. Where many flows go to an address that has moved,
 * one of them is translated by means of 'x', and those like it are done with. */
void book_mark(struct xlate *x, const struct change *change);
/* Whether marked flows wait to be translated again. Any thread; it may be out of date. */
bool book_has_marked(void);
/* Translates up to 'max' marked flows again. Returns how many are left. */
unsigned book_redo(struct xlate *x, unsigned max);
/* Goes on with the periodic round over all flows: credits counts, deletes what is idle, makes flows
 * wider that need not be so narrow any more. Returns whether the round has more to do. */
bool book_sweep(struct xlate *x, unsigned max);
/* Calls 'visit' for each flow, with no dependency. */
void book_foreach(index_visit_fn *visit, void *context);
/* Translates every flow again and reports differences: an array of objects. New reference. */
json_t *book_check(struct xlate *x);
