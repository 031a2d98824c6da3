/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/tables/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/xmalloc.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/async.h"
#include "ofproto/rules.h"
#include "ofproto/rules_batch.h"
#include "ofproto/tables/eviction.h"
#include "ofproto/wire/messages.h"

enum {
	VISIBLE = TABLES_N - 1,
	CONFIG_DEPRECATED = 3,
	CONFIG_EVICTION = 4,
	CONFIG_VACANCY = 8,
	PROPERTY_EVICTION = 2,
	PROPERTY_VACANCY = 3,
	EVICTION_FLAGS = 1 | 2 | 4,
	EVICTION_OURS = 2 | 4, /* by importance, then by what is left of the lifetime */
	VACANCY_DOWN = 3, /* reasons of table_status */
	VACANCY_UP = 4,
	PERCENT = 100,
	ROOM_PART = 4, /* a table with a fourth of it free has room */
};

struct limits {
	unsigned n_watched; /* tables with vacancy events */
	struct limit {
		char name[LIMITS_NAME_SIZE];
		uint32_t max_rules;
		bool evicts; /* the administrator says so */
		struct eviction_fields groups;
		uint32_t config; /* CONFIG_*, a controller's */
		uint8_t vacancy_down, vacancy_up; /* percent that are free */
		bool is_low; /* it was told to be */
	} tables[TABLES_N];
	/* Of tables that are nearly full and evict; no part of a copy. */
	unsigned n_evictions;
	struct eviction *evictions[TABLES_N];
};

struct limits *limits_new(void)
{
	struct limits *limits = XNEW(struct limits);

	for (unsigned i = 0; i < TABLES_N; i++)
		limits->tables[i].max_rules = RULES_MAX;
	return limits;
}

static void forget_eviction(struct limits *limits, unsigned table)
{
	limits->n_evictions -= limits->evictions[table] != NULL;
	eviction_free(limits->evictions[table]);
	limits->evictions[table] = NULL;
}

void limits_free(struct limits *limits)
{
	for (unsigned i = 0; limits && i < TABLES_N; i++)
		forget_eviction(limits, i);
	free(limits);
}

struct limits *limits_copy(const struct limits *limits)
{
	struct limits *copy = XNEW(struct limits);

	*copy = *limits;
	copy->n_evictions = 0;
	memset(copy->evictions, 0, sizeof(copy->evictions));
	return copy;
}

void limits_go_back(struct limits *limits, struct limits *take_copy)
{
	take_copy->n_evictions = limits->n_evictions;
	memcpy(take_copy->evictions, limits->evictions, sizeof(limits->evictions));
	*limits = *take_copy;
	free(take_copy);
}

uint32_t limits_get(const struct limits *limits, uint8_t table)
{
	return limits->tables[table].max_rules;
}

const char *limits_name(const struct limits *limits, uint8_t table)
{
	return limits->tables[table].name;
}

uint32_t limits_config(const struct limits *limits, uint8_t table)
{
	return limits->tables[table].config;
}

/* Evicting. */

static struct eviction *get_eviction(struct bridge *bridge, uint8_t table, bool timed_only)
{
	struct limits *limits = bridge->limits;
	const struct eviction_fields *groups = &limits->tables[table].groups;
	struct eviction *eviction = limits->evictions[table];

	if (eviction && eviction_is_by(eviction, groups, timed_only))
		return eviction;
	forget_eviction(limits, table);
	limits->n_evictions++;
	limits->evictions[table] = eviction_new(bridge->tables, table, groups, timed_only);
	return limits->evictions[table];
}

/* Up to 'n' rules go. Returns how many did. */
static unsigned evict(struct bridge *bridge, uint8_t table, unsigned n)
{
	const struct limit *limit = &bridge->limits->tables[table];
	/* What the administrator allows does not touch rules that are meant to stay. */
	bool timed_only = !(limit->config & CONFIG_EVICTION);
	struct eviction *eviction;
	unsigned n_gone = 0;
	struct rule *rule;

	if (!limit->evicts && timed_only)
		return 0;
	eviction = get_eviction(bridge, table, timed_only);
	rules_batch_begin(bridge);
	for (; n_gone < n && (rule = eviction_next(eviction)); n_gone++)
		rules_batch_del(rule, RULE_END_EVICTED);
	rules_batch_end();
	return n_gone;
}

void limits_rule_came(const struct bridge *bridge, struct rule *rule)
{
	struct eviction *eviction = bridge->limits->evictions[rule->table];

	if (eviction)
		eviction_add(eviction, rule);
}

void limits_rule_goes(const struct bridge *bridge, const struct rule *rule)
{
	struct eviction *eviction = bridge->limits->evictions[rule->table];

	if (eviction)
		eviction_del(eviction, rule);
}

/* Where there is room again nobody needs to know who would go. */
static void forget_evictions(const struct bridge *bridge)
{
	struct limits *limits = bridge->limits;

	for (unsigned i = 0; limits->n_evictions && i < TABLES_N; i++) {
		uint32_t max = limits->tables[i].max_rules;

		if (tables_count(bridge->tables, (uint8_t)i) < max - max / ROOM_PART)
			forget_eviction(limits, i);
	}
}

static unsigned count_too_many(const struct bridge *bridge, uint8_t table, uint32_t max)
{
	uint32_t n = tables_count(bridge->tables, table);

	return n > max ? n - max : 0;
}

enum of_error limits_make_room(struct bridge *bridge, uint8_t table)
{
	uint32_t max = limits_get(bridge->limits, table);
	unsigned n;

	if (!max)
		return OF_FMFC_TABLE_FULL;
	n = count_too_many(bridge, table, max - 1);
	return evict(bridge, table, n) < n ? OF_FMFC_TABLE_FULL : OF_OK;
}

/* Vacancy. */

static unsigned vacancy(const struct bridge *bridge, uint8_t table)
{
	uint32_t max = limits_get(bridge->limits, table);
	uint32_t n = tables_count(bridge->tables, table);

	return n >= max ? 0 : (unsigned)((uint64_t)(max - n) * PERCENT / max);
}

static void put_property(struct wire_out *out, uint16_t type)
{
	wire_put_u16(out, type);
	wire_put_u16(out, 8);
}

void limits_describe(
	const struct bridge *bridge,
	uint8_t table,
	struct of_table_desc *desc,
	struct wire_out *properties
)
{
	const struct limit *limit = &bridge->limits->tables[table];

	*desc = (struct of_table_desc){.table_id = table, .config = limit->config};
	put_property(properties, PROPERTY_EVICTION);
	wire_put_u32(properties, EVICTION_OURS);
	if (limit->config & CONFIG_VACANCY) {
		put_property(properties, PROPERTY_VACANCY);
		wire_put_u8(properties, limit->vacancy_down);
		wire_put_u8(properties, limit->vacancy_up);
		wire_put_u8(properties, (uint8_t)vacancy(bridge, table));
		wire_put_u8(properties, 0);
	}
	desc->properties = (struct wire_bytes){
		.data = properties->data,
		.n = (uint32_t)properties->n,
		.version = properties->version,
	};
}

static void tell(struct bridge *bridge, uint8_t table, unsigned reason)
{
	struct of_table_status status = {.reason = (uint8_t)reason};
	struct wire_out properties;

	wire_out_init(&properties, OF14);
	limits_describe(bridge, table, &status.table, &properties);
	async_send_all(bridge, ASYNC_TABLE_STATUS, reason, &of_table_status_type, &status, NULL);
	wire_out_fini(&properties);
}

static void watch(struct bridge *bridge, uint8_t table)
{
	struct limit *limit = &bridge->limits->tables[table];
	unsigned free_part = vacancy(bridge, table);

	if (!limit->is_low && free_part < limit->vacancy_down) {
		limit->is_low = true;
		tell(bridge, table, VACANCY_DOWN);
	} else if (limit->is_low && free_part > limit->vacancy_up) {
		limit->is_low = false;
		tell(bridge, table, VACANCY_UP);
	}
}

void limits_changed(struct bridge *bridge)
{
	const struct limits *limits = bridge->limits;

	forget_evictions(bridge);
	if (!limits->n_watched)
		return;
	for (unsigned i = 0; i < VISIBLE; i++)
		if (limits->tables[i].config & CONFIG_VACANCY)
			watch(bridge, (uint8_t)i);
}

/* Setting. */

void limits_apply(struct bridge *bridge, const struct bridge_table_config *tables, unsigned n)
{
	struct limits *limits = bridge->limits;

	for (unsigned i = 0; i < TABLES_N; i++) {
		limits->tables[i].name[0] = '\0';
		limits->tables[i].max_rules = RULES_MAX;
		limits->tables[i].evicts = false;
		limits->tables[i].groups.n = 0;
	}
	for (unsigned i = 0; i < n; i++) {
		const struct bridge_table_config *config = &tables[i];
		struct limit *limit = &limits->tables[config->number];

		snprintf(limit->name, sizeof(limit->name), "%s", config->name);
		limit->evicts = config->evicts;
		if (config->groups)
			limit->groups = *config->groups;
		if (config->max_rules < RULES_MAX)
			limit->max_rules = config->max_rules;
		unsigned surplus = count_too_many(bridge, config->number, limit->max_rules);

		if (surplus)
			evict(bridge, config->number, surplus);
	}
	limits_changed(bridge);
}

struct wish {
	bool has_vacancy;
	uint8_t vacancy_down, vacancy_up;
};

static enum of_error read_property(struct wish *wish, uint16_t type, struct wire_in *in)
{
	if (type != PROPERTY_EVICTION && type != PROPERTY_VACANCY)
		return OF_BPC_BAD_TYPE;
	if (wire_left(in) != 4)
		return OF_BPC_BAD_LEN;
	if (type == PROPERTY_EVICTION)
		return wire_u32(in) & ~(uint32_t)EVICTION_FLAGS ? OF_BPC_BAD_VALUE : OF_OK;
	wish->has_vacancy = true;
	wish->vacancy_down = wire_u8(in);
	wish->vacancy_up = wire_u8(in);
	return wish->vacancy_up > PERCENT || wish->vacancy_down > wish->vacancy_up
		? OF_BPC_BAD_VALUE
		: OF_OK;
}

static void set(struct bridge *bridge, uint8_t table, uint32_t config, const struct wish *wish)
{
	struct limits *limits = bridge->limits;
	struct limit *limit = &limits->tables[table];

	limits->n_watched -= !!(limit->config & CONFIG_VACANCY);
	limits->n_watched += !!(config & CONFIG_VACANCY);
	if (wish->has_vacancy) {
		limit->vacancy_down = wish->vacancy_down;
		limit->vacancy_up = wish->vacancy_up;
	}
	limit->config = config;
	/* Who asks about a table that is nearly full hears when there is room. */
	limit->is_low = vacancy(bridge, table) < limit->vacancy_up;
}

enum of_error limits_mod(struct bridge *bridge, const struct of_table_mod *mod, uint8_t version)
{
	const struct wire_bytes *bytes = &mod->properties;
	struct wire_in list = wire_in(bytes->data, bytes->n, bytes->version), body;
	uint32_t known = CONFIG_DEPRECATED;
	enum of_error error = OF_OK;
	struct wish wish = {0};
	uint16_t type;

	if (version >= OF14)
		known |= CONFIG_EVICTION | CONFIG_VACANCY;
	if (mod->table_id >= VISIBLE && mod->table_id != RULES_TABLE_ALL)
		return OF_TMFC_BAD_TABLE;
	if (mod->config & ~known)
		return OF_TMFC_BAD_CONFIG;
	while (!error && wire_property(&list, &type, &body))
		error = read_property(&wish, type, &body);
	if (error || list.error)
		return error ? error : list.error;
	for (unsigned i = 0; version >= OF14 && i < VISIBLE; i++)
		if (mod->table_id == RULES_TABLE_ALL || mod->table_id == i)
			set(bridge, (uint8_t)i, mod->config & ~(uint32_t)CONFIG_DEPRECATED, &wish);
	return OF_OK;
}
