/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Monitors: what clients are told about changes (RFC 7047 §4.1.5, and monitor_cond and
 * monitor_cond_since of ovsdb-server(7)).
 *
 * Monitors that ask for the same thing in the same form share one shape, whose update is printed
 * once per commit however many they are.  */

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

struct db;
struct db_error;
struct db_monitor;
struct db_monitors;
struct strbuf;
struct uuid;

enum db_monitor_version {
	DB_MONITOR_UPDATE, /* "old" and "new" */
	DB_MONITOR_UPDATE2, /* "initial", "insert", "delete", and "modify" with differences */
	DB_MONITOR_UPDATE3 /* the same, and the transaction's id */
};

/* 'updates' is the text of a <table-updates> object. */
typedef void
db_monitor_fn(void *context, const struct uuid *txn_id, const char *updates, size_t length);

/* Main thread. */

/* All monitors of a database. */
struct db_monitors *db_monitors_new(struct db *db);
/* None may be left. */
void db_monitors_free(struct db_monitors *monitors);

/* 'requests' is the object that names tables, columns, conditions and kinds of changes. 'notify' is
 * called from commits. */
struct db_monitor *db_monitor_new(
	struct db_monitors *monitors,
	enum db_monitor_version version,
	const json_t *requests,
	db_monitor_fn *notify,
	void *context,
	struct db_error *err
);
void db_monitor_free(struct db_monitor *monitor);
struct db *db_monitor_db(const struct db_monitor *monitor);
enum db_monitor_version db_monitor_get_version(const struct db_monitor *monitor);

/* Appends the <table-updates> of the rows that are there. */
void db_monitor_print_initial(const struct db_monitor *monitor, struct strbuf *out);
/* Appends the <table-updates> of what changed since the transaction; false if that is not known
 * any more. */
bool db_monitor_print_since(
	const struct db_monitor *monitor, const struct uuid *since, struct strbuf *out
);
/* Gives the tables in 'requests' new conditions. Appends the rows that come and go, if any do. */
int db_monitor_change(
	struct db_monitor *monitor, const json_t *requests, struct strbuf *out, struct db_error *err
);
