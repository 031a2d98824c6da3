/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Transactions written in C: how the daemon writes status back.
 *
 *	txn = db_txn_new(db);
 *	db_txn_set(txn, row, INTERFACE_OFPORT, datum_new_integer(7));
 *	db_txn_commit(txn, err);
 *
 * Setting what is already there changes nothing, and a transaction that changes nothing writes
 * nothing and notifies nobody. Until it ends, rows show their new values to everyone on the main
 * thread, so begin, write and end it without returning to the loop.  */

#include <stdbool.h>
#include <stdint.h>

struct datum;
struct db;
struct db_row;
struct db_table;
struct db_txn;
struct errbuf;
struct uuid;

/* Main thread. */

struct db_txn *db_txn_new(struct db *db);
/* For what a user wants, like a client's transaction: its commit is not 'by_daemon'. */
struct db_txn *db_txn_new_for_user(struct db *db);
/* 'uuid' NULL: a random one. Columns begin with their defaults. NULL if the UUID is taken. */
struct db_row *db_txn_insert(struct db_txn *txn, struct db_table *table, const struct uuid *uuid);
void db_txn_delete(struct db_txn *txn, struct db_row *row);
void db_txn_set(struct db_txn *txn, struct db_row *row, unsigned column, struct datum *take_value);
/* Written to the journal with the transaction. */
void db_txn_comment(struct db_txn *txn, const char *text);

/* All or nothing; 'txn' is gone afterwards. On failure 'err' says which rule it broke. */
int db_txn_commit(struct db_txn *txn, struct errbuf *err);
void db_txn_abort(struct db_txn *txn);

/* The usual db_txn_set()s. An empty string or negative 'n' is a value like others. */
void db_txn_set_string(
	struct db_txn *txn, struct db_row *row, unsigned column, const char *value /* NULL: empty */
);
void db_txn_set_integer(struct db_txn *txn, struct db_row *row, unsigned column, int64_t value);
void db_txn_set_boolean(struct db_txn *txn, struct db_row *row, unsigned column, bool value);
void db_txn_set_empty(struct db_txn *txn, struct db_row *row, unsigned column);
