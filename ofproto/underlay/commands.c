/* SPDX-License-Identifier: Apache-2.0 */

/* Commands about the underlay: neighbours, ways to far ends, and the ports of tunnels.  */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/ops/encap.h"
#include "datapath/tunnel/tunnel.h"
#include "lib/command.h"
#include "lib/strbuf.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/underlay/neighbours.h"
#include "ofproto/underlay/underlay_priv.h"

static void show_one(uint32_t bridge, const struct ipaddr *ip, struct mac mac, void *rows)
{
	const struct bridge *b = bridge_at(bridge);
	char text[IPADDR_TEXT_SIZE], mac_text[18];
	const uint8_t *m = mac.bytes;

	snprintf(
		mac_text,
		sizeof(mac_text),
		"%02x:%02x:%02x:%02x:%02x:%02x",
		m[0],
		m[1],
		m[2],
		m[3],
		m[4],
		m[5]
	);
	json_array_append_new(
		rows,
		json_pack(
			"{s:s, s:s, s:s}",
			"IP",
			ipaddr_format(ip, text),
			"MAC",
			mac_text,
			"Bridge",
			b ? b->name : ""
		)
	);
}

static json_t *cmd_show(struct command_call *call, struct errbuf *err)
{
	json_t *rows = json_array();

	/* What is shown is in force. */
	underlay_flush();
	neighbours_foreach(show_one, rows);
	return rows;
}

/* As scripts know it from OVS. */
static void format_show(const json_t *answer, struct strbuf *out)
{
	size_t i;
	json_t *row;

	strbuf_addf(out, "%-45s %-17s %s\n", "IP", "MAC", "Bridge");
	for (i = 0; i < 74; i++)
		strbuf_add_char(out, '=');
	strbuf_add_char(out, '\n');
	json_array_foreach(answer, i, row)
		strbuf_addf(
			out,
			"%-45s %-17s %s\n",
			json_string_value(json_object_get(row, "IP")),
			json_string_value(json_object_get(row, "MAC")),
			json_string_value(json_object_get(row, "Bridge"))
		);
}

static json_t *cmd_set(struct command_call *call, struct errbuf *err)
{
	const struct bridge *bridge = bridge_of_command(call->argv[0], err);
	struct ipaddr ip;
	struct mac mac;
	int end = 0;

	if (!bridge)
		return NULL;
	if (!ipaddr_parse(&ip, call->argv[1])) {
		errbuf_set(err, -EINVAL, "%s: an IP address is wanted", call->argv[1]);
		return NULL;
	}
	if (sscanf(call->argv[2],
		   "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n",
		   &mac.bytes[0],
		   &mac.bytes[1],
		   &mac.bytes[2],
		   &mac.bytes[3],
		   &mac.bytes[4],
		   &mac.bytes[5],
		   &end) != 6 ||
	    call->argv[2][end]) {
		errbuf_set(err, -EINVAL, "%s: a MAC address is wanted", call->argv[2]);
		return NULL;
	}
	neighbours_learn(bridge->index, &ip, mac, true);
	underlay_flush();
	return json_string("OK");
}

static json_t *cmd_flush(struct command_call *call, struct errbuf *err)
{
	uint32_t index = UNDERLAY_NO_BRIDGE;

	if (call->argc) {
		const struct bridge *bridge = bridge_of_command(call->argv[0], err);

		if (!bridge)
			return NULL;
		index = bridge->index;
	}
	neighbours_flush(index);
	underlay_flush();
	return json_string("OK");
}

static json_t *cmd_aging(struct command_call *call, struct errbuf *err)
{
	long seconds = call->argc ? strtol(call->argv[0], NULL, 10) : 0;

	if (call->argc && (seconds <= 0 || seconds > 3600)) {
		errbuf_set(err, -EINVAL, "%s: 1 to 3600 seconds", call->argv[0]);
		return NULL;
	}
	int64_t ms = neighbours_aging_ms(seconds * 1000);

	return call->argc ? json_string("OK") : json_integer(ms / 1000);
}

static json_t *cmd_retrans(struct command_call *call, struct errbuf *err)
{
	long ms = call->argc ? strtol(call->argv[0], NULL, 10) : 0;

	if (call->argc && (ms < 100 || ms > 10000)) {
		errbuf_set(err, -EINVAL, "%s: 100 to 10000 milliseconds", call->argv[0]);
		return NULL;
	}
	ms = neighbours_retry_ms(ms);
	return call->argc ? json_string("OK") : json_integer(ms);
}

static json_t *cmd_range(struct command_call *call, struct errbuf *err)
{
	uint16_t low, high;
	char text[64];

	if (call->argc == 2) {
		long first = strtol(call->argv[0], NULL, 10);
		long last = strtol(call->argv[1], NULL, 10);

		if (first < 1 || last > UINT16_MAX || last < first) {
			errbuf_set(
				err, -EINVAL, "two port numbers are wanted, the lower one first"
			);
			return NULL;
		}
		encap_set_ports((uint16_t)first, (uint16_t)last);
		return json_string("OK");
	}
	encap_get_ports(&low, &high);
	snprintf(text, sizeof(text), "Tunnel UDP source port range: %u-%u", low, high);
	return json_string(text);
}

/* Which ports of UDP, and which protocols, are taken for tunnels. */
static json_t *cmd_ports(struct command_call *call, struct errbuf *err)
{
	json_t *services = json_object();
	struct bridge *bridge;
	char name[64];

	HMAP_FOREACH(bridge, node, bridges_all()) {
		for (unsigned i = 0; bridge->view && i < bridge->view->n_ports; i++) {
			const struct tunnel *tunnel = bridge->view->ports[i]->tunnel;

			if (!tunnel)
				continue;
			unsigned port = be16_to(tunnel->dst_port);

			snprintf(
				name,
				sizeof(name),
				port ? "%s_sys_%u (%u)" : "%s_sys (%u)",
				tunnel->encapsulation->name,
				port,
				port
			);
			json_int_t n = json_integer_value(json_object_get(services, name));

			json_object_set_new(services, name, json_integer(n + 1));
		}
	}
	return services;
}

static void format_ports(const json_t *answer, struct strbuf *out)
{
	const char *name;
	json_t *n;

	strbuf_add(out, "Listening ports:\n");
	json_object_foreach((json_t *)answer, name, n)
		strbuf_addf(
			out, "%s ref_cnt=%" JSON_INTEGER_FORMAT "\n", name, json_integer_value(n)
		);
}

#define NEIGHBOUR_COMMANDS(id, prefix)                                                             \
	MGMT_COMMAND_TEXT(                                                                         \
		id##_show,                                                                         \
		prefix "/show",                                                                    \
		"",                                                                                \
		0,                                                                                 \
		0,                                                                                 \
		cmd_show,                                                                          \
		"MAC addresses of the next hops of tunnels.",                                      \
		format_show                                                                        \
	);                                                                                         \
	MGMT_COMMAND(                                                                              \
		id##_set,                                                                          \
		prefix "/set",                                                                     \
		"BRIDGE IP MAC",                                                                   \
		3,                                                                                 \
		3,                                                                                 \
		cmd_set,                                                                           \
		"Says which MAC address a next hop has; this does not age."                        \
	);                                                                                         \
	MGMT_COMMAND(                                                                              \
		id##_flush,                                                                        \
		prefix "/flush",                                                                   \
		"[BRIDGE]",                                                                        \
		0,                                                                                 \
		1,                                                                                 \
		cmd_flush,                                                                         \
		"Forgets MAC addresses of next hops."                                              \
	);                                                                                         \
	MGMT_COMMAND(                                                                              \
		id##_aging,                                                                        \
		prefix "/aging",                                                                   \
		"[SECONDS]",                                                                       \
		0,                                                                                 \
		1,                                                                                 \
		cmd_aging,                                                                         \
		"How long a next hop is believed to be there without being heard of."              \
	)

NEIGHBOUR_COMMANDS(tnl_neigh, "tnl/neigh");
NEIGHBOUR_COMMANDS(tnl_arp, "tnl/arp");
MGMT_COMMAND(
	tnl_neigh_retrans_time,
	"tnl/neigh/retrans_time",
	"[MILLISECONDS]",
	0,
	1,
	cmd_retrans,
	"How long an answer of a next hop is waited for before it is asked again."
);
MGMT_COMMAND(
	tnl_egress_port_range,
	"tnl/egress_port_range",
	"[FIRST LAST]",
	0,
	2,
	cmd_range,
	"UDP source ports of packets in tunnels."
);
MGMT_COMMAND_TEXT(
	tnl_ports_show,
	"tnl/ports/show",
	"[-v]",
	0,
	1,
	cmd_ports,
	"What is taken for packets of tunnels, and how many tunnel ports that serves.",
	format_ports
);
