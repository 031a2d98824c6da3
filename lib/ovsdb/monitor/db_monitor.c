/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/monitor/db_monitor.h"

#include <stdlib.h>
#include <string.h>

#include <urcu/list.h>

#include "lib/hash.h"
#include "lib/ovsdb/db_engine.h"
#include "lib/ovsdb/db_history.h"
#include "lib/ovsdb/monitor/monitor_shape.h"
#include "lib/ovsdb/ops/condition.h"
#include "lib/strbuf.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

struct db_monitors {
	struct db *db;
	struct hmap shapes;
	struct strbuf text; /* kept for its memory */
};

/* A shape and who wants it. */
struct audience {
	struct hmap_node node;
	struct monitor_shape *shape;
	struct cds_list_head members;
};

struct db_monitor {
	struct cds_list_head node;
	struct db_monitors *monitors;
	struct audience *audience;
	db_monitor_fn *notify;
	void *context;
};

static void
publish(struct db_monitors *monitors, struct audience *audience, const struct db_commit *commit)
{
	struct monitor_printer printer = {.shape = audience->shape, .out = &monitors->text};
	struct db_monitor *monitor, *next;

	strbuf_clear(&monitors->text);
	for (size_t i = 0; i < commit->n; i++)
		monitor_print_delta(&printer, &commit->deltas[i]);
	if (!monitor_print_end(&printer, false))
		return;
	cds_list_for_each_entry_safe(monitor, next, &audience->members, node)
		monitor->notify(
			monitor->context,
			&commit->txn_id,
			monitors->text.text,
			monitors->text.length
		);
}

static void committed(void *context, const struct db_commit *commit)
{
	struct db_monitors *monitors = context;
	struct audience *audience;

	HMAP_FOREACH(audience, node, &monitors->shapes)
		publish(monitors, audience, commit);
}

struct db_monitors *db_monitors_new(struct db *db)
{
	struct db_monitors *monitors = XNEW(struct db_monitors);

	monitors->db = db;
	hmap_init(&monitors->shapes);
	db_add_hook(db, committed, monitors);
	return monitors;
}

void db_monitors_free(struct db_monitors *monitors)
{
	assert(!hmap_count(&monitors->shapes));
	db_del_hook(monitors->db, committed, monitors);
	hmap_fini(&monitors->shapes);
	strbuf_fini(&monitors->text);
	free(monitors);
}

static void join(struct db_monitor *monitor, struct monitor_shape *take_shape)
{
	struct db_monitors *monitors = monitor->monitors;
	uint32_t hash = hash_string(take_shape->key, 0);
	struct audience *audience;

	HMAP_FOREACH_WITH_HASH(audience, node, hash, &monitors->shapes)
		if (!strcmp(audience->shape->key, take_shape->key)) {
			monitor_shape_free(take_shape);
			goto add;
		}
	audience = XNEW(struct audience);
	audience->shape = take_shape;
	CDS_INIT_LIST_HEAD(&audience->members);
	hmap_add(&monitors->shapes, &audience->node, hash);
add:
	monitor->audience = audience;
	cds_list_add_tail(&monitor->node, &audience->members);
}

static void leave(struct db_monitor *monitor)
{
	struct audience *audience = monitor->audience;

	cds_list_del(&monitor->node);
	if (!cds_list_empty(&audience->members))
		return;
	hmap_del(&monitor->monitors->shapes, &audience->node);
	monitor_shape_free(audience->shape);
	free(audience);
}

struct db_monitor *db_monitor_new(
	struct db_monitors *monitors,
	enum db_monitor_version version,
	const json_t *requests,
	db_monitor_fn *notify,
	void *context,
	struct db_error *err
)
{
	struct monitor_shape *shape =
		monitor_shape_new(monitors->db->schema, version, requests, err);
	struct db_monitor *monitor;

	if (!shape)
		return NULL;
	monitor = XNEW(struct db_monitor);
	monitor->monitors = monitors;
	monitor->notify = notify;
	monitor->context = context;
	join(monitor, shape);
	return monitor;
}

void db_monitor_free(struct db_monitor *monitor)
{
	if (!monitor)
		return;
	leave(monitor);
	free(monitor);
}

struct db *db_monitor_db(const struct db_monitor *monitor)
{
	return monitor->monitors->db;
}

enum db_monitor_version db_monitor_get_version(const struct db_monitor *monitor)
{
	return monitor->audience->shape->version;
}

void db_monitor_print_initial(const struct db_monitor *monitor, struct strbuf *out)
{
	struct monitor_printer printer = {.shape = monitor->audience->shape, .out = out};
	struct db *db = monitor->monitors->db;

	for (size_t i = 0; i < db->schema->n_tables; i++) {
		const struct monitor_table *table = printer.shape->tables[i];
		struct db_delta delta = {.table = &db->tables[i]};

		if (!table)
			continue;
		DB_ROW_FOREACH(row, delta.table) {
			if (!condition_match_any(table->condition, row->tuple))
				continue;
			delta.uuid = *db_row_uuid(row);
			delta.new = row->tuple;
			monitor_print_row(&printer, &delta, MONITOR_INITIAL);
		}
	}
	monitor_print_end(&printer, true);
}

/* What happened to a row over several commits. */
struct merged {
	struct hmap_node node;
	struct db_delta delta; /* the first 'old', the last 'new' */
};

static void merge_delta(struct hmap *map, const struct db_delta *delta)
{
	uint32_t hash = uuid_hash(&delta->uuid);
	struct merged *merged;

	HMAP_FOREACH_WITH_HASH(merged, node, hash, map)
		if (uuid_equal(&merged->delta.uuid, &delta->uuid) &&
		    merged->delta.table == delta->table) {
			merged->delta.new = delta->new;
			return;
		}
	merged = XNEW(struct merged);
	merged->delta = *delta;
	hmap_add(map, &merged->node, hash);
}

static void merge_commit(void *context, const struct db_commit *commit)
{
	for (size_t i = 0; i < commit->n; i++)
		merge_delta(context, &commit->deltas[i]);
}

/* Table by table, as the printer wants them. */
static void print_merged(struct monitor_printer *printer, struct hmap *map)
{
	struct merged *merged;

	for (size_t i = 0; i < printer->shape->n_tables; i++) {
		if (!printer->shape->tables[i])
			continue;
		HMAP_FOREACH(merged, node, map)
			if (merged->delta.table->schema->index == i)
				monitor_print_delta(printer, &merged->delta);
	}
	HMAP_FOREACH_SAFE(merged, node, map)
		free(merged);
}

bool db_monitor_print_since(
	const struct db_monitor *monitor, const struct uuid *since, struct strbuf *out
)
{
	struct monitor_printer printer = {.shape = monitor->audience->shape, .out = out};
	struct hmap map;
	bool found;

	hmap_init(&map);
	found = db_history_foreach(monitor->monitors->db, since, merge_commit, &map);
	if (found) {
		print_merged(&printer, &map);
		monitor_print_end(&printer, true);
	}
	hmap_fini(&map);
	return found;
}

/* The rows of a table that one condition lets through and the other does not. */
static void print_moves(
	struct monitor_printer *printer,
	struct db_table *table,
	const struct condition *before,
	const struct condition *after
)
{
	DB_ROW_FOREACH(row, table) {
		struct db_delta delta = {.table = table, .uuid = *db_row_uuid(row)};
		bool was = condition_match_any(before, row->tuple);
		bool is = condition_match_any(after, row->tuple);

		if (was == is)
			continue;
		if (is)
			delta.new = row->tuple;
		else
			delta.old = row->tuple;
		monitor_print_row(printer, &delta, is ? MONITOR_INSERT : MONITOR_DELETE);
	}
}

int db_monitor_change(
	struct db_monitor *monitor, const json_t *requests, struct strbuf *out, struct db_error *err
)
{
	struct db *db = monitor->monitors->db;
	const struct monitor_shape *before = monitor->audience->shape;
	struct monitor_shape *after = monitor_shape_change(db->schema, before, requests, err);
	struct monitor_printer printer = {.shape = after, .out = out};

	if (!after)
		return -1;
	for (size_t i = 0; i < before->n_tables; i++)
		if (before->tables[i])
			print_moves(
				&printer,
				&db->tables[i],
				before->tables[i]->condition,
				after->tables[i]->condition
			);
	monitor_print_end(&printer, false);
	leave(monitor);
	join(monitor, after);
	return 0;
}
