/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Batches: changes to the rules of a bridge that appear together, or not at all.
 *
 * What is added or ended in a batch is there for those who change rules, but no translator sees it
 * before the last end moves the version on. Until then all of it can be undone.  */

#include <stdbool.h>

struct bridge;
struct rule;
struct rule_actions;

/* Main thread. */

/* Batches nest; only the outermost end makes the changes so. One bridge at a time. */
void rules_batch_begin(struct bridge *bridge);
void rules_batch_end(void);
/* Instead of the outermost end. */
void rules_batch_undo(void);
/* Whether a batch is open around the one that the caller has begun. */
bool rules_batch_is_nested(void);

/* Rules have these actions from now on (1) or no more (-1): for those who count them. A batch sees to
 * that itself. */
void rules_batch_count(struct bridge *bridge, const struct rule_actions *actions, int difference);
/* The rule was added to the tables; 'replaces': instead of another. */
void rules_batch_add(struct rule *rule, bool replaces);
/* It was changed where it is, for those who want to hear of it. */
void rules_batch_change(struct rule *rule);
/* Ends the rule, if that has not happened, and lets go of it when the batch has ended. 'why' is an
 * enum rule_end. */
void rules_batch_del(struct rule *rule, unsigned why);
