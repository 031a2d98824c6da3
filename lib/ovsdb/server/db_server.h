/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The OVSDB server: databases offered over JSON-RPC remotes (RFC 7047 §4 and the extensions of
 * ovsdb-server(7)), with its own _Server database.  */

#include <stdbool.h>
#include <stddef.h>

struct db;
struct db_server;
struct errbuf;
struct remote;
struct remote_config;
struct tls;
struct uv_loop_s;

/* Main thread. */

struct db_server *db_server_new(struct uv_loop_s *loop);
/* Closes the remotes and sessions; the databases stay their owner's. */
void db_server_free(struct db_server *server);

/* Offers 'db', which must outlive the server. */
void db_server_add_db(struct db_server *server, struct db *db);

/* Sessions may run this management command (lib/command.h), 'name' being borrowed: a method of that
 * name, whose parameters are the arguments. */
void db_server_allow_command(struct db_server *server, const char *name);

/* For remotes added from now on; borrowed. */
void db_server_set_tls(struct db_server *server, struct tls *tls);

/* How remotes that others open (a set of them, see lib/jsonrpc/remotes.h) serve this server's
 * databases. They must be closed before the server is freed. */
void db_server_get_remote_config(struct db_server *server, struct remote_config *config);
/* Listens on or connects to 'name' ("punix:…", "ptcp:…", "ssl:…", …). Adding a remote that is
 * there returns it. */
struct remote *db_server_add_remote(struct db_server *server, const char *name, struct errbuf *err);
size_t db_server_n_sessions(const struct db_server *server);
