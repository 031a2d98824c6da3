/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The daemon's own database: Open_vSwitch, in one file.  */

#include <stdbool.h>

struct db;
struct errbuf;
struct uv_loop_s;

/* Main thread. */

/* Opens 'path', which is created (with its directory) when missing, and sees to it that the one row
 * of Open_vSwitch is there. */
struct db *database_open(const char *path, struct uv_loop_s *loop, struct errbuf *err);
void database_close(struct db *db);
/* The value of a key of Open_vSwitch.other_config, or NULL. */
const char *database_other_config(struct db *db, const char *key);
/* Whether such a key says true. */
bool database_is_set(struct db *db, const char *key);
