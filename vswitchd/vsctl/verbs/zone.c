/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/value/datum.h"
#include "lib/ovsdb/value/db_error.h"
#include "vswitchd/vsctl/assignment.h"
#include "vswitchd/vsctl/attr.h"
#include "vswitchd/vsctl/request.h"
#include "vswitchd/vsctl/verb.h"

/* Verbs about datapaths: zones of connection tracking, capabilities.  */

/* The value that a map of references has under 'key', or NULL. */
static struct db_row *
find_ref(const struct db_row *row, const char *column, const union atom *key, enum atom_type type)
{
	const struct datum *map = db_row_get(row, attr_index(db_row_table(row), column));
	long i = datum_find(map, key, type);

	return i < 0 ? NULL : attr_ref_at(row, column, (size_t)i);
}

static struct db_row *get_datapath(struct call *call, struct errbuf *err)
{
	const struct db_row *root = request_root(call->request);
	const struct datum *map = db_row_get(root, attr_index(db_row_table(root), "datapaths"));
	long i = datum_find_string(map, call->args[0]);

	if (i >= 0)
		return attr_ref_at(root, "datapaths", (size_t)i);
	errbuf_set(err, -ENOENT, "datapath \"%s\" record not found", call->args[0]);
	return NULL;
}

static int parse_zone(const char *text, int64_t *zone, struct errbuf *err)
{
	const char *digits = strncmp(text, "zone=", 5) ? text : text + 5;
	char *end;

	*zone = strtol(digits, &end, 10);
	if (end == digits || *end || *zone < 0 || *zone > 65535)
		return errbuf_set(
			err, -EINVAL, "%s: write zone=N with N between 0 and 65535", text
		);
	return 0;
}

static struct db_row *find_zone(const struct db_row *datapath, int64_t zone)
{
	union atom key = {.integer = zone};

	return find_ref(datapath, "ct_zones", &key, ATOM_INTEGER);
}

/* Sets 'zone' of the map to 'row', or removes it with 'row' NULL. */
static void
set_zone(struct request *request, struct db_row *datapath, int64_t zone, const struct db_row *row)
{
	unsigned column = attr_index(db_row_table(datapath), "ct_zones");
	const struct column_type *type =
		&db_table_schema(db_row_table(datapath))->columns[column].type;
	const struct datum *old = db_row_get(datapath, column);
	struct datum *pair = datum_new(type, 1), *rest;
	struct datum *key = datum_new_integer(zone);
	struct db_error err;

	db_error_init(&err);
	pair->atoms[0].integer = zone;
	pair->atoms[1].uuid = row ? *db_row_uuid(row) : (struct uuid){0};
	pair = datum_finish(pair, type, &err);
	rest = datum_subtract(old, key, type);
	request_set(
		request, datapath, column, row ? datum_union(pair, rest, type) : datum_ref(rest)
	);
	datum_unref(key);
	datum_unref(pair);
	datum_unref(rest);
}

static struct db_row *
get_or_add_zone(struct request *request, struct db_row *datapath, int64_t zone)
{
	struct db_row *row = find_zone(datapath, zone);

	if (!row) {
		row = request_insert(request, "CT_Zone", NULL);
		set_zone(request, datapath, zone, row);
	}
	return row;
}

static bool has_anything(const struct db_row *zone)
{
	return attr_count(zone, "timeout_policy") || attr_count(zone, "limit");
}

static int add_zone_tp(struct call *call, struct errbuf *err)
{
	struct request *request = call->request;
	struct db_row *datapath = get_datapath(call, err), *row, *policy;
	int64_t zone;
	int error = datapath ? parse_zone(call->args[1], &zone, err) : -ENOENT;

	if (error)
		return error;
	row = find_zone(datapath, zone);
	if (row && attr_count(row, "timeout_policy")) {
		if (call_option(call, "--may-exist"))
			return 0;
		return errbuf_set(err, -EEXIST, "zone id %" PRId64 " already exists", zone);
	}
	policy = request_insert(request, "CT_Timeout_Policy", NULL);
	for (int i = 2; i < call->n_args && !error; i++) {
		struct strbuf text = STRBUF_INIT;

		strbuf_addf(&text, "timeouts:%s", call->args[i]);
		error = assignment_apply(request, policy, strbuf_text(&text), err);
		strbuf_fini(&text);
	}
	if (error)
		return error;
	row = get_or_add_zone(request, datapath, zone);
	attr_set(request, row, "timeout_policy", datum_new_uuid(db_row_uuid(policy)));
	return 0;
}

/* Empties 'column' of the zone, and drops the zone if nothing is left in it. */
static int clear_zone(struct call *call, const char *column, struct errbuf *err)
{
	struct request *request = call->request;
	struct db_row *datapath = get_datapath(call, err), *row;
	int64_t zone;
	int error = datapath ? parse_zone(call->args[1], &zone, err) : -ENOENT;

	if (error)
		return error;
	row = find_zone(datapath, zone);
	if (!row || !attr_count(row, column)) {
		if (call_option(call, "--if-exists"))
			return 0;
		return errbuf_set(err, -ENOENT, "zone id %" PRId64 " does not exist", zone);
	}
	attr_clear(request, row, column);
	if (!has_anything(row)) {
		set_zone(request, datapath, zone, NULL);
		request_delete(request, row);
	}
	return 0;
}

static int del_zone_tp(struct call *call, struct errbuf *err)
{
	return clear_zone(call, "timeout_policy", err);
}

static void print_policy(const struct db_row *policy, struct strbuf *out)
{
	const struct datum *map = db_row_get(policy, attr_index(db_row_table(policy), "timeouts"));

	for (size_t i = 0; i < map->n; i++)
		strbuf_addf(
			out,
			" %s=%" PRId64,
			datum_key(map, i)->string->bytes,
			datum_value(map, i)->integer
		);
}

static int list_zone_tp(struct call *call, struct errbuf *err)
{
	const struct db_row *datapath = get_datapath(call, err);
	const struct datum *zones;

	if (!datapath)
		return -ENOENT;
	zones = db_row_get(datapath, attr_index(db_row_table(datapath), "ct_zones"));
	for (size_t i = 0; i < zones->n; i++) {
		const struct db_row *row = attr_ref_at(datapath, "ct_zones", i);
		const struct db_row *policy = row ? attr_ref_at(row, "timeout_policy", 0) : NULL;

		if (row && !policy && attr_count(row, "limit"))
			continue;
		strbuf_addf(
			&call->out,
			"Zone:%" PRId64 ", Timeout Policies:",
			datum_key(zones, i)->integer
		);
		if (policy)
			print_policy(policy, &call->out);
		else
			strbuf_add(&call->out, " system default");
		strbuf_add_char(&call->out, '\n');
	}
	return 0;
}

static int set_zone_limit(struct call *call, struct errbuf *err)
{
	struct request *request = call->request;
	struct db_row *datapath = get_datapath(call, err), *row;
	const char *text = call->args[2];
	int64_t zone;
	char *end;
	long long limit = strtoll(text, &end, 10);

	if (!datapath)
		return -ENOENT;
	if (end == text || *end || limit < 0 || limit > UINT32_MAX)
		return errbuf_set(
			err, -EINVAL, "%s: the limit is a number of connections, 0 for none", text
		);
	if (!strcmp(call->args[1], "default")) {
		attr_set(request, datapath, "ct_zone_default_limit", datum_new_integer(limit));
		return 0;
	}
	if (parse_zone(call->args[1], &zone, err))
		return -EINVAL;
	row = get_or_add_zone(request, datapath, zone);
	attr_set(request, row, "limit", datum_new_integer(limit));
	return 0;
}

static int del_zone_limit(struct call *call, struct errbuf *err)
{
	struct db_row *datapath = get_datapath(call, err);

	if (!datapath)
		return -ENOENT;
	if (!strcmp(call->args[1], "default")) {
		attr_clear(call->request, datapath, "ct_zone_default_limit");
		return 0;
	}
	return clear_zone(call, "limit", err);
}

static int list_zone_limits(struct call *call, struct errbuf *err)
{
	const struct db_row *datapath = get_datapath(call, err);
	const struct datum *zones;

	if (!datapath)
		return -ENOENT;
	if (attr_count(datapath, "ct_zone_default_limit"))
		strbuf_addf(
			&call->out,
			"Default limit: %" PRId64 "\n",
			attr_integer(datapath, "ct_zone_default_limit")
		);
	zones = db_row_get(datapath, attr_index(db_row_table(datapath), "ct_zones"));
	for (size_t i = 0; i < zones->n; i++) {
		const struct db_row *row = attr_ref_at(datapath, "ct_zones", i);

		if (row && attr_count(row, "limit"))
			strbuf_addf(
				&call->out,
				"Zone: %" PRId64 ", Limit: %" PRId64 "\n",
				datum_key(zones, i)->integer,
				attr_integer(row, "limit")
			);
	}
	return 0;
}

static int list_dp_cap(struct call *call, struct errbuf *err)
{
	const struct db_row *datapath = get_datapath(call, err);
	const struct datum *map;

	if (!datapath)
		return -ENOENT;
	map = db_row_get(datapath, attr_index(db_row_table(datapath), "capabilities"));
	for (size_t i = 0; i < map->n; i++)
		strbuf_addf(
			&call->out,
			"%s%s=%s",
			i ? ", " : "",
			datum_key(map, i)->string->bytes,
			datum_value(map, i)->string->bytes
		);
	strbuf_add_char(&call->out, '\n');
	return 0;
}

static const struct verb verb_add_zone_tp = {
	.name = "add-zone-tp",
	.group = "Connection tracking",
	.usage = "DATAPATH zone=ZONE STATE=SECONDS...",
	.options = "--may-exist",
	.min_args = 2,
	.max_args = VERB_ANY,
	.run = add_zone_tp,
	.help = "say how long connections of a zone are remembered",
};
REGISTRY_ADD(verb, verb_add_zone_tp);

static const struct verb verb_del_zone_tp = {
	.name = "del-zone-tp",
	.group = "Connection tracking",
	.usage = "DATAPATH zone=ZONE",
	.options = "--if-exists",
	.min_args = 2,
	.max_args = 2,
	.run = del_zone_tp,
	.help = "delete the timeouts of a zone",
};
REGISTRY_ADD(verb, verb_del_zone_tp);

static const struct verb verb_list_zone_tp = {
	.name = "list-zone-tp",
	.group = "Connection tracking",
	.usage = "DATAPATH",
	.min_args = 1,
	.max_args = 1,
	.run = list_zone_tp,
	.help = "print the timeouts of all zones",
};
REGISTRY_ADD(verb, verb_list_zone_tp);

static const struct verb verb_set_zone_limit = {
	.name = "set-zone-limit",
	.group = "Connection tracking",
	.usage = "DATAPATH ZONE|default LIMIT",
	.min_args = 3,
	.max_args = 3,
	.run = set_zone_limit,
	.help = "bound the number of connections of a zone",
};
REGISTRY_ADD(verb, verb_set_zone_limit);

static const struct verb verb_del_zone_limit = {
	.name = "del-zone-limit",
	.group = "Connection tracking",
	.usage = "DATAPATH ZONE|default",
	.options = "--if-exists",
	.min_args = 2,
	.max_args = 2,
	.run = del_zone_limit,
	.help = "delete the limit of a zone",
};
REGISTRY_ADD(verb, verb_del_zone_limit);

static const struct verb verb_list_zone_limits = {
	.name = "list-zone-limits",
	.group = "Connection tracking",
	.usage = "DATAPATH",
	.min_args = 1,
	.max_args = 1,
	.run = list_zone_limits,
	.help = "print the limits of all zones",
};
REGISTRY_ADD(verb, verb_list_zone_limits);

static const struct verb verb_list_dp_cap = {
	.name = "list-dp-cap",
	.group = "Switch",
	.usage = "DATAPATH",
	.min_args = 1,
	.max_args = 1,
	.run = list_dp_cap,
	.help = "print what the datapath can do",
};
REGISTRY_ADD(verb, verb_list_dp_cap);
