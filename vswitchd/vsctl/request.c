/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/vsctl/request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/hash.h"
#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/db_txn.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/value/datum.h"
#include "lib/xmalloc.h"
#include "vswitchd/vsctl/advice.h"
#include "vswitchd/vsctl/attr.h"
#include "vswitchd/vsctl/outcome.h"
#include "vswitchd/vsctl/verb.h"

enum {
	FEW_LOOKUPS = 8,
	WARNINGS_MAX = 1 << 16, /* bytes; nobody reads more */
};

void request_init(struct request *request, struct db *db)
{
	*request = (struct request){
		.db = db,
		.style = {.format = GRID_LIST, .data = GRID_STRING, .headings = true},
	};
	handles_init(&request->handles);
	hmap_init(&request->noted_map);
	for (int i = 0; i < REQUEST_N_INDEXES; i++)
		hmap_init(&request->indexes[i].map);
}

/* A name in an index. The row may be gone by now. */
struct entry {
	struct hmap_node node;
	struct uuid uuid;
};

static struct request_index *find_index(struct request *request, const struct db_table *table)
{
	static const char *const names[REQUEST_N_INDEXES] = {
		[REQUEST_BRIDGES] = "Bridge",
		[REQUEST_PORTS] = "Port",
		[REQUEST_INTERFACES] = "Interface",
	};

	for (int i = 0; i < REQUEST_N_INDEXES; i++)
		if (!strcmp(db_table_schema(table)->name, names[i]))
			return &request->indexes[i];
	return NULL;
}

static void index_reset(struct request *request)
{
	for (int i = 0; i < REQUEST_N_INDEXES; i++) {
		struct request_index *index = &request->indexes[i];
		struct entry *entry;

		HMAP_FOREACH_SAFE(entry, node, &index->map) {
			hmap_del(&index->map, &entry->node);
			free(entry);
		}
		index->is_built = false;
		index->n_lookups = 0;
	}
}

static void index_add(struct request *request, const struct db_row *row)
{
	struct request_index *index = find_index(request, db_row_table(row));
	struct entry *entry;

	if (!index || !index->is_built)
		return;
	entry = XNEW(struct entry);
	entry->uuid = *db_row_uuid(row);
	hmap_add(&index->map, &entry->node, hash_string(attr_string(row, "name"), 0));
}

struct db_row *request_find(struct request *request, const struct db_table *table, const char *name)
{
	struct request_index *index = find_index(request, table);
	struct entry *entry;

	/* A few look-ups are not worth the building. */
	if (!index || index->n_lookups++ < FEW_LOOKUPS)
		return db_table_find_string(table, attr_index(table, "name"), name);
	if (!index->is_built) {
		index->is_built = true;
		DB_ROW_FOREACH(row, table)
			index_add(request, row);
	}
	HMAP_FOREACH_WITH_HASH(entry, node, hash_string(name, 0), &index->map) {
		struct db_row *row = db_table_find(table, &entry->uuid);

		if (row && !strcmp(attr_string(row, "name"), name))
			return row;
	}
	return NULL;
}

/* Forgets what an attempt has left. */
static void reset(struct request *request)
{
	for (int i = 0; i < request->n_calls; i++) {
		strbuf_clear(&request->calls[i].out);
		grid_free(request->calls[i].grid);
		request->calls[i].grid = NULL;
	}
	for (size_t i = 0; i < request->n_changes; i++)
		datum_unref(request->changes[i].old);
	request->n_changes = 0;
	outcome_reset(request);
	index_reset(request);
	request->changed = false;
	request->exit_status = 0;
	strbuf_clear(&request->warnings);
	handles_fini(&request->handles);
	handles_init(&request->handles);
}

void request_fini(struct request *request)
{
	reset(request);
	for (int i = 0; i < request->n_calls; i++)
		strbuf_fini(&request->calls[i].out);
	free(request->calls);
	free(request->changes);
	free(request->noted);
	hmap_fini(&request->noted_map);
	strbuf_fini(&request->warnings);
	handles_fini(&request->handles);
	for (int i = 0; i < REQUEST_N_INDEXES; i++)
		hmap_fini(&request->indexes[i].map);
}

struct db_row *request_insert(struct request *request, const char *table, const struct uuid *uuid)
{
	struct db_row *row = db_txn_insert(request->txn, db_find_table(request->db, table), uuid);

	if (row)
		request->changed = true;
	return row;
}

void request_delete(struct request *request, struct db_row *row)
{
	request->changed = true;
	db_txn_delete(request->txn, row);
}

static void note_change(struct request *request, struct db_row *row, unsigned column)
{
	struct request_change *change;

	if (request->n_changes == request->changes_size) {
		request->changes_size = request->changes_size ? 2 * request->changes_size : 16;
		request->changes = xrealloc(
			request->changes, request->changes_size * sizeof(*request->changes)
		);
	}
	change = &request->changes[request->n_changes++];
	change->table = db_row_table(row);
	change->uuid = *db_row_uuid(row);
	change->column = column;
	change->old = datum_ref(db_row_get(row, column));
}

void request_set(
	struct request *request, struct db_row *row, unsigned column, struct datum *take_value
)
{
	const struct db_table *table = db_row_table(row);
	const struct schema_table *schema = db_table_schema(table);

	if (datum_equal(db_row_get(row, column), take_value, &schema->columns[column].type)) {
		datum_unref(take_value);
		return;
	}
	request->changed = true;
	outcome_note(request, row);
	if (advice_cares(schema, column))
		note_change(request, row, column);
	db_txn_set(request->txn, row, column, take_value);
	if (!strcmp(schema->columns[column].name, "name"))
		index_add(request, row);
}

struct db_row *request_root(struct request *request)
{
	struct db_row *root = db_table_first(db_find_table(request->db, "Open_vSwitch"));

	return root ? root : request_insert(request, "Open_vSwitch", NULL);
}

void request_warn(struct request *request, const char *format, ...)
{
	size_t begin = request->warnings.length;
	const char *line, *same;
	va_list args;

	if (begin > WARNINGS_MAX)
		return;
	va_start(args, format);
	strbuf_addv(&request->warnings, format, args);
	va_end(args);
	strbuf_add_char(&request->warnings, '\n');
	line = strbuf_text(&request->warnings) + begin;
	same = strstr(strbuf_text(&request->warnings), line);
	/* Each sentence once, however often the same column was set. */
	if (same != line && (same == request->warnings.text || same[-1] == '\n')) {
		request->warnings.length = begin;
		request->warnings.text[begin] = '\0';
	}
}

static int run_calls(struct request *request, struct errbuf *err)
{
	for (int i = 0; i < request->n_calls; i++) {
		struct call *call = &request->calls[i];
		int error = call->verb->run(call, err);

		if (error)
			return error;
	}
	return 0;
}

static void warn_handle(void *context, const struct handle *handle)
{
	request_warn(
		context,
		"warning: row id \"%s\" was created but %s, so it will not actually appear in the database",
		handle->name,
		handle->weak ? "only a weak reference to it was inserted"
			     : "no reference to it was inserted"
	);
}

/* Written to the journal, so that one can read there who did what. */
static void add_comment(struct request *request)
{
	struct strbuf text = STRBUF_INIT;

	strbuf_add(&text, "vsctl:");
	for (int i = 0; i < request->n_words; i++)
		strbuf_addf(&text, " %s", request->words[i]);
	db_txn_comment(request->txn, strbuf_text(&text));
	strbuf_fini(&text);
}

/* The number of the configuration that this request makes: above that in force, even if somebody has set
 * the count back meanwhile. */
static int raise_cfg(struct request *request, struct db_row *root, int64_t *cfg, struct errbuf *err)
{
	int64_t next = attr_integer(root, "next_cfg"), in_force = attr_integer(root, "cur_cfg");

	if (next < in_force)
		next = in_force;
	if (next == INT64_MAX)
		return errbuf_set(
			err,
			-ERANGE,
			"Open_vSwitch: next_cfg is as high as it can be: set it to 0 with --no-wait"
		);
	*cfg = next + 1;
	db_txn_set_integer(request->txn, root, attr_index(db_row_table(root), "next_cfg"), *cfg);
	return 0;
}

static int finish(struct request *request, int64_t *cfg, struct errbuf *err)
{
	struct db_row *root = request_root(request);
	int error = handles_check(&request->handles, warn_handle, request, err);

	*cfg = 0;
	if (!error && request->changed && !request->no_wait)
		error = raise_cfg(request, root, cfg, err);
	if (error || !request->changed || request->dry_run) {
		*cfg = 0;
		db_txn_abort(request->txn);
		return error;
	}
	add_comment(request);
	error = db_txn_commit(request->txn, err);
	if (error) {
		errbuf_prefix(err, "transaction error: ");
		return error;
	}
	advice_give(request);
	return 0;
}

int request_attempt(struct request *request, int64_t *cfg, struct errbuf *err)
{
	int error;

	reset(request);
	*cfg = 0;
	request->txn = db_txn_new_for_user(request->db);
	request_root(request);
	error = run_calls(request, err);
	if (error)
		db_txn_abort(request->txn);
	else
		error = finish(request, cfg, err);
	request->txn = NULL;
	return error;
}

static void print_one_line(const char *text, size_t length, struct strbuf *out)
{
	if (length && text[length - 1] == '\n')
		length--;
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n')
			strbuf_add(out, "\\n");
		else if (text[i] == '\\')
			strbuf_add(out, "\\\\");
		else
			strbuf_add_char(out, text[i]);
	}
	strbuf_add_char(out, '\n');
}

void request_print(struct request *request, struct strbuf *out)
{
	int n_grids = 0;

	for (int i = 0; i < request->n_calls; i++) {
		struct call *call = &request->calls[i];

		if (call->grid) {
			if (n_grids++ && request->style.format != GRID_JSON &&
			    request->style.format != GRID_HTML)
				strbuf_add_char(out, '\n');
			grid_print(call->grid, out);
		} else if (request->oneline) {
			print_one_line(strbuf_text(&call->out), call->out.length, out);
		} else {
			strbuf_add_n(out, strbuf_text(&call->out), call->out.length);
		}
	}
}
