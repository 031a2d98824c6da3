/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/ovsdb/db.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/server/server_priv.h"
#include "lib/ovsdb/value/db_error.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

LOG_TOPIC(db_session);

void session_refuse(struct session *session, const json_t *id, const struct db_error *err)
{
	jsonrpc_error(session->conn, id, db_error_json(err));
}

struct served *session_find_db(struct session *session, const json_t *params, const json_t *id)
{
	const char *name = json_string_value(json_array_get(params, 0));
	struct served *served = name ? server_find_db(session->server, name) : NULL;
	struct db_error err;

	if (served)
		return served;
	if (name)
		db_error_set(
			&err, "unknown database", "request specifies unknown database %.60s", name
		);
	else
		db_error_set(
			&err, db_syntax_error, "the first parameter is the name of a database"
		);
	session_refuse(session, id, &err);
	return NULL;
}

static void list_dbs(struct session *session, const json_t *params, const json_t *id)
{
	json_t *names = json_array();
	struct served *served;

	cds_list_for_each_entry(served, &session->server->dbs, node)
		json_array_append_new(names, json_string(db_name(served->db)));
	jsonrpc_reply(session->conn, id, names);
}

static void get_schema(struct session *session, const json_t *params, const json_t *id)
{
	struct served *served = session_find_db(session, params, id);

	if (served)
		jsonrpc_reply(
			session->conn, id, json_incref((json_t *)schema_json(db_schema(served->db)))
		);
}

static void get_server_id(struct session *session, const json_t *params, const json_t *id)
{
	char text[UUID_TEXT_LENGTH + 1];

	uuid_format(&session->server->id, text);
	jsonrpc_reply(session->conn, id, json_string(text));
}

/* Databases come and go only with the server: there is nothing to be aware of. */
static void set_db_change_aware(struct session *session, const json_t *params, const json_t *id)
{
	struct db_error err;

	if (json_is_boolean(json_array_get(params, 0))) {
		jsonrpc_reply(session->conn, id, json_object());
		return;
	}
	db_error_set(&err, db_syntax_error, "set_db_change_aware takes true or false");
	session_refuse(session, id, &err);
}

static void tell_lock(void *session, const char *method, const char *lock)
{
	jsonrpc_notify(((struct session *)session)->conn, method, json_pack("[s]", lock));
}

static const char *lock_name(struct session *session, const json_t *params, const json_t *id)
{
	const char *name = json_string_value(json_array_get(params, 0));
	struct db_error err;

	if (name && schema_is_id(name))
		return name;
	db_error_set(
		&err,
		db_syntax_error,
		"a lock's name consists of letters, digits and underscores and does not begin with "
		"a digit"
	);
	session_refuse(session, id, &err);
	return NULL;
}

/* A session may have so many locks and claims to locks. */
static bool may_lock(struct session *session, const json_t *id)
{
	enum {
		MAX_LOCKS = 1000
	};
	struct db_error err;

	if (session->n_locks < MAX_LOCKS)
		return true;
	db_error_set(&err, "resources exhausted", "a session may have %d locks", MAX_LOCKS);
	session_refuse(session, id, &err);
	return false;
}

static void answer_lock(struct session *session, const json_t *id, bool done, bool owned)
{
	struct db_error err;

	if (done) {
		session->n_locks++;
		jsonrpc_reply(session->conn, id, json_pack("{s:b}", "locked", owned));
		return;
	}
	db_error_set(
		&err, db_syntax_error, "must issue \"unlock\" before new \"lock\" or \"steal\""
	);
	session_refuse(session, id, &err);
}

static void lock(struct session *session, const json_t *params, const json_t *id)
{
	const char *name = lock_name(session, params, id);
	bool owned = false, done;

	if (!name || !may_lock(session, id))
		return;
	done = session_lock_add(&session->server->locks, session, name, &owned);
	answer_lock(session, id, done, owned);
}

static void steal(struct session *session, const json_t *params, const json_t *id)
{
	const char *name = lock_name(session, params, id);

	if (name && may_lock(session, id))
		answer_lock(
			session,
			id,
			session_lock_steal(&session->server->locks, session, name, tell_lock),
			true
		);
}

static void unlock(struct session *session, const json_t *params, const json_t *id)
{
	const char *name = lock_name(session, params, id);
	struct db_error err;

	if (!name)
		return;
	if (session_lock_del(&session->server->locks, session, name, tell_lock)) {
		session->n_locks--;
		jsonrpc_reply(session->conn, id, json_object());
		return;
	}
	db_error_set(&err, db_syntax_error, "\"unlock\" without \"lock\" or \"steal\"");
	session_refuse(session, id, &err);
}

static void echo(struct session *session, const json_t *params, const json_t *id)
{
	jsonrpc_reply(session->conn, id, json_incref((json_t *)params));
}

static const struct {
	const char *name;
	session_method_fn *run;
} methods[] = {
	{"cancel", session_cancel},
	{"echo", echo},
	{"get_schema", get_schema},
	{"get_server_id", get_server_id},
	{"list_dbs", list_dbs},
	{"lock", lock},
	{"monitor", session_monitor},
	{"monitor_cancel", session_monitor_cancel},
	{"monitor_cond", session_monitor_cond},
	{"monitor_cond_change", session_monitor_cond_change},
	{"monitor_cond_since", session_monitor_cond_since},
	{"set_db_change_aware", set_db_change_aware},
	{"steal", steal},
	{"transact", session_transact},
	{"unlock", unlock},
};

static void request(void *owner, const char *method, const json_t *params, const json_t *id)
{
	struct session *session = owner;

	/* "cancel" is the only notification there is; others could not be answered. */
	if (!id && strcmp(method, "cancel") != 0) {
		log_dbg("%s: ignored notification %s", jsonrpc_peer(session->conn), method);
		return;
	}
	for (size_t i = 0; i < ARRAY_LENGTH(methods); i++)
		if (!strcmp(methods[i].name, method)) {
			methods[i].run(session, params, id);
			return;
		}
	if (!session_run_command(session, method, params, id))
		jsonrpc_error(session->conn, id, json_string("unknown method"));
}

static void closed(void *owner, const char *reason)
{
	struct session *session = owner;

	log_dbg("%s: session ends: %s", jsonrpc_peer(session->conn), reason);
	session_commands_fini(session);
	session_transactions_fini(session);
	session_monitors_fini(session);
	session_lock_del_all(&session->server->locks, session, tell_lock);
	cds_list_del(&session->node);
	session->server->n_sessions--;
	free(session);
}

const struct jsonrpc_handler session_handler = {
	.request = request,
	.closed = closed,
};

struct session *session_new(struct db_server *server, struct jsonrpc *conn)
{
	struct session *session = XNEW(struct session);

	session->server = server;
	session->conn = conn;
	hmap_init(&session->monitors);
	CDS_INIT_LIST_HEAD(&session->calls);
	cds_list_add_tail(&session->node, &server->sessions);
	server->n_sessions++;
	return session;
}
