/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Managers: the remotes of the database that the database itself names, in the table Manager, and
 * the keys and certificates of the table SSL.  */

struct db;
struct db_server;
struct uv_loop_s;

/* Main thread. */

/* Opens the remotes, follows the tables from now on, and keeps the status columns true. */
void managers_start(struct db *db, struct db_server *server, struct uv_loop_s *loop);
void managers_stop(void);
