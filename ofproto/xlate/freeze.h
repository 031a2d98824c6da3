/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Freezing: a translation stops in the middle, and goes on when the packet comes round again.
 *
 * Some actions make of a packet what its key does not tell: behind a popped label stand headers that
 * were never parsed. When the pipeline wants to look at them it freezes: what is left to do is kept
 * under a number, a point, and the program sends the packet to that point (datapath/ops/recirc.h).
 * When it comes from there its headers have been parsed anew, and the translation thaws.
 *
 * freeze_begin() stops everything in the bridge as if it had exited. On its way out each caller adds
 * what it had still to do, innermost first; where a packet's way ends (of the bridge, a clone, a
 * bucket) freeze_seal() makes the point. States that are equal share one.  */

#include <stdbool.h>
#include <stdint.h>

struct action;
struct subfield;
struct xlate;
struct xlate_step;

/* Any thread that holds an epoch. */

/* The next thing to do must wait for another pass. */
void freeze_begin(struct xlate *x);
/* The same; when the packet comes again 'larger', one bit, says whether it has more than 'size'
 * bytes. */
void freeze_begin_by_size(struct xlate *x, uint32_t size, const struct subfield *larger);
/* To be done then: a lookup in the table, as part of what the present rule does … */
void freeze_add_lookup(struct xlate *x, uint8_t table, uint32_t in_port);
/* … or actions of the present rule, each added after freeze_add_step(). */
void freeze_add_step(struct xlate *x);
void freeze_add_action(struct xlate *x, const struct action *action);
/* The packet as it is now goes round and then out of the bridge's port; here all goes on. False: it
 * has gone round too often. */
bool freeze_output(struct xlate *x, uint32_t port);
/* What is left again when a translation that goes on freezes. */
void freeze_add_rest(struct xlate *x, const struct xlate_step *steps, unsigned n);
/* If the translation froze: the packet as it is now goes to the point. What of the action set is
 * left goes with it. */
void freeze_seal(struct xlate *x);
/* The packet comes from a point: does what was left. False if nobody knows the point. */
bool freeze_thaw(struct xlate *x, uint32_t point);

/* Main thread, before the keeper runs. */

void freeze_start(void);

/* The keeper. */

/* Forgets points that no program has led to for a while. */
void freeze_sweep(void);
