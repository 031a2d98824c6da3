/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/saved/restore.h"

#include <stdlib.h>

#include "lib/xmalloc.h"
#include "ofproto/bridge_changes.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/controllers.h"
#include "ofproto/groups/groups.h"
#include "ofproto/meters/meters.h"
#include "ofproto/rules.h"
#include "ofproto/rules_batch.h"
#include "ofproto/saved/saved_priv.h"
#include "ofproto/tables/limits.h"
#include "ofproto/wire/messages.h"

enum {
	METER_DELETE = 2
};

struct restore {
	uint8_t *data;
	size_t n;
	int64_t away_ms;
	struct restore_report report;
};

static void refuse(struct restore *restore, enum of_error error)
{
	struct restore_report *report = &restore->report;

	report->refused++;
	if (!report->first_refusal)
		report->first_refusal = error_name(error);
}

static void count(struct restore *restore, unsigned *restored, enum of_error error)
{
	if (error)
		refuse(restore, error);
	else
		++*restored;
}

/* Tables, meters, groups. */

static void restore_table(struct walk *walk)
{
	struct of_table_mod mod = {.table_id = wire_u8(&walk->body)};

	mod.config = wire_u32(&walk->body);
	mod.properties = walk_take_run(&walk->body);
	if (!walk->body.error)
		limits_mod(walk->bridge, &mod, OF15);
}

static enum of_error restore_meter(struct walk *walk)
{
	struct of_meter_mod mod = {.meter_id = wire_u32(&walk->body)};

	mod.flags = wire_u16(&walk->body);
	mod.bands = walk_take_run(&walk->body);
	return walk->body.error ? walk->body.error : meters_mod(walk->bridge, &mod);
}

static enum of_error restore_group(struct walk *walk)
{
	struct of_group_mod mod = {.group_id = wire_u32(&walk->body)};
	enum of_error error;

	mod.type = wire_u8(&walk->body);
	mod.properties = walk_take_run(&walk->body);
	mod.buckets = walk_take_run(&walk->body);
	mod.command_bucket_id = GROUP_ANY;
	if (walk->body.error)
		return walk->body.error;
	mod.numbered = true;
	error = groups_mod(walk->bridge, &mod);
	if (error)
		return error;
	const struct group *group = groups_find_newest(walk->bridge->groups, mod.group_id);

	for (unsigned i = 0; group && i <= group->n_buckets; i++) {
		group->counts[i].packets = wire_u64(&walk->body);
		group->counts[i].bytes = wire_u64(&walk->body);
	}
	return OF_OK;
}

/* A group may name another one that comes later in the file: once more as long as that helps. */
static void restore_groups(struct restore *restore, struct walk first)
{
	unsigned restored = 0, before;
	enum of_error error;

	do {
		struct walk walk = first;

		before = restored;
		restored = 0;
		error = OF_OK;
		do {
			enum of_error one = OF_OK;

			if (walk.kind != SAVED_GROUP)
				continue;
			one = restore_group(&walk);
			if (one == OF_OK || one == OF_GMFC_GROUP_EXISTS)
				restored++;
			else if (!error)
				error = one;
		} while (walk_next(&walk) && walk.bridge == first.bridge);
	} while (error && restored > before);
	restore->report.groups += restored;
	if (error)
		refuse(restore, error);
}

/* Whoever decides about the rules now did so before. */
static bool is_as_before(const struct walk *walk)
{
	return controllers_decide(walk->bridge) == !!(walk->flags & SAVED_DECIDED);
}

static void restore_section(struct restore *restore, struct walk *walk, struct restore_lists *lists)
{
	struct restore_report *report = &restore->report;

	if (walk->kind == SAVED_OPTIONS)
		restore_options(walk);
	else if (walk->kind == SAVED_TABLE)
		restore_table(walk);
	else if (walk->kind == SAVED_METER)
		count(restore, &report->meters, restore_meter(walk));
	else if (walk->kind == SAVED_ACTIONS)
		restore_actions(lists, walk);
	else if (walk->kind == SAVED_RULE)
		count(restore, &report->rules, restore_rule(walk, lists, restore->away_ms));
}

/* The sections of one bridge, in one change. True: 'walk' is at the next bridge. */
static bool restore_bridge(struct restore *restore, struct walk *walk)
{
	struct bridge *bridge = walk->bridge;
	const struct of_meter_mod all_meters = {.command = METER_DELETE, .meter_id = METER_ID_ALL};
	struct restore_lists lists = {0};
	bool groups_are_there = false, wanted = is_as_before(walk), more;

	if (wanted) {
		restore->report.bridges++;
		bridge_changes_begin();
		groups_clear(bridge);
		rules_delete_all(bridge);
		meters_mod(bridge, &all_meters);
		rules_batch_begin(bridge);
		groups_batch_begin(bridge);
	}
	if (wanted && walk->flags & SAVED_ALONE)
		controllers_stand_alone(bridge);
	while ((more = walk_next(walk)) && walk->kind != SAVED_BRIDGE) {
		if (!wanted)
			continue;
		if (walk->kind == SAVED_GROUP && !groups_are_there) {
			groups_are_there = true;
			restore_groups(restore, *walk);
		}
		restore_section(restore, walk, &lists);
	}
	restore_lists_fini(&lists);
	if (wanted) {
		groups_batch_end(bridge);
		rules_batch_end();
		bridge_changes_end();
	}
	return more;
}

void restore_rules(struct restore *restore)
{
	struct walk walk;
	bool more;

	walk_init(&walk, restore->data, restore->n);
	more = walk_next(&walk);
	while (more)
		more = restore_bridge(restore, &walk);
	restore->report.damaged |= walk.in.error || wire_left(&walk.in);
}

void restore_macs(struct restore *restore)
{
	struct restore_lports lports = {0};
	struct walk walk;

	walk_init(&walk, restore->data, restore->n);
	bridge_changes_begin();
	while (walk_next(&walk)) {
		if (walk.kind == SAVED_BRIDGE)
			lports.n = 0;
		else if (walk.kind == SAVED_LPORT)
			restore_lport(&lports, &walk);
		else if (walk.kind == SAVED_MAC)
			restore->report.macs += restore_mac(&walk, &lports, restore->away_ms);
	}
	bridge_changes_end();
	free(lports.list);
}

struct restore *restore_new(uint8_t *take_data, size_t n, int64_t away_ms)
{
	struct restore *restore = XNEW(struct restore);

	restore->data = take_data;
	restore->n = n;
	restore->away_ms = away_ms < 0 ? 0 : away_ms;
	return restore;
}

void restore_free(struct restore *restore)
{
	if (!restore)
		return;
	free(restore->data);
	free(restore);
}

const struct restore_report *restore_get_report(const struct restore *restore)
{
	return &restore->report;
}
