/* SPDX-License-Identifier: Apache-2.0 */

/* What people are told about tunnels and their ways.  */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "datapath/port.h"
#include "datapath/tunnel/tunnel.h"
#include "lib/command.h"
#include "lib/strbuf.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/underlay/underlay_priv.h"

static const char *address(const struct ipaddr *ip, bool flow, char text[IPADDR_TEXT_SIZE])
{
	if (flow)
		return "flow";
	return ipaddr_is_none(ip) ? "*" : ipaddr_format(ip, text);
}

void underlay_add_status(const struct tunnel *tunnel, json_t *status)
{
	struct underlay_end end = underlay_end_of(tunnel);
	const struct underlay_route *route = underlay_find_route(&end);
	const struct bridge *bridge = route ? bridge_at(route->bridge) : NULL;
	char text[IPADDR_TEXT_SIZE];

	if (tunnel->remote_flow || !bridge)
		return;
	const struct view_port *local =
		bridge->view ? view_find_port(bridge->view, PORT_LOCAL) : NULL;
	const struct port *device = local ? port_by_id(local->id) : NULL;
	const char *carrier = device && port_link_up(device) ? "up" : "down";
	const struct ipaddr *src = ipaddr_is_none(&tunnel->local) ? &route->src : &tunnel->local;

	json_object_set_new(status, "tunnel_egress_iface", json_string(bridge->name));
	json_object_set_new(status, "tunnel_egress_iface_carrier", json_string(carrier));
	json_object_set_new(status, "source_ip", json_string(ipaddr_format(src, text)));
}

static const char *key(bool flow, be64 id, char *text, size_t size)
{
	if (flow)
		return "flow";
	snprintf(text, size, "%" PRIu64, be64_to(id));
	return text;
}

static json_t *describe(const struct bridge *bridge, const struct view_port *port)
{
	const struct tunnel *t = port->tunnel;
	struct underlay_end end = underlay_end_of(t);
	const struct underlay_route *route = underlay_find_route(&end);
	const struct bridge *way = route ? bridge_at(route->bridge) : NULL;
	char remote[IPADDR_TEXT_SIZE], local[IPADDR_TEXT_SIZE], in[24], out[24];

	return json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:s}",
		"bridge",
		bridge->name,
		"port",
		port->name,
		"type",
		t->encapsulation->name,
		"remote",
		address(&t->remote, t->remote_flow, remote),
		"local",
		address(&t->local, t->local_flow, local),
		"in_key",
		key(t->in_key_flow, t->in_key, in, sizeof(in)),
		"out_key",
		key(t->out_key_flow, t->out_key, out, sizeof(out)),
		"dst_port",
		be16_to(t->dst_port),
		"through",
		t->remote_flow ? "flow"
			: way  ? way->name
			       : "no way"
	);
}

static json_t *cmd_list(struct command_call *call, struct errbuf *err)
{
	json_t *rows = json_array();
	struct bridge *bridge;

	underlay_flush();
	HMAP_FOREACH(bridge, node, bridges_all())
		for (unsigned i = 0; bridge->view && i < bridge->view->n_ports; i++)
			if (bridge->view->ports[i]->tunnel)
				json_array_append_new(
					rows, describe(bridge, bridge->view->ports[i])
				);
	return rows;
}

MGMT_COMMAND(
	ofproto_list_tunnels,
	"ofproto/list-tunnels",
	"",
	0,
	0,
	cmd_list,
	"Tunnel ports, and through which bridge their packets leave."
);
