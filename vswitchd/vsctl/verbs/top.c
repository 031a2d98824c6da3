/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "lib/command.h"
#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_row.h"
#include "lib/xmalloc.h"
#include "vswitchd/vsctl/attr.h"
#include "vswitchd/vsctl/request.h"
#include "vswitchd/vsctl/verb.h"

/* The verb top: what is going on now: the workers' load, the busiest ports, who loses packets.  */

enum {
	SHOWN = 15, /* ports, and drops */
};

struct traffic {
	const struct db_row *row;
	int64_t rates[4]; /* received packets and bits, sent packets and bits */
	int64_t dropped;
};

/* The answer of a command without arguments; NULL where nobody can give it. */
static json_t *ask(const char *name)
{
	struct command_call call = {.argc = 0};
	struct errbuf err;

	errbuf_init(&err);
	return command_run(name, &call, &err);
}

static double real_of(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

static json_int_t integer_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static void show_workers(struct strbuf *out)
{
	json_t *workers = ask("workers/show");

	strbuf_add(
		out,
		"WORKER  CORE  QUEUES   LOAD  CYCLES/PKT  PKTS/BATCH       MISSES         LOST\n"
	);
	for (size_t i = 0; i < json_array_size(workers); i++) {
		const json_t *one = json_array_get(workers, i);

		strbuf_addf(
			out,
			"%6d  %4d  %6d  %4.0f%%  %10.1f  %10.1f  %11" JSON_INTEGER_FORMAT
			"  %11" JSON_INTEGER_FORMAT "\n",
			(int)integer_of(one, "worker"),
			(int)integer_of(one, "core"),
			(int)integer_of(one, "queues"),
			real_of(one, "load_percent"),
			real_of(one, "cycles_per_packet"),
			real_of(one, "packets_per_batch"),
			integer_of(one, "misses"),
			integer_of(one, "lost")
		);
	}
	json_decref(workers);
}

static struct traffic read_traffic(const struct db_row *row)
{
	static const char *const names[] = {
		"rx_packets_per_second",
		"rx_bits_per_second",
		"tx_packets_per_second",
		"tx_bits_per_second",
	};
	json_t *statistics = db_row_map_json(row, attr_index(db_row_table(row), "statistics"));
	struct traffic traffic = {.row = row};

	for (unsigned i = 0; i < 4; i++)
		traffic.rates[i] = integer_of(statistics, names[i]);
	traffic.dropped =
		integer_of(statistics, "rx_dropped") + integer_of(statistics, "tx_dropped");
	json_decref(statistics);
	return traffic;
}

static int busiest_first(const void *a, const void *b)
{
	const struct traffic *x = a, *y = b;
	int64_t mine = x->rates[0] + x->rates[2], other = y->rates[0] + y->rates[2];

	if (mine != other)
		return mine < other ? 1 : -1;
	return strcmp(attr_string(x->row, "name"), attr_string(y->row, "name"));
}

static void show_ports(struct db *db, struct strbuf *out)
{
	struct db_table *table = db_find_table(db, "Interface");
	struct traffic *all = XNEW_N(struct traffic, db_table_count(table) + 1);
	size_t n = 0;

	DB_ROW_FOREACH(row, table)
		all[n++] = read_traffic(row);
	qsort(all, n, sizeof(all[0]), busiest_first);
	strbuf_add(
		out,
		"\nPORT                   RX PKT/S    RX MBIT/S     TX PKT/S    TX MBIT/S      DROPPED\n"
	);
	for (size_t i = 0; i < n && i < SHOWN; i++)
		strbuf_addf(
			out,
			"%-18.18s %12" PRId64 " %12.1f %12" PRId64 " %12.1f %12" PRId64 "\n",
			attr_string(all[i].row, "name"),
			all[i].rates[0],
			(double)all[i].rates[1] / 1e6,
			all[i].rates[2],
			(double)all[i].rates[3] / 1e6,
			all[i].dropped
		);
	if (n > SHOWN)
		strbuf_addf(out, "and %zu more\n", n - SHOWN);
	free(all);
}

static void show_drops(struct strbuf *out)
{
	json_t *drops = ask("drops/show");

	if (json_array_size(drops))
		strbuf_add(out, "\nPORT               DROPPED BECAUSE              PACKETS\n");
	for (size_t i = 0; i < json_array_size(drops) && i < SHOWN; i++) {
		const json_t *one = json_array_get(drops, i);

		strbuf_addf(
			out,
			"%-18.18s %-20.20s %15" JSON_INTEGER_FORMAT "\n",
			json_string_value(json_object_get(one, "port")),
			json_string_value(json_object_get(one, "reason")),
			integer_of(one, "packets")
		);
	}
	json_decref(drops);
}

static int top(struct call *call, struct errbuf *err)
{
	show_workers(&call->out);
	show_ports(call->request->db, &call->out);
	show_drops(&call->out);
	return 0;
}

static const struct verb verb_top = {
	.name = "top",
	.group = "Switch",
	.usage = "",
	.run = top,
	.help = "show the workers' load, the busiest ports and what is dropped",
};
REGISTRY_ADD(verb, verb_top);
