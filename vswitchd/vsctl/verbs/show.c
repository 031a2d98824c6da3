/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "lib/command.h"
#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/value/datum.h"
#include "lib/types.h"
#include "lib/xmalloc.h"
#include "vswitchd/complaints.h"
#include "vswitchd/vsctl/attr.h"
#include "vswitchd/vsctl/notation.h"
#include "vswitchd/vsctl/request.h"
#include "vswitchd/vsctl/verb.h"

/* The verb show: the configuration as a tree, each interface with its state.  */

enum {
	INDENT = 4,
};

typedef void show_state_fn(const struct db_row *row, struct strbuf *out);

struct level {
	const char *table;
	const char *name; /* the column that names a row */
	const char *columns[6]; /* those that refer to tables of other levels are gone into */
	show_state_fn *state; /* one more line, or NULL */
	const char *faults[3]; /* keys of the status that tell of some */
};

static show_state_fn show_interface;

static const struct level levels[] = {
	{
		.table = "Bridge",
		.name = "name",
		.columns = {"controller", "fail_mode", "datapath_type", "mirrors", "ports"},
		.faults = {"config_error", "alarm"},
	},
	{
		.table = "Port",
		.name = "name",
		.columns = {"tag", "trunks", "vlan_mode", "bond_mode", "interfaces"},
	},
	{
		.table = "Interface",
		.name = "name",
		.columns = {"type", "options", "error"},
		.state = show_interface,
		.faults = {"config_error", "alarm", "device"},
	},
	{
		.table = "Controller",
		.name = "target",
		.columns = {"is_connected", "role"},
		.faults = {"last_error"},
	},
	{
		.table = "Manager",
		.name = "target",
		.columns = {"is_connected"},
		.faults = {"last_error"},
	},
	{.table = "Mirror", .name = "name", .columns = {"select_all", "output_vlan"}},
};

static const struct level *find_level(const struct schema_table *table)
{
	for (size_t i = 0; table && i < sizeof(levels) / sizeof(levels[0]); i++)
		if (!strcmp(levels[i].table, table->name))
			return &levels[i];
	return NULL;
}

/* What the ports have counted, by name, while a tree is printed: the rows are some seconds old. */
static json_t *counted;

static void count_ports(void)
{
	struct command_call call = {.argc = 0};
	struct errbuf err;
	json_t *ports, *port;
	size_t i;

	errbuf_init(&err);
	ports = command_run("ports/show", &call, &err);
	counted = json_object();
	json_array_foreach(ports, i, port)
		json_object_set(counted, json_string_value(json_object_get(port, "name")), port);
	json_decref(ports);
}

/* -1: not known yet. */
static int64_t statistic(const struct db_row *row, const char *key)
{
	const json_t *port = json_object_get(counted, attr_string(row, "name"));
	const json_t *now = json_object_get(port, key);
	const struct datum *map = db_row_get(row, attr_index(db_row_table(row), "statistics"));
	long i = datum_find_string(map, key);

	if (now)
		return json_integer_value(now);
	return i < 0 ? -1 : datum_value(map, (size_t)i)->integer;
}

/* "1.2 kbit/s": three digits are enough to see what is going on. */
static void show_rate(const struct db_row *row, const char *prefix, struct strbuf *out)
{
	static const char *const units[] = {"bit/s", "kbit/s", "Mbit/s", "Gbit/s"};
	struct strbuf key = STRBUF_INIT;
	size_t unit = 0;

	strbuf_addf(&key, "%s_packets_per_second", prefix);
	int64_t packets = statistic(row, strbuf_text(&key));

	strbuf_clear(&key);
	strbuf_addf(&key, "%s_bits_per_second", prefix);
	double bits = (double)statistic(row, strbuf_text(&key));

	strbuf_fini(&key);
	if (packets < 0 || bits < 0)
		return;
	while (bits >= 1000 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		bits /= 1000;
		unit++;
	}
	strbuf_addf(out, " (%" PRId64 " packets/s, %.3g %s)", packets, bits, units[unit]);
}

static void show_direction(const struct db_row *row, const char *prefix, struct strbuf *out)
{
	struct strbuf key = STRBUF_INIT;
	static const char *const counters[] = {"packets", "bytes", "dropped", "errors"};

	strbuf_addf(out, ", %s", prefix);
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
		int64_t value;

		strbuf_clear(&key);
		strbuf_addf(&key, "%s_%s", prefix, counters[i]);
		value = statistic(row, strbuf_text(&key));
		/* Drops and errors are worth a word only when there are some. */
		if (i < 2 || value > 0)
			strbuf_addf(
				out,
				"%s %" PRId64 " %s",
				i ? "," : "",
				value > 0 ? value : 0,
				counters[i]
			);
	}
	show_rate(row, prefix, out);
	strbuf_fini(&key);
}

static const char *status(const struct db_row *row, const char *key)
{
	const struct datum *map = db_row_get(row, attr_index(db_row_table(row), "status"));
	long i = datum_find_string(map, key);

	return i < 0 ? NULL : datum_value(map, (size_t)i)->string->bytes;
}

static void show_interface(const struct db_row *row, struct strbuf *out)
{
	int64_t ofport = attr_integer(row, "ofport");

	if (!attr_count(row, "ofport")) {
		strbuf_add(out, "not added yet");
		return;
	}
	if (ofport < 0) {
		strbuf_add(out, "failed");
		return;
	}
	strbuf_addf(out, "port %" PRId64, ofport);
	if (attr_count(row, "link_state")) {
		strbuf_addf(out, ", %s", attr_string(row, "link_state"));
		/* What a guest that has no link waits for, or is waited for. */
		if (strcmp(attr_string(row, "link_state"), "up") && status(row, "handshake"))
			strbuf_addf(out, " (%s)", status(row, "handshake"));
	}
	if (attr_count(row, "mtu"))
		strbuf_addf(out, ", mtu %" PRId64, attr_integer(row, "mtu"));
	show_direction(row, "rx", out);
	show_direction(row, "tx", out);
	if (status(row, "neighbor") && status(row, "neighbor_port"))
		strbuf_addf(
			out,
			", linked to %s port %s",
			status(row, "neighbor"),
			status(row, "neighbor_port")
		);
}

static void indent(struct strbuf *out, int depth)
{
	strbuf_addf(out, "%*s", depth * INDENT, "");
}

static int compare_rows(const void *a, const void *b)
{
	const struct db_row *const *x = a, *const *y = b;
	const struct level *level = find_level(db_table_schema(db_row_table(*x)));

	return strcmp(attr_string(*x, level->name), attr_string(*y, level->name));
}

static const struct schema_table *refers_to(const struct schema_column *column)
{
	return column->type.is_map ? column->type.value.ref : column->type.key.ref;
}

/* A level's rows, to be shown: those that 'column' of 'row' refers to, by name. */
static struct db_row **
sort_refs(const struct db_row *row, const struct schema_column *column, size_t *n)
{
	size_t count = db_row_count(row, column->index);
	struct db_row **rows = XNEW_N(struct db_row *, count + 1);

	*n = 0;
	for (size_t i = 0; i < count; i++) {
		rows[*n] = db_row_ref_at(row, column->index, i);
		if (rows[*n])
			++*n;
	}
	if (*n)
		qsort(rows, *n, sizeof(*rows), compare_rows);
	return rows;
}

static void show_value(
	const struct db_row *row, const struct schema_column *column, int depth, struct strbuf *out
)
{
	const struct datum *value = db_row_get(row, column->index);

	if (datum_equal(value, column->default_datum, &column->type))
		return;
	indent(out, depth);
	strbuf_addf(out, "%s: ", column->name);
	notation_print(value, &column->type, out);
	strbuf_add_char(out, '\n');
}

static void show_fault(const char *kind, const char *text, int depth, struct strbuf *out)
{
	indent(out, depth);
	strbuf_addf(out, "%s: ", kind);
	notation_print_string(text, out);
	strbuf_add_char(out, '\n');
}

static bool is_well(const struct db_row *row)
{
	const char *state = status(row, "state");

	return attr_boolean(row, "is_connected") || (state && !strcmp(state, "LISTENING"));
}

static void
show_row_faults(const struct db_row *row, const struct level *level, int depth, struct strbuf *out)
{
	/* The last error of a connection that works is history, and of who waits to be called. */
	if (!strcmp(level->columns[0], "is_connected") && is_well(row))
		return;
	for (size_t i = 0; i < ARRAY_LENGTH(level->faults); i++) {
		const char *key = level->faults[i];
		const char *text = key ? status(row, key) : NULL;

		if (text)
			show_fault(strcmp(key, "alarm") ? "error" : key, text, depth, out);
	}
}

/* Levels are nested four deep at most: bridge, port, interface. */
static void show_row(const struct db_row *row, int depth, struct strbuf *out);

static void show_column(
	const struct db_row *row, const struct schema_column *column, int depth, struct strbuf *out
)
{
	struct db_row **rows;
	size_t n;

	if (!find_level(refers_to(column))) {
		show_value(row, column, depth, out);
		return;
	}
	rows = sort_refs(row, column, &n);
	for (size_t i = 0; i < n; i++)
		show_row(rows[i], depth, out);
	free(rows);
}

static void show_row(const struct db_row *row, int depth, struct strbuf *out)
{
	const struct schema_table *schema = db_table_schema(db_row_table(row));
	const struct level *level = find_level(schema);

	indent(out, depth);
	strbuf_addf(out, "%s ", schema->name);
	notation_print_string(attr_string(row, level->name), out);
	strbuf_add_char(out, '\n');
	show_row_faults(row, level, depth + 1, out);
	for (size_t i = 0; i < sizeof(level->columns) / sizeof(level->columns[0]); i++)
		if (level->columns[i])
			show_column(
				row, schema_find_column(schema, level->columns[i]), depth + 1, out
			);
	if (level->state) {
		indent(out, depth + 1);
		strbuf_add(out, "state: ");
		level->state(row, out);
		strbuf_add_char(out, '\n');
	}
}

static void show_fault_of_switch(void *call, const char *what, const char *text)
{
	show_fault("error", text, 1, &((struct call *)call)->out);
}

/* What is wrong with settings of the switch as a whole. */
static void show_faults(const struct db_row *root, struct call *call)
{
	char *complaints = complaints_find(root, "Open_vSwitch", "Open_vSwitch");

	if (complaints)
		show_fault("error", complaints, 1, &call->out);
	free(complaints);
	complaints_foreach_of_switch(0, show_fault_of_switch, call);
}

static int show(struct call *call, struct errbuf *err)
{
	static const char *const columns[] = {"manager_options", "bridges", "ovs_version"};
	const struct db_row *root = request_root(call->request);
	const struct schema_table *schema = db_table_schema(db_row_table(root));
	char uuid[UUID_TEXT_LENGTH + 1];

	count_ports();
	uuid_format(db_row_uuid(root), uuid);
	strbuf_addf(&call->out, "%s\n", uuid);
	show_faults(root, call);
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		show_column(root, schema_find_column(schema, columns[i]), 1, &call->out);
	json_decref(counted);
	counted = NULL;
	return 0;
}

static const struct verb verb_show = {
	.name = "show",
	.group = "Switch",
	.usage = "",
	.run = show,
	.help = "print the switch: bridges, ports, their state",
};
REGISTRY_ADD(verb, verb_show);
