/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Help for people who type: the list of verbs, and what the next word may be.  */

#include <jansson.h>

struct call;
struct db;

/* Main thread. */

/* What "vsctl --help" prints, as an answer of vsctl: about these verbs, or else about all. */
json_t *help_answer(const struct call *calls, int n_calls);
/* The candidates for the last word, an array of strings. */
json_t *help_complete(struct db *db, const char *const *words, int n_words);
