/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Teachers: rules whose actions teach others of a cookie in a table, and want them deleted when the last
 * teacher of these has gone (learn's delete_learned).  */

struct bridge;
struct rule_actions;

/* Main thread. */

/* Counts a rule that has these actions; 'difference' is 1 or -1. Part of an open batch. */
void teachers_count_rule(
	const struct bridge *bridge, const struct rule_actions *actions, int difference
);
/* At the end of a batch: what nobody is there for any more to have taught it ends with it. */
void teachers_reap(struct bridge *bridge);
/* The batch was undone: who has come with it is forgotten. */
void teachers_undo(void);
/* The bridge goes, with all its rules. */
void teachers_forget(const struct bridge *bridge);
