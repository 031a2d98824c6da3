/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/errbuf.h"
#include "lib/ovsdb/db.h"
#include "lib/ovsdb/ops/db_execute.h"
#include "lib/ovsdb/server/server_priv.h"
#include "lib/ovsdb/value/db_error.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

enum {
	/* Transactions of one session that may wait at once, and bytes that all of them may have. */
	MAX_PENDING = 1000,
	MAX_PENDING_SIZE = 64 << 20,
	/* A transaction of so many operations leaves memory behind that is worth returning. */
	TRIM_OPERATIONS = 500
};

/* A transaction that has no answer yet: it waits for a condition or, once it has its results, for
 * the disk. */
struct transaction {
	struct cds_list_head node; /* in the server's pending */
	struct session *session;
	struct db *db;
	json_t *id;
	json_t *operations;
	json_t *results; /* NULL: waits for a condition */
	int64_t start_ms;
	int64_t timeout_ms; /* from the start */
	size_t size; /* bytes of its text, once it waits */
	uint64_t seen; /* commits of the database when it last ran */
};

static void transaction_free(struct transaction *transaction)
{
	cds_list_del(&transaction->node);
	transaction->session->n_pending--;
	transaction->session->server->pending_size -= transaction->size;
	json_decref(transaction->id);
	json_decref(transaction->operations);
	json_decref(transaction->results);
	free(transaction);
}

static void answer(struct transaction *transaction)
{
	jsonrpc_reply(
		transaction->session->conn, transaction->id, json_incref(transaction->results)
	);
	transaction_free(transaction);
}

static void durable(void *context, const struct errbuf *err)
{
	struct transaction *transaction = context;
	struct db_error error;

	if (err) {
		db_error_set(&error, "I/O error", "%s", err->text);
		json_array_append_new(transaction->results, db_error_json(&error));
	}
	answer(transaction);
}

static bool owns_lock(void *context, const char *lock)
{
	struct session *session = context;

	return session_lock_owns(&session->server->locks, session, lock);
}

static void keep_waiting(struct transaction *transaction)
{
	struct db_server *server = transaction->session->server;
	struct db_error err;

	if (!transaction->size) {
		transaction->size = json_dumpb(transaction->operations, NULL, 0, JSON_COMPACT);
		server->pending_size += transaction->size;
	}
	if (server->pending_size <= MAX_PENDING_SIZE) {
		server_wake(server);
		return;
	}
	db_error_set(&err, "resources exhausted", "too many transactions are waiting already");
	session_refuse(transaction->session, transaction->id, &err);
	transaction_free(transaction);
}

/* Runs it (again). It is gone afterwards unless it still waits for something. */
static void run(struct transaction *transaction)
{
	const struct db_execute_request request = {
		.operations = transaction->operations,
		.owns_lock = owns_lock,
		.context = transaction->session,
		.may_wait = true,
		.elapsed_ms = clock_ms() - transaction->start_ms,
	};
	struct db_execute_outcome outcome;

	db_execute_run(transaction->db, &request, &outcome);
	transaction->seen = db_n_commits(transaction->db);
	transaction->timeout_ms = outcome.timeout_ms;
	transaction->results = outcome.results;
	if (!outcome.results)
		keep_waiting(transaction);
	else if (outcome.is_durable)
		db_when_durable(transaction->db, durable, transaction);
	else
		answer(transaction);
}

void session_transact(struct session *session, const json_t *params, const json_t *id)
{
	struct served *served = session_find_db(session, params, id);
	struct transaction *transaction;
	struct db_error err;

	if (!served)
		return;
	if (session->n_pending >= MAX_PENDING) {
		db_error_set(
			&err,
			"resources exhausted",
			"%d transactions of this session are waiting already",
			MAX_PENDING
		);
		session_refuse(session, id, &err);
		return;
	}
	transaction = XNEW(struct transaction);
	transaction->session = session;
	transaction->db = served->db;
	transaction->id = json_incref((json_t *)id);
	transaction->operations = json_copy((json_t *)params);
	json_array_remove(transaction->operations, 0);
	transaction->start_ms = clock_ms();
	cds_list_add_tail(&transaction->node, &session->server->pending);
	session->n_pending++;
	if (json_array_size(transaction->operations) >= TRIM_OPERATIONS)
		server_trim_soon(session->server);
	run(transaction);
}

void session_cancel(struct session *session, const json_t *params, const json_t *id)
{
	const json_t *which = json_array_get(params, 0);
	struct transaction *transaction;

	cds_list_for_each_entry(transaction, &session->server->pending, node) {
		if (transaction->session != session || transaction->results || !which ||
		    !json_equal(transaction->id, which))
			continue;
		jsonrpc_error(session->conn, transaction->id, json_string("canceled"));
		transaction_free(transaction);
		break;
	}
	if (id)
		jsonrpc_reply(session->conn, id, json_object());
}

void session_transactions_fini(struct session *session)
{
	struct transaction *transaction, *next;

	cds_list_for_each_entry_safe(transaction, next, &session->server->pending, node) {
		if (transaction->session != session)
			continue;
		db_forget_durable(transaction->db, transaction);
		transaction_free(transaction);
	}
}

static bool is_due(const struct transaction *transaction)
{
	if (transaction->results)
		return false;
	return transaction->seen != db_n_commits(transaction->db) ||
		clock_ms() - transaction->start_ms >= transaction->timeout_ms;
}

/* A transaction that succeeds may be what another one waits for: once around is not enough, but
 * the timer comes back for what is due then. */
static void run_due(uv_timer_t *timer)
{
	struct db_server *server = timer->data;
	struct transaction *transaction, *next;

	cds_list_for_each_entry_safe(transaction, next, &server->pending, node)
		if (is_due(transaction))
			run(transaction);
	server_wake(server);
}

void server_wake(struct db_server *server)
{
	int64_t now = clock_ms(), delay = INT64_MAX;
	struct transaction *transaction;

	cds_list_for_each_entry(transaction, &server->pending, node) {
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it is unlinked before it is freed. */
		int64_t left = transaction->timeout_ms - (now - transaction->start_ms);

		if (transaction->results)
			continue;
		if (is_due(transaction))
			left = 0;
		else if (transaction->timeout_ms == INT64_MAX)
			continue;
		if (left < delay)
			delay = left < 0 ? 0 : left;
	}
	if (delay == INT64_MAX)
		uv_timer_stop(server->timer);
	else
		uv_timer_start(server->timer, run_due, (uint64_t)delay, 0);
}
