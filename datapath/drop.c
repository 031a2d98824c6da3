/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/drop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/pages.h"
#include "datapath/port.h"
#include "datapath/worker.h"
#include "lib/command.h"
#include "lib/control/coverage.h"
#include "lib/near.h"
#include "lib/strbuf.h"
#include "lib/types.h"

typedef uint64_t drop_row[DROP_REASONS];

/* One table per worker, the last one is main's; worker writes, main reads. Rows are counted from a base the main thread
 * sets when it gives a port id to a new port. */
static drop_row *tables[WORKERS_MAX + 1];
static drop_row *bases;
static unsigned n_reasons;

static int compare_names(const void *a, const void *b)
{
	const struct drop_reason *const *x = a;
	const struct drop_reason *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static struct drop_reason *sorted[DROP_REASONS];

void drops_init(void)
{
	if (n_reasons)
		return;
	REGISTRY_FOREACH(drop_reason, reason) {
		if (n_reasons == DROP_REASONS)
			abort();
		sorted[n_reasons++] = reason;
	}
	qsort(sorted, n_reasons, sizeof(sorted[0]), compare_names);
	for (unsigned i = 0; i < n_reasons; i++)
		sorted[i]->id = i;
	bases = pages_map(PORT_IDS * sizeof(drop_row), false);
}

const struct drop_reason *drop_reason_of(unsigned id)
{
	return id < n_reasons ? sorted[id] : NULL;
}

const struct drop_reason *drop_reason_find(const char *name, struct errbuf *err)
{
	struct near near;

	near_init(&near, name);
	for (unsigned i = 0; i < n_reasons; i++) {
		if (!strcmp(sorted[i]->name, name))
			return sorted[i];
		near_add(&near, sorted[i]->name);
	}
	near_refuse(
		&near,
		err,
		-ENOENT,
		"there is no drop reason '%.40s' (drops/reasons lists them)",
		name
	);
	return NULL;
}

uint64_t *drops_of_worker(unsigned index)
{
	if (!tables[index])
		tables[index] = pages_map(PORT_IDS * sizeof(drop_row), false);
	return tables[index][0];
}

void drop_count_one(uint16_t port_id, const struct drop_reason *reason)
{
	uint64_t *counts = drops_of_worker(WORKERS_MAX);

	counts[port_id * DROP_REASONS + reason->id]++;
}

static uint64_t sum(uint16_t port_id, unsigned reason)
{
	uint64_t n = 0;

	for (unsigned i = 0; i <= WORKERS_MAX; i++)
		if (tables[i])
			n += __atomic_load_n(&tables[i][port_id][reason], __ATOMIC_RELAXED);
	return n;
}

void drops_reset_port(uint16_t port_id)
{
	for (unsigned i = 0; i < n_reasons; i++)
		bases[port_id][i] = sum(port_id, i);
}

uint64_t drop_count(uint16_t port_id, const struct drop_reason *reason)
{
	return sum(port_id, reason->id) - bases[port_id][reason->id];
}

static void show_port(json_t *all, const char *name, uint16_t port_id)
{
	for (unsigned i = 0; i < n_reasons; i++) {
		uint64_t n = drop_count(port_id, sorted[i]);

		if (!n)
			continue;
		json_array_append_new(
			all,
			json_pack(
				"{s:s, s:s, s:I, s:s}",
				"port",
				name,
				"reason",
				sorted[i]->name,
				"packets",
				(json_int_t)n,
				"help",
				sorted[i]->help
			)
		);
	}
}

/* Packets that died, by reason, of all ports that are open. */
static void add_port_drops(struct port *port, void *counts)
{
	char name[80];

	for (unsigned i = 0; i < n_reasons; i++) {
		snprintf(name, sizeof(name), "drop_%s", sorted[i]->name);
		coverage_add(counts, name, drop_count(port->id, sorted[i]));
	}
}

static void report_coverage(json_t *counts)
{
	port_foreach(add_port_drops, counts);
}
COVERAGE_REPORTER(drop, report_coverage);

static json_t *cmd_drops_show(struct command_call *call, struct errbuf *err)
{
	const struct port *only = NULL;

	if (call->argc) {
		only = port_find(call->argv[0]);
		if (!only) {
			errbuf_set(err, -ENOENT, "there is no port named '%s'", call->argv[0]);
			return NULL;
		}
	}
	json_t *all = json_array();

	for (unsigned id = 0; id < PORT_IDS; id++) {
		const struct port *port = port_by_id(id);

		if (port && (!only || port == only))
			show_port(all, port->name, id);
		else if (id == 0 && !only)
			show_port(all, "(none)", 0);
	}
	return all;
}

MGMT_COMMAND(
	drops_show,
	"drops/show",
	"[PORT]",
	0,
	1,
	cmd_drops_show,
	"Packets dropped, by the port they came from (or were to leave by) and by reason."
);

static json_t *cmd_drops_reasons(struct command_call *call, struct errbuf *err)
{
	json_t *all = json_array();

	for (unsigned i = 0; i < n_reasons; i++)
		json_array_append_new(
			all,
			json_pack("{s:s, s:s}", "reason", sorted[i]->name, "help", sorted[i]->help)
		);
	return all;
}

MGMT_COMMAND(
	drops_reasons,
	"drops/reasons",
	"",
	0,
	0,
	cmd_drops_reasons,
	"All reasons there are to drop a packet."
);
