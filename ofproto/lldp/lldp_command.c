/* SPDX-License-Identifier: Apache-2.0 */

/* What is told of LLDP neighbours: by a command, and in the database.  */

#include <string.h>

#include "lib/clock.h"
#include "lib/command.h"
#include "lib/strbuf.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/lldp/lldp.h"

static const char *or_nothing(const char *text)
{
	return text[0] ? text : NULL;
}

static json_t *neighbor_object(const struct lldp_neighbor *neighbor)
{
	const struct lldp_news *news = &neighbor->news;
	json_t *object = json_pack(
		"{s:s, s:s, s:I}",
		"chassis",
		news->chassis,
		"port",
		news->port,
		"seconds-left",
		(json_int_t)((neighbor->until_ms - clock_ms() + 999) / 1000)
	);
	const struct {
		const char *key, *text;
	} texts[] = {
		{"port-description", news->port_description},
		{"system", news->system},
		{"description", news->description},
		{"address", news->address},
	};

	for (unsigned i = 0; i < ARRAY_LENGTH(texts); i++)
		if (texts[i].text[0])
			json_object_set_new(object, texts[i].key, json_string(texts[i].text));
	if (news->vlan)
		json_object_set_new(object, "vlan", json_integer(news->vlan));
	json_object_set_new(object, "bridge", json_boolean(news->capabilities & LLDP_BRIDGE));
	json_object_set_new(object, "router", json_boolean(news->capabilities & LLDP_ROUTER));
	return object;
}

void lldp_add_status(const struct bridge_port *port, json_t *status)
{
	if (!port->lldp || !port->lldp->n_neighbors)
		return;
	const struct lldp_news *news = &port->lldp->neighbors[0].news;
	const char *system = or_nothing(news->system);
	const char *where = or_nothing(news->port_description);

	json_object_set_new(status, "neighbor", json_string(system ? system : news->chassis));
	json_object_set_new(status, "neighbor_port", json_string(news->port));
	json_object_set_new(status, "neighbor_chassis", json_string(news->chassis));
	if (where)
		json_object_set_new(status, "neighbor_port_description", json_string(where));
	if (news->address[0])
		json_object_set_new(status, "neighbor_address", json_string(news->address));
	if (news->vlan)
		json_object_set_new(status, "neighbor_vlan", json_sprintf("%u", news->vlan));
}

static void show_bridge(const struct bridge *bridge, json_t *rows)
{
	const struct bridge_port *port;

	HMAP_FOREACH(port, node, &bridge->ports) {
		if (!port->lldp)
			continue;
		json_t *neighbors = json_array();

		for (unsigned i = 0; i < port->lldp->n_neighbors; i++)
			json_array_append_new(
				neighbors, neighbor_object(&port->lldp->neighbors[i])
			);
		json_array_append_new(
			rows,
			json_pack(
				"{s:s, s:s, s:I, s:I, s:I, s:o}",
				"bridge",
				bridge->name,
				"interface",
				port->name,
				"sent",
				(json_int_t)port->lldp->sent,
				"received",
				(json_int_t)port->lldp->received,
				"errors",
				(json_int_t)port->lldp->errors,
				"neighbors",
				neighbors
			)
		);
	}
}

static json_t *cmd_show(struct command_call *call, struct errbuf *err)
{
	struct bridge *bridge = call->argc ? bridge_of_command(call->argv[0], err) : NULL;
	json_t *rows;

	if (call->argc && !bridge)
		return NULL;
	rows = json_array();
	if (bridge) {
		show_bridge(bridge, rows);
		return rows;
	}
	HMAP_FOREACH(bridge, node, bridges_all())
		show_bridge(bridge, rows);
	return rows;
}

static void format_show(const json_t *answer, struct strbuf *out)
{
	size_t i, j;
	json_t *port, *neighbor, *value;
	const char *key;

	json_array_foreach(answer, i, port) {
		json_t *neighbors = json_object_get(port, "neighbors");

		strbuf_addf(
			out,
			"%s (bridge %s): %lld sent, %lld received, %lld errors\n",
			json_string_value(json_object_get(port, "interface")),
			json_string_value(json_object_get(port, "bridge")),
			(long long)json_integer_value(json_object_get(port, "sent")),
			(long long)json_integer_value(json_object_get(port, "received")),
			(long long)json_integer_value(json_object_get(port, "errors"))
		);
		if (!json_array_size(neighbors))
			strbuf_add(out, "    nobody heard yet\n");
		json_array_foreach(neighbors, j, neighbor) {
			strbuf_add(out, j ? "\n" : "");
			json_object_foreach(neighbor, key, value) {
				if (json_is_string(value))
					strbuf_addf(
						out, "    %-18s%s\n", key, json_string_value(value)
					);
				else if (json_is_integer(value))
					strbuf_addf(
						out,
						"    %-18s%lld\n",
						key,
						(long long)json_integer_value(value)
					);
			}
		}
	}
	if (!json_array_size(answer))
		strbuf_add(
			out,
			"No port speaks LLDP: 'vsctl set interface PORT lldp:enable=true' lets one.\n"
		);
}
MGMT_COMMAND_TEXT(
	lldp_show,
	"lldp/show",
	"[BRIDGE]",
	0,
	1,
	cmd_show,
	"Ports that speak LLDP, and who is at the other end of their links.",
	format_show
);
