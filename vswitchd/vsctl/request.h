/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Requests: one invocation of vsctl on its way from words to an answer.
 *
 * A request may be attempted more than once (wait-until); each attempt begins with a new
 * transaction and empty outputs.  */

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "lib/errbuf.h"
#include "lib/hmap.h"
#include "lib/ovsdb/value/uuid.h"
#include "lib/strbuf.h"
#include "vswitchd/vsctl/grid.h"
#include "vswitchd/vsctl/handle.h"

struct call;
struct datum;
struct db;
struct db_row;
struct db_table;
struct db_txn;

/* A column that this request has set, to say what is odd about it once all is committed. */
struct request_change {
	struct db_table *table;
	struct uuid uuid;
	unsigned column;
	struct datum *old;
};

/* A row that tells of faults and that this request concerns (outcome.h). */
struct request_noted {
	struct hmap_node node; /* by UUID */
	const struct db_table *table;
	struct uuid uuid;
	char *fault; /* what it said before */
};

/* Rows of a table by name, for requests that look up many: the database's own index stands still
 * while a transaction is open. */
struct request_index {
	struct hmap map;
	unsigned n_lookups;
	bool is_built;
};

enum request_indexed {
	REQUEST_BRIDGES,
	REQUEST_PORTS,
	REQUEST_INTERFACES,
	REQUEST_N_INDEXES
};

struct request {
	struct db *db;
	/* As the words said. */
	const char *const *words;
	int n_words;
	struct call *calls;
	int n_calls;
	struct grid_style style;
	bool no_wait, dry_run, oneline, wants_help;
	/* Of this attempt. */
	struct db_txn *txn;
	bool changed; /* the transaction has something to commit */
	struct handles handles;
	struct request_change *changes;
	size_t n_changes, changes_size;
	struct request_index indexes[REQUEST_N_INDEXES];
	struct hmap noted_map;
	struct request_noted **noted; /* the same in the order in which they were noted */
	size_t n_noted, noted_size;
	bool asks_switch; /* settings of the switch as a whole were set … */
	uint64_t said; /* … when so much had been said about those (complaints.h) */
	struct strbuf warnings; /* a line each */
	int exit_status;
};

/* Main thread. */

void request_init(struct request *request, struct db *db);
void request_fini(struct request *request);

/* Runs all calls in one transaction and commits it. As verb_run_fn. With changes the switch is to
 * act on, next_cfg is raised and '*cfg' says what cur_cfg must reach; else it is 0. */
int request_attempt(struct request *request, int64_t *cfg, struct errbuf *err);
/* What all calls have printed. */
void request_print(struct request *request, struct strbuf *out);

/* For verbs. */

/* The row whose column 'name' has this value, or NULL. */
struct db_row *
request_find(struct request *request, const struct db_table *table, const char *name);
struct db_row *request_insert(struct request *request, const char *table, const struct uuid *uuid);
void request_delete(struct request *request, struct db_row *row);
void request_set(
	struct request *request, struct db_row *row, unsigned column, struct datum *take_value
);
/* The only row of Open_vSwitch, inserted if it is missing. */
struct db_row *request_root(struct request *request);
void request_warn(struct request *request, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
