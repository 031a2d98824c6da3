/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "lib/hash.h"
#include "lib/ovsdb/db.h"
#include "lib/ovsdb/monitor/db_monitor.h"
#include "lib/ovsdb/server/server_priv.h"
#include "lib/ovsdb/value/db_error.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

enum {
	/* A client needs a handful; more is a fault that must not cost everybody else. */
	MAX_MONITORS = 1000
};

struct session_monitor {
	struct hmap_node node;
	struct session *session;
	struct db_monitor *monitor;
	char *id; /* JSON text */
};

static char *id_text(const json_t *id)
{
	return json_dumps(id, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
}

static struct session_monitor *find_monitor(const struct session *session, const json_t *id)
{
	struct session_monitor *monitor, *found = NULL;
	char *text = id_text(id);

	HMAP_FOREACH_WITH_HASH(monitor, node, hash_string(text, 0), &session->monitors)
		if (!strcmp(monitor->id, text))
			found = monitor;
	free(text);
	return found;
}

static void add_txn_id(const struct uuid *txn_id, struct strbuf *out)
{
	char text[UUID_TEXT_LENGTH + 1];

	uuid_format(txn_id, text);
	strbuf_addf(out, "\"%s\"", text);
}

static void notify(void *context, const struct uuid *txn_id, const char *updates, size_t length)
{
	static const char *const methods[] = {
		[DB_MONITOR_UPDATE] = "update",
		[DB_MONITOR_UPDATE2] = "update2",
		[DB_MONITOR_UPDATE3] = "update3",
	};
	struct session_monitor *monitor = context;
	enum db_monitor_version version = db_monitor_get_version(monitor->monitor);
	struct strbuf *text = &monitor->session->server->text;

	strbuf_clear(text);
	strbuf_addf(text, "{\"id\":null,\"method\":\"%s\",\"params\":[", methods[version]);
	strbuf_add(text, monitor->id);
	strbuf_add_char(text, ',');
	if (version == DB_MONITOR_UPDATE3) {
		add_txn_id(txn_id, text);
		strbuf_add_char(text, ',');
	}
	strbuf_add_n(text, updates, length);
	strbuf_add_n(text, "]}", 2);
	jsonrpc_send_text(monitor->session->conn, text->text, text->length);
}

/* Begins an answer whose result is printed rather than built. */
static struct strbuf *answer_begin(struct session *session, const json_t *id)
{
	struct strbuf *text = &session->server->text;
	char *dump = id_text(id);

	strbuf_clear(text);
	strbuf_add(text, "{\"id\":");
	strbuf_add(text, dump);
	strbuf_add(text, ",\"error\":null,\"result\":");
	free(dump);
	return text;
}

static void answer_end(struct session *session)
{
	struct strbuf *text = &session->server->text;

	strbuf_add_char(text, '}');
	jsonrpc_send_text(session->conn, text->text, text->length);
}

static struct session_monitor *add_monitor(
	struct session *session,
	const json_t *params,
	const json_t *id,
	enum db_monitor_version version
)
{
	struct served *served = session_find_db(session, params, id);
	const json_t *monitor_id = json_array_get(params, 1);
	struct session_monitor *monitor;
	struct db_error err;

	if (!served)
		return NULL;
	db_error_init(&err);
	if (!monitor_id)
		db_error_set(&err, db_syntax_error, "monitor needs a database, an id and requests");
	else if (find_monitor(session, monitor_id))
		db_error_set(&err, "duplicate monitor ID", "this session has such a monitor");
	else if (hmap_count(&session->monitors) >= MAX_MONITORS)
		db_error_set(
			&err, "resources exhausted", "a session may have %d monitors", MAX_MONITORS
		);
	if (err.kind) {
		session_refuse(session, id, &err);
		return NULL;
	}
	monitor = XNEW(struct session_monitor);
	monitor->session = session;
	monitor->monitor = db_monitor_new(
		served->monitors, version, json_array_get(params, 2), notify, monitor, &err
	);
	if (!monitor->monitor) {
		free(monitor);
		session_refuse(session, id, &err);
		return NULL;
	}
	monitor->id = id_text(monitor_id);
	hmap_add(&session->monitors, &monitor->node, hash_string(monitor->id, 0));
	return monitor;
}

static void monitor_free(struct session_monitor *monitor)
{
	db_monitor_free(monitor->monitor);
	free(monitor->id);
	free(monitor);
}

static void
start(struct session *session,
      const json_t *params,
      const json_t *id,
      enum db_monitor_version version)
{
	struct session_monitor *monitor = add_monitor(session, params, id, version);

	if (!monitor)
		return;
	db_monitor_print_initial(monitor->monitor, answer_begin(session, id));
	answer_end(session);
}

void session_monitor(struct session *session, const json_t *params, const json_t *id)
{
	start(session, params, id, DB_MONITOR_UPDATE);
}

void session_monitor_cond(struct session *session, const json_t *params, const json_t *id)
{
	start(session, params, id, DB_MONITOR_UPDATE2);
}

void session_monitor_cond_since(struct session *session, const json_t *params, const json_t *id)
{
	struct session_monitor *monitor = add_monitor(session, params, id, DB_MONITOR_UPDATE3);
	const char *last = json_string_value(json_array_get(params, 3));
	struct strbuf updates = STRBUF_INIT, *text;
	struct uuid since;
	bool found;

	if (!monitor)
		return;
	found = last && uuid_parse(last, &since) &&
		db_monitor_print_since(monitor->monitor, &since, &updates);
	if (!found)
		db_monitor_print_initial(monitor->monitor, &updates);
	text = answer_begin(session, id);
	strbuf_add(text, found ? "[true," : "[false,");
	add_txn_id(db_last_txn(db_monitor_db(monitor->monitor)), text);
	strbuf_add_char(text, ',');
	strbuf_add_n(text, updates.text, updates.length);
	strbuf_add_char(text, ']');
	answer_end(session);
	strbuf_fini(&updates);
}

static struct session_monitor *
require_monitor(struct session *session, const json_t *params, const json_t *id)
{
	const json_t *monitor_id = json_array_get(params, 0);
	struct session_monitor *monitor = monitor_id ? find_monitor(session, monitor_id) : NULL;
	struct db_error err;

	if (monitor)
		return monitor;
	db_error_set(&err, "unknown monitor", "this session has no such monitor");
	session_refuse(session, id, &err);
	return NULL;
}

void session_monitor_cond_change(struct session *session, const json_t *params, const json_t *id)
{
	struct session_monitor *monitor = require_monitor(session, params, id);
	const json_t *new_id = json_array_get(params, 1);
	struct strbuf updates = STRBUF_INIT;
	struct session_monitor *other;
	struct db_error err;

	if (!monitor)
		return;
	other = new_id ? find_monitor(session, new_id) : NULL;
	if (!new_id || (other && other != monitor)) {
		db_error_set(&err, "duplicate monitor ID", "the new id is missing or taken");
		session_refuse(session, id, &err);
		return;
	}
	if (db_monitor_change(monitor->monitor, json_array_get(params, 2), &updates, &err)) {
		strbuf_fini(&updates);
		session_refuse(session, id, &err);
		return;
	}
	hmap_del(&session->monitors, &monitor->node);
	free(monitor->id);
	monitor->id = id_text(new_id);
	hmap_add(&session->monitors, &monitor->node, hash_string(monitor->id, 0));
	if (updates.length)
		notify(monitor,
		       db_last_txn(db_monitor_db(monitor->monitor)),
		       updates.text,
		       updates.length);
	strbuf_fini(&updates);
	jsonrpc_reply(session->conn, id, json_object());
}

void session_monitor_cancel(struct session *session, const json_t *params, const json_t *id)
{
	struct session_monitor *monitor = require_monitor(session, params, id);

	if (!monitor)
		return;
	hmap_del(&session->monitors, &monitor->node);
	monitor_free(monitor);
	jsonrpc_reply(session->conn, id, json_object());
}

void session_monitors_fini(struct session *session)
{
	struct session_monitor *monitor;

	HMAP_FOREACH_SAFE(monitor, node, &session->monitors)
		monitor_free(monitor);
	hmap_fini(&session->monitors);
}
