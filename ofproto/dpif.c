/* SPDX-License-Identifier: Apache-2.0 */

/* The datapath as OVS's commands show it: one of the name netdev@ovs-netdev, with the ports of all
 * bridges by their numbers here and in OpenFlow.  */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "datapath/port.h"
#include "datapath/worker.h"
#include "lib/command.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/keeper/keeper.h"

static const char datapath_name[] = "netdev@ovs-netdev";

static json_t *show_port(const struct bridge_port *port)
{
	json_t *one = json_pack(
		"{s:s, s:s, s:I}",
		"name",
		port->name,
		"type",
		port->port ? port->port->type->name : "patch",
		"ofport",
		(json_int_t)(port->number == PORT_LOCAL ? 65534 : port->number)
	);

	if (port->port)
		json_object_set_new(one, "id", json_integer(port->port->id));
	if (port->peer)
		json_object_set_new(one, "peer", json_string(port->peer));
	return one;
}

static int compare_ports(const void *a, const void *b)
{
	const json_t *const *x = a, *const *y = b;
	json_int_t m = json_integer_value(json_object_get(*x, "ofport"));
	json_int_t n = json_integer_value(json_object_get(*y, "ofport"));

	return (m > n) - (m < n);
}

static json_t *show_ports(const struct bridge *bridge)
{
	size_t n = 0;
	json_t **ports = XNEW_N(json_t *, hmap_count(&bridge->ports) + 1);
	json_t *all = json_array();
	struct bridge_port *port;

	HMAP_FOREACH(port, node, &bridge->ports)
		if (port->number)
			ports[n++] = show_port(port);
	if (n)
		qsort(ports, n, sizeof(ports[0]), compare_ports);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(all, ports[i]);
	free(ports);
	return all;
}

static json_int_t sum_of(const json_t *workers, const char *key)
{
	json_int_t sum = 0;
	size_t i;
	json_t *worker;

	json_array_foreach(workers, i, worker)
		sum += json_integer_value(json_object_get(worker, key));
	return sum;
}

static json_t *cmd_show(struct command_call *call, struct errbuf *err)
{
	json_auto_t *workers = workers_show();
	json_t *all = json_object();
	struct bridge *bridge;

	HMAP_FOREACH(bridge, node, bridges_all())
		json_object_set_new(all, bridge->name, show_ports(bridge));
	return json_pack(
		"{s:s, s:I, s:I, s:o}",
		"name",
		datapath_name,
		"hit",
		sum_of(workers, "port_hits") + sum_of(workers, "exact_hits") +
			sum_of(workers, "flow_hits"),
		"missed",
		sum_of(workers, "misses"),
		"bridges",
		all
	);
}

static void format_port(const json_t *port, struct strbuf *out)
{
	const json_t *id = json_object_get(port, "id");
	const char *peer = json_string_value(json_object_get(port, "peer"));

	strbuf_addf(
		out,
		"    %s %" JSON_INTEGER_FORMAT "/",
		json_string_value(json_object_get(port, "name")),
		json_integer_value(json_object_get(port, "ofport"))
	);
	if (id)
		strbuf_addf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(id));
	else
		strbuf_add(out, "none");
	strbuf_addf(out, ": (%s", json_string_value(json_object_get(port, "type")));
	if (peer)
		strbuf_addf(out, ": peer=%s", peer);
	strbuf_add(out, ")\n");
}

/* As scripts written for OVS read it. */
static void format_show(const json_t *answer, struct strbuf *out)
{
	const char *bridge;
	json_t *ports, *port;
	size_t i;

	strbuf_addf(
		out,
		"%s: hit:%" JSON_INTEGER_FORMAT " missed:%" JSON_INTEGER_FORMAT "\n",
		json_string_value(json_object_get(answer, "name")),
		json_integer_value(json_object_get(answer, "hit")),
		json_integer_value(json_object_get(answer, "missed"))
	);
	json_object_foreach(json_object_get(answer, "bridges"), bridge, ports) {
		strbuf_addf(out, "  %s:\n", bridge);
		json_array_foreach(ports, i, port)
			format_port(port, out);
	}
}

MGMT_COMMAND_TEXT(
	dpif_show,
	"dpif/show",
	"",
	0,
	0,
	cmd_show,
	"Bridges and their ports, by OpenFlow number and id, with hits and misses.",
	format_show
);

static json_t *cmd_dump_dps(struct command_call *call, struct errbuf *err)
{
	return json_pack("[s]", datapath_name);
}

MGMT_COMMAND(
	dpif_dump_dps, "dpif/dump-dps", "", 0, 0, cmd_dump_dps, "The datapath's name; there is one."
);
MGMT_COMMAND(
	dpctl_dump_dps,
	"dpctl/dump-dps",
	"",
	0,
	0,
	cmd_dump_dps,
	"The datapath's name; there is one."
);

static json_t *cmd_wait(struct command_call *call, struct errbuf *err)
{
	keeper_sync();
	return json_string("");
}

MGMT_COMMAND(
	revalidator_wait,
	"revalidator/wait",
	"",
	0,
	0,
	cmd_wait,
	"Returns when all changes so far are in force for packets."
);

/* The caches' fill, as OVS shows that of its revalidators. */

static json_t *cmd_upcall_show(struct command_call *call, struct errbuf *err)
{
	struct keeper_stats stats;

	keeper_get_stats(&stats);
	return json_pack(
		"{s:s, s:I, s:I, s:I}",
		"name",
		datapath_name,
		"flows",
		(json_int_t)stats.flows,
		"limit",
		(json_int_t)stats.flow_limit,
		"masks",
		(json_int_t)stats.masks
	);
}

static void format_upcall(const json_t *answer, struct strbuf *out)
{
	strbuf_addf(
		out,
		"%s:\n  flows         : (current %lld) (limit %lld)\n  masks         : %lld\n",
		json_string_value(json_object_get(answer, "name")),
		(long long)json_integer_value(json_object_get(answer, "flows")),
		(long long)json_integer_value(json_object_get(answer, "limit")),
		(long long)json_integer_value(json_object_get(answer, "masks"))
	);
}

MGMT_COMMAND_TEXT(
	upcall_show,
	"upcall/show",
	"",
	0,
	0,
	cmd_upcall_show,
	"How many flows the caches hold, and how many they may.",
	format_upcall
);

static bool is_datapath(const char *word)
{
	return !strcmp(word, datapath_name) || !strcmp(word, strchr(datapath_name, '@') + 1);
}

static json_t *cmd_dpctl_show(struct command_call *call, struct errbuf *err)
{
	json_t *ports;
	struct keeper_stats stats;
	struct bridge *bridge;

	for (int i = 0; i < call->argc; i++)
		if (strcmp(call->argv[i], "-s") && !is_datapath(call->argv[i])) {
			errbuf_set(
				err,
				-ENODEV,
				"%s is not known here: there is one datapath, %s",
				call->argv[i],
				datapath_name
			);
			return NULL;
		}
	json_auto_t *workers = workers_show();

	ports = json_array();
	keeper_get_stats(&stats);
	HMAP_FOREACH(bridge, node, bridges_all()) {
		json_auto_t *mine = show_ports(bridge);

		json_array_extend(ports, mine);
	}
	return json_pack(
		"{s:s, s:I, s:I, s:I, s:I, s:I, s:o}",
		"name",
		datapath_name,
		"hit",
		sum_of(workers, "port_hits") + sum_of(workers, "exact_hits") +
			sum_of(workers, "flow_hits"),
		"missed",
		sum_of(workers, "misses"),
		"lost",
		sum_of(workers, "lost"),
		"flows",
		(json_int_t)stats.flows,
		"masks",
		(json_int_t)stats.masks,
		"ports",
		ports
	);
}

static void format_dpctl_show(const json_t *answer, struct strbuf *out)
{
	json_t *port;
	size_t i;

	strbuf_addf(
		out,
		"%s:\n  lookups: hit:%lld missed:%lld lost:%lld\n  flows: %lld\n  masks: %lld\n",
		json_string_value(json_object_get(answer, "name")),
		(long long)json_integer_value(json_object_get(answer, "hit")),
		(long long)json_integer_value(json_object_get(answer, "missed")),
		(long long)json_integer_value(json_object_get(answer, "lost")),
		(long long)json_integer_value(json_object_get(answer, "flows")),
		(long long)json_integer_value(json_object_get(answer, "masks"))
	);
	json_array_foreach(json_object_get(answer, "ports"), i, port) {
		/* Patches are no ports of the datapath. */
		if (!json_object_get(port, "id"))
			continue;
		strbuf_addf(
			out,
			"  port %lld: %s (%s)\n",
			(long long)json_integer_value(json_object_get(port, "id")),
			json_string_value(json_object_get(port, "name")),
			json_string_value(json_object_get(port, "type"))
		);
	}
}

MGMT_COMMAND_TEXT(
	dpctl_show,
	"dpctl/show",
	"[-s] [DP]",
	0,
	2,
	cmd_dpctl_show,
	"The datapath's hits, flows and ports.",
	format_dpctl_show
);

/* All flows, although just one bridge was named: one datapath serves all of them. */
static json_t *cmd_dump_flows(struct command_call *call, struct errbuf *err)
{
	const char *last = call->argc ? call->argv[call->argc - 1] : NULL;

	if (!last || last[0] != '-') {
		if (!bridge_of_command(last, err))
			return NULL;
		call->argc -= last != NULL;
	}
	return command_run("dpctl/dump-flows", call, err);
}

MGMT_COMMAND(
	dpif_dump_flows,
	"dpif/dump-flows",
	"[-m] [--names] BRIDGE",
	0,
	4,
	cmd_dump_flows,
	"The megaflows; one datapath serves all bridges."
);
