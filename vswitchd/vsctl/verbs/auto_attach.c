/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/value/datum.h"
#include "lib/ovsdb/value/db_error.h"
#include "vswitchd/vsctl/attr.h"
#include "vswitchd/vsctl/model.h"
#include "vswitchd/vsctl/request.h"
#include "vswitchd/vsctl/verb.h"

/* Verbs about which service (I-SID) each VLAN of a bridge is attached to.  */

static int parse_number(const char *text, long max, const char *what, long *n, struct errbuf *err)
{
	char *end;

	*n = strtol(text, &end, 10);
	if (end == text || *end || *n < 0 || *n > max)
		return errbuf_set(
			err, -EINVAL, "%s: %s must be between 0 and %ld", text, what, max
		);
	return 0;
}

static int parse_mapping(const struct call *call, union atom pair[2], struct errbuf *err)
{
	long isid, vlan;
	int error = parse_number(call->args[1], 16777215, "the I-SID", &isid, err);

	if (!error)
		error = parse_number(call->args[2], 4095, "the VLAN", &vlan, err);
	if (error)
		return error;
	pair[0].integer = isid;
	pair[1].integer = vlan;
	return 0;
}

static void
change_mapping(struct request *request, struct db_row *row, const union atom pair[2], bool add)
{
	unsigned column = attr_index(db_row_table(row), "mappings");
	const struct column_type *type = &db_table_schema(db_row_table(row))->columns[column].type;
	const struct datum *old = db_row_get(row, column);
	struct datum *one = datum_new(type, 1);
	struct db_error err;

	db_error_init(&err);
	one->atoms[0] = pair[0];
	one->atoms[1] = pair[1];
	one = datum_finish(one, type, &err);
	request_set(
		request,
		row,
		column,
		add ? datum_union(one, old, type) : datum_subtract(old, one, type)
	);
	datum_unref(one);
}

static int add_mapping(struct call *call, struct errbuf *err)
{
	struct db_row *bridge, *row;
	union atom pair[2];
	int error = model_get_real_bridge(call->request, call->args[0], &bridge, err);

	if (!error)
		error = parse_mapping(call, pair, err);
	if (error)
		return error;
	row = attr_ref_at(bridge, "auto_attach", 0);
	if (!row) {
		row = request_insert(call->request, "AutoAttach", NULL);
		attr_set(call->request, bridge, "auto_attach", datum_new_uuid(db_row_uuid(row)));
	}
	change_mapping(call->request, row, pair, true);
	return 0;
}

static int del_mapping(struct call *call, struct errbuf *err)
{
	struct db_row *bridge, *row;
	union atom pair[2];
	int error = model_get_real_bridge(call->request, call->args[0], &bridge, err);

	if (!error)
		error = parse_mapping(call, pair, err);
	if (error)
		return error;
	row = attr_ref_at(bridge, "auto_attach", 0);
	if (row)
		change_mapping(call->request, row, pair, false);
	return 0;
}

static int get_mapping(struct call *call, struct errbuf *err)
{
	const struct datum *map;
	const struct db_row *row;
	struct db_row *bridge;
	int error = model_get_real_bridge(call->request, call->args[0], &bridge, err);

	if (error)
		return error;
	row = attr_ref_at(bridge, "auto_attach", 0);
	if (!row)
		return 0;
	map = db_row_get(row, attr_index(db_row_table(row), "mappings"));
	for (size_t i = 0; i < map->n; i++)
		strbuf_addf(
			&call->out,
			"%" PRId64 " %" PRId64 "\n",
			datum_key(map, i)->integer,
			datum_value(map, i)->integer
		);
	return 0;
}

static const struct verb verb_add_mapping = {
	.name = "add-aa-mapping",
	.group = "Auto attach",
	.usage = "BRIDGE I-SID VLAN",
	.takes = "bridge new",
	.min_args = 3,
	.max_args = 3,
	.run = add_mapping,
	.help = "attach a VLAN of the bridge to a service",
};
REGISTRY_ADD(verb, verb_add_mapping);

static const struct verb verb_del_mapping = {
	.name = "del-aa-mapping",
	.group = "Auto attach",
	.usage = "BRIDGE I-SID VLAN",
	.takes = "bridge new",
	.min_args = 3,
	.max_args = 3,
	.run = del_mapping,
	.help = "detach it",
};
REGISTRY_ADD(verb, verb_del_mapping);

static const struct verb verb_get_mapping = {
	.name = "get-aa-mapping",
	.group = "Auto attach",
	.usage = "BRIDGE",
	.takes = "bridge",
	.min_args = 1,
	.max_args = 1,
	.run = get_mapping,
	.help = "print what is attached",
};
REGISTRY_ADD(verb, verb_get_mapping);
