/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the server's files share.  */

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>
#include <urcu/list.h>
#include <uv.h>

#include "lib/hmap.h"
#include "lib/jsonrpc/jsonrpc.h"
#include "lib/ovsdb/server/db_server.h"
#include "lib/ovsdb/server/session_lock.h"
#include "lib/ovsdb/value/uuid.h"
#include "lib/strbuf.h"

struct db_error;
struct db_monitors;

/* A database that is offered. */
struct served {
	struct cds_list_head node;
	struct db_server *server;
	struct db *db;
	struct db_monitors *monitors;
};

struct db_server {
	uv_loop_t *loop;
	struct uuid id;
	struct cds_list_head dbs;
	struct db *server_db; /* _Server */
	struct cds_list_head sessions;
	size_t n_sessions;
	struct cds_list_head remotes;
	struct session_locks locks;
	struct cds_list_head pending; /* transactions that wait, oldest first */
	size_t pending_size; /* bytes of their texts */
	uv_timer_t *timer; /* when to look at them again */
	uv_timer_t *trim_timer; /* when to give memory back */
	struct tls *tls;
	struct strbuf text; /* of a message being written; kept for its memory */
	const char *commands[4]; /* management commands that sessions may run */
	unsigned n_commands;
};

struct session {
	struct cds_list_head node;
	struct db_server *server;
	struct jsonrpc *conn;
	struct hmap monitors; /* struct session_monitor by id */
	size_t n_pending;
	size_t n_locks;
	struct cds_list_head calls; /* of commands, not yet answered */
	size_t n_calls;
};

/* Main thread. */

struct served *server_find_db(const struct db_server *server, const char *name);

/* session.c */
extern const struct jsonrpc_handler session_handler;
struct session *session_new(struct db_server *server, struct jsonrpc *conn);
/* Answers with an error object. */
void session_refuse(struct session *session, const json_t *id, const struct db_error *err);
/* The database named by the first parameter; NULL after refusing. */
struct served *session_find_db(struct session *session, const json_t *params, const json_t *id);

typedef void session_method_fn(struct session *session, const json_t *params, const json_t *id);

/* session_monitor.c */
session_method_fn session_monitor;
session_method_fn session_monitor_cond;
session_method_fn session_monitor_cond_since;
session_method_fn session_monitor_cond_change;
session_method_fn session_monitor_cancel;
void session_monitors_fini(struct session *session);

/* session_transact.c */
session_method_fn session_transact;
session_method_fn session_cancel;
void session_transactions_fini(struct session *session);
/* Soon gives back to the system what large transactions needed while they ran. */
void server_trim_soon(struct db_server *server);
/* Looks at waiting transactions soon: a database has changed. */
void server_wake(struct db_server *server);

/* session_command.c */
/* False: there is no such command, or it is not for sessions. */
bool session_run_command(
	struct session *session, const char *name, const json_t *params, const json_t *id
);
void session_commands_fini(struct session *session);

/* server_db.c: the database about databases. */
struct db *server_db_new(void);
void server_db_add(struct db *server_db, const struct db *db);
