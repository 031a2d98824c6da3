/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A database in memory on which tests run commands of vsctl, and a stand-in for the switch.  */

#include <stdbool.h>

#include "lib/ovsdb/db.h"

struct outcome {
	char out[131072];
	char err[4096];
	int exit;
	bool waits; /* no answer yet: switch_turn() may bring it */
};

/* For cmocka: an empty database with the daemon's schema. */
int switch_setup(void **state);
int switch_teardown(void **state);

/* Runs one invocation; words are separated by blanks, or by '\t' if there is any. */
const struct outcome *switch_run(const char *line);
/* As switch_run() with --no-wait, and fails the test unless it succeeds. Returns its output. */
const char *switch_do(const char *line);
/* As above, but it must fail. Returns the sentence. */
const char *switch_fail(const char *line);
/* Lets timers run for a moment; the answer that came meanwhile, or NULL. */
const struct outcome *switch_turn(void);

struct db *switch_db(void);
/* What the daemon does when it has applied a change: ofport for every interface, -1 with an error
 * for those called "bad…", and cur_cfg. */
void switch_apply(void);
