/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/meters/meters.h"

#include <stdlib.h>
#include <string.h>

#include <urcu/rculfhash.h>

#include "datapath/meter/meter.h"
#include "lib/clock.h"
#include "lib/hash.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_changes.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/rules.h"
#include "ofproto/tables/rule.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/messages.h"

enum {
	ADD,
	MODIFY,
	DELETE,
	ALL_FLAGS = METER_KBPS | METER_PACKETS | METER_BURST | METER_STATS,
	BUCKETS = 64, /* of the hash table, to begin with */
};

struct meter_row {
	struct cds_lfht_node node;
	/* Main writes, before anybody sees it; translators read. */
	uint32_t id, slot;
	bool remarks;
	/* Main. */
	bool doomed; /* deleted by the open batch */
	uint16_t flags;
	uint32_t n_rules;
	int64_t created_ms;
	struct meter_config config;
	uint8_t *bands; /* as they came */
	uint32_t n_bytes;
};

/* A change of a batch: a row came, went, or another took its place. */
struct edit {
	struct meter_row *old, *new;
};

struct meters {
	struct cds_lfht *rows; /* main writes, translators read */
	/* Main. */
	unsigned n, size;
	unsigned depth; /* of open batches */
	struct edit *edits;
	unsigned n_edits, size_edits;
};

static uint32_t hash_id(uint32_t id)
{
	return hash_u64(id, 0);
}

static struct meter_row *row_at(struct cds_lfht_iter *iter)
{
	struct cds_lfht_node *node = cds_lfht_iter_get_node(iter);

	return node ? container_of(node, struct meter_row, node) : NULL;
}

/* liburcu's own loop calculates with NULL at its end. The row may be taken out meanwhile. */
#define ROWS_FOREACH(row, iter, meters)                                                            \
	for (cds_lfht_first((meters)->rows, (iter)); ((row) = row_at(iter));                       \
	     cds_lfht_next((meters)->rows, (iter)))

static int row_has_id(struct cds_lfht_node *node, const void *id)
{
	return container_of(node, struct meter_row, node)->id == *(const uint32_t *)id;
}

static struct meter_row *find(const struct meters *meters, uint32_t id)
{
	struct cds_lfht_iter iter;

	cds_lfht_lookup(meters->rows, hash_id(id), row_has_id, &id, &iter);
	struct cds_lfht_node *node = cds_lfht_iter_get_node(&iter);

	return node ? container_of(node, struct meter_row, node) : NULL;
}

uint32_t meters_find_slot(const struct meters *meters, uint32_t id, bool *remarks)
{
	const struct meter_row *row = find(meters, id);

	if (row && remarks)
		*remarks = row->remarks;
	return row ? row->slot : 0;
}

/* As those who make changes see it. */
static struct meter_row *find_newest(const struct meters *meters, uint32_t id)
{
	struct meter_row *row = find(meters, id);

	return row && !row->doomed ? row : NULL;
}

const struct meter_row *meters_find(const struct meters *meters, uint32_t id)
{
	return find_newest(meters, id);
}

struct meters *meters_new(void)
{
	struct meters *meters = XNEW(struct meters);

	meters->size = BUCKETS;
	meters->rows = cds_lfht_new_flavor(BUCKETS, BUCKETS, 0, 0, &urcu_qsbr_flavor, NULL);
	return meters;
}

static void free_row(void *row_)
{
	struct meter_row *row = row_;

	free(row->bands);
	free(row);
}

static void del_row(struct meters *meters, struct meter_row *row)
{
	cds_lfht_del(meters->rows, &row->node);
	meters->n--;
	meter_del(row->slot);
	epoch_free(row, free_row);
}

static void put_row(struct meters *meters, struct meter_row *row)
{
	cds_lfht_add_replace(meters->rows, hash_id(row->id), row_has_id, &row->id, &row->node);
}

void meters_free(struct meters *meters)
{
	struct cds_lfht_iter iter;
	struct meter_row *row;

	if (!meters)
		return;
	ROWS_FOREACH(row, &iter, meters)
	del_row(meters, row);
	cds_lfht_destroy(meters->rows, NULL);
	free(meters->edits);
	free(meters);
}

/* Batches. What workers and translators use stays until the end, where it is known that all goes
 * well. */

static void log_edit(struct meters *meters, struct meter_row *old, struct meter_row *new)
{
	if (meters->n_edits == meters->size_edits) {
		meters->size_edits = meters->size_edits * 2 + 16;
		meters->edits =
			xrealloc(meters->edits, meters->size_edits * sizeof(meters->edits[0]));
	}
	meters->edits[meters->n_edits++] = (struct edit){old, new};
}

void meters_batch_begin(struct bridge *bridge)
{
	bridge->meters->depth++;
}

void meters_batch_end(struct bridge *bridge)
{
	struct meters *meters = bridge->meters;

	if (--meters->depth)
		return;
	for (unsigned i = 0; i < meters->n_edits; i++) {
		struct meter_row *old = meters->edits[i].old, *new = meters->edits[i].new;

		if (!new) {
			/* Another may have come in its place. */
			if (find(meters, old->id) == old)
				del_row(meters, old);
		} else if (old && old->slot == new->slot) {
			meter_set(new->slot, &new->config);
			epoch_free(old, free_row);
		} else if (old) {
			meter_del(old->slot);
			epoch_free(old, free_row);
		}
	}
	meters->n_edits = 0;
}

/* Puts back what was replaced: as a copy, because readers may still be at the one that was taken out. */
static void bring_back(struct meters *meters, struct edit *edit)
{
	struct meter_row *copy = XNEW(struct meter_row);

	*copy = *edit->old;
	/* Rules have been counted in the place of the one that was there. */
	copy->n_rules = edit->new->n_rules;
	cds_lfht_node_init(&copy->node);
	put_row(meters, copy);
	for (unsigned i = 0; i < meters->n_edits; i++) {
		if (meters->edits[i].old == edit->old)
			meters->edits[i].old = copy;
		if (meters->edits[i].new == edit->old)
			meters->edits[i].new = copy;
	}
	epoch_free(edit->old, free);
	edit->old = copy;
}

void meters_batch_undo(struct bridge *bridge)
{
	struct meters *meters = bridge->meters;

	meters->depth = 0;
	while (meters->n_edits) {
		struct edit *edit = &meters->edits[--meters->n_edits];

		if (!edit->new) {
			edit->old->doomed = false;
			continue;
		}
		if (!edit->old) {
			del_row(meters, edit->new);
			continue;
		}
		bring_back(meters, edit);
		if (edit->old->slot != edit->new->slot)
			meter_del(edit->new->slot);
		epoch_free(edit->new, free_row);
	}
}

/* Changes. */

static enum of_error read_band(const struct of_meter_band *from, struct meter_band_config *band)
{
	struct wire_in extra = wire_in(from->extra.data, from->extra.n, from->extra.version);

	if (from->type != METER_BAND_DROP && from->type != METER_BAND_REMARK)
		return OF_MMFC_BAD_BAND;
	if (from->extra.n != 4)
		return OF_BRC_BAD_LEN;
	band->kind = (uint8_t)from->type;
	band->rate = from->rate;
	band->burst = from->burst_size;
	if (from->type == METER_BAND_REMARK)
		band->levels = wire_u8(&extra);
	return OF_OK;
}

static enum of_error read_config(const struct of_meter_mod *mod, struct meter_config *config)
{
	struct wire_in list = wire_in(mod->bands.data, mod->bands.n, mod->bands.version);
	struct of_meter_band band = {0};
	enum of_error error = OF_OK;

	if (mod->flags & ~ALL_FLAGS ||
	    (mod->flags & (METER_KBPS | METER_PACKETS)) == (METER_KBPS | METER_PACKETS))
		return OF_MMFC_BAD_FLAGS;
	config->packets = mod->flags & METER_PACKETS;
	while (!error && of_meter_band_next(&list, &band)) {
		if (config->n_bands == METER_BANDS)
			return OF_MMFC_OUT_OF_BANDS;
		error = read_band(&band, &config->bands[config->n_bands++]);
		/* Without the flag the number means nothing. */
		if (!(mod->flags & METER_BURST))
			config->bands[config->n_bands - 1].burst = 0;
	}
	return error ? error : list.error;
}

/* Flows that use the meter, or lack it, are made anew. */
static void note(struct bridge *bridge, uint32_t id)
{
	change_add(bridge_changes_begin(), DEP_METER, bridge->index, 0, id);
	bridge_changes_end();
}

static struct meter_row *
new_row(const struct of_meter_mod *mod, const struct meter_config *config, uint32_t slot)
{
	struct meter_row *row = XNEW(struct meter_row);

	row->id = mod->meter_id;
	row->slot = slot;
	row->flags = mod->flags;
	row->config = *config;
	row->remarks = meter_remarks(config);
	row->created_ms = clock_ms();
	row->n_bytes = mod->bands.n;
	row->bands = xmalloc(mod->bands.n + 1);
	memcpy(row->bands, mod->bands.data, mod->bands.n);
	cds_lfht_node_init(&row->node);
	return row;
}

static enum of_error
add(struct bridge *bridge, const struct of_meter_mod *mod, const struct meter_config *config)
{
	struct meters *meters = bridge->meters;
	struct meter_row *old = find(meters, mod->meter_id);

	if (old && !old->doomed)
		return OF_MMFC_METER_EXISTS;
	uint32_t slot = meter_add(config);

	if (!slot)
		return OF_MMFC_OUT_OF_METERS;
	struct meter_row *row = new_row(mod, config, slot);

	put_row(meters, row);
	log_edit(meters, old, row);
	if (old)
		return OF_OK;
	/* By hand: what resizes by itself depends on a thread that may come late. */
	if (++meters->n > meters->size) {
		meters->size *= 4;
		cds_lfht_resize(meters->rows, meters->size);
	}
	return OF_OK;
}

static enum of_error
modify(struct bridge *bridge, const struct of_meter_mod *mod, const struct meter_config *config)
{
	struct meters *meters = bridge->meters;
	struct meter_row *old = find_newest(meters, mod->meter_id);

	if (!old)
		return OF_MMFC_UNKNOWN_METER;
	struct meter_row *row = new_row(mod, config, old->slot);

	row->created_ms = old->created_ms;
	row->n_rules = old->n_rules;
	put_row(meters, row);
	log_edit(meters, old, row);
	return OF_OK;
}

static void del(struct bridge *bridge, uint32_t id)
{
	struct meters *meters = bridge->meters;
	struct cds_lfht_iter iter;
	struct meter_row *row = find_newest(meters, id);

	if (id == METER_ID_ALL) {
		ROWS_FOREACH(row, &iter, meters)
		del(bridge, row->id);
		return;
	}
	if (!row)
		return;
	if (row->n_rules)
		rules_delete_with_meter(bridge, id);
	row->doomed = true;
	log_edit(meters, row, NULL);
	note(bridge, id);
}

static bool is_number(uint32_t id)
{
	return (id && id <= METER_ID_MAX) || id == METER_ID_CONTROLLER || id == METER_ID_SLOWPATH;
}

enum of_error meters_mod(struct bridge *bridge, const struct of_meter_mod *mod)
{
	struct meter_config config = {0};
	enum of_error error;

	if (mod->command > DELETE)
		return OF_MMFC_BAD_COMMAND;
	if (!is_number(mod->meter_id) && (mod->meter_id != METER_ID_ALL || mod->command != DELETE))
		return OF_MMFC_INVALID_METER;
	bridge_changes_begin();
	meters_batch_begin(bridge);
	if (mod->command == DELETE) {
		del(bridge, mod->meter_id);
		error = OF_OK;
	} else {
		error = read_config(mod, &config);
		if (!error && mod->command == ADD)
			error = add(bridge, mod, &config);
		else if (!error)
			error = modify(bridge, mod, &config);
		if (!error)
			note(bridge, mod->meter_id);
	}
	meters_batch_end(bridge);
	bridge_changes_end();
	return error;
}

/* Rules. */

static bool is_meter(const struct action *action)
{
	return action->type->step == ACTION_STEP_METER;
}

static uint32_t id_of(const struct action *action)
{
	return (uint32_t)((const struct action_value *)action)->value;
}

bool meters_lack(const struct meters *meters, const struct action_list *list)
{
	ACTION_FOREACH(action, list) {
		struct action_list inside = action_inside(action);

		if (is_meter(action) && !find_newest(meters, id_of(action)))
			return true;
		if (action->nested && meters_lack(meters, &inside))
			return true;
	}
	return false;
}

static void count_in(struct meters *meters, const struct action_list *list, int difference)
{
	ACTION_FOREACH(action, list) {
		struct action_list inside = action_inside(action);
		struct meter_row *row = is_meter(action) ? find(meters, id_of(action)) : NULL;

		if (row)
			row->n_rules += (uint32_t)difference;
		if (action->nested)
			count_in(meters, &inside, difference);
	}
}

void meters_count_rule(struct meters *meters, const struct rule_actions *actions, int difference)
{
	if (actions->has_meter)
		count_in(meters, &actions->list, difference);
}

/* Telling. */

static int compare_ids(const void *a_, const void *b_)
{
	const uint32_t *a = a_, *b = b_;

	return (*a > *b) - (*a < *b);
}

uint32_t *meters_list(const struct meters *meters, unsigned *n)
{
	uint32_t *ids = XNEW_N(uint32_t, meters->n + 1);
	struct cds_lfht_iter iter;
	struct meter_row *row;

	*n = 0;
	ROWS_FOREACH(row, &iter, meters)
	if (!row->doomed)
		ids[(*n)++] = row->id;
	qsort(ids, *n, sizeof(ids[0]), compare_ids);
	return ids;
}

void meters_foreach(
	const struct meters *meters,
	void (*visit)(const struct meter_row *row, void *context),
	void *context
)
{
	unsigned n;
	uint32_t *ids = meters_list(meters, &n);

	for (unsigned i = 0; i < n; i++)
		visit(find(meters, ids[i]), context);
	free(ids);
}

void meter_row_describe(const struct meter_row *row, struct of_meter_mod *mod)
{
	*mod = (struct of_meter_mod){
		.command = ADD,
		.flags = row->flags,
		.meter_id = row->id,
		.bands = {.data = row->bands, .n = row->n_bytes, .version = OF15},
	};
}

void meter_row_put_config(const struct meter_row *row, struct wire_out *out)
{
	struct of_meter_config config = {
		.flags = row->flags,
		.meter_id = row->id,
		.bands = {.data = row->bands, .n = row->n_bytes, .version = out->version},
	};

	of_meter_config_encode(out, &config);
}

void meter_row_put_stats(const struct meter_row *row, struct wire_out *out)
{
	int64_t age = clock_ms() - row->created_ms;
	struct meter_counts counts;
	struct of_meter_stats stats = {
		.meter_id = row->id,
		.flow_count = row->n_rules,
		.duration_sec = (uint32_t)(age / 1000),
		.duration_nsec = (uint32_t)(age % 1000 * 1000000),
	};
	struct wire_out bands;

	meter_get_counts(row->slot, &counts);
	stats.packet_in_count = counts.all.packets;
	stats.byte_in_count = counts.all.bytes;
	wire_out_init(&bands, out->version);
	for (unsigned i = 0; i < row->config.n_bands; i++) {
		struct of_band_counter counter = {
			.packet_count = counts.bands[i].packets,
			.byte_count = counts.bands[i].bytes,
		};

		of_band_counter_encode(&bands, &counter);
	}
	stats.bands = (struct wire_bytes){
		.data = bands.data,
		.n = (uint32_t)bands.n,
		.version = out->version,
	};
	of_meter_stats_encode(out, &stats);
	wire_out_fini(&bands);
}
