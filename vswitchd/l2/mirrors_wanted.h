/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The rows of Mirror that a bridge names.  */

struct db_row;
struct l2_config;
struct strbuf;

/* Main thread. */

/* Adds those that can work to 'config'; sentences about what is wrong with any go to 'out', which may
 * be NULL. */
void mirrors_wanted_read(const struct db_row *bridge, struct l2_config *config, struct strbuf *out);
void mirrors_wanted_release(struct l2_config *config);
