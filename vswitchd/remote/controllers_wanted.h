/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The rows of Controller: what they ask for, and what is written back to them.  */

#include <stdbool.h>

struct bridge_config;
struct db;
struct db_row;

/* Main thread. */

/* Fills in the controllers of the bridge, to be freed, and how to speak to them; strings are the
 * rows'. */
void controllers_wanted_read(const struct db_row *bridge_row, struct bridge_config *config);
/* How the connections are doing; 'all': also what changes by itself all the time. */
void controllers_wanted_write(struct db *db, bool all);
