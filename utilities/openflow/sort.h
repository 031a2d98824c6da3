/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Flows in the order that --sort and --rsort ask for.  */

struct errbuf;
struct of_flow_stats;
struct sorter;

/* By options.sort; refuses fields that do not exist. */
int sort_new(struct sorter **sorter, struct errbuf *err);
void sort_add(struct sorter *sorter, const struct of_flow_stats *flow, const char *text);
/* Prints and frees. */
void sort_print(struct sorter *sorter);
