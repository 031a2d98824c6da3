/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Walks: over all rules of some tables, a few at a time, while rules come and go in between.
 *
 * A rule that is there all the while comes once. So does a match whose rule is replaced by another one
 * meanwhile: it is one of the two that comes. What is added during a walk may come or not.  */

#include <stdbool.h>
#include <stdint.h>

struct rule;
struct tables;
struct tables_walk;

/* Main thread. */

struct tables_walk *tables_walk_new(struct tables *tables, uint8_t first, uint8_t last);
/* NULL is fine. */
void tables_walk_free(struct tables_walk *walk);
/* One step, which is about as long as it takes to look at a rule. 'rule' is the next one, or NULL if
 * the step led to none. False: there are no more. */
bool tables_walk_next(struct tables_walk *walk, struct rule **rule);
