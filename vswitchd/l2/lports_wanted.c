/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/l2/lports_wanted.h"

#include <stdlib.h>
#include <string.h>

#include "datapath/port.h"
#include "lib/option.h"
#include "lib/ovsdb/db_row.h"
#include "ofproto/bridge.h"
#include "vswitchd/config/setting.h"
#include "vswitchd/l2/bfd_wanted.h"
#include "vswitchd/l2/lport_wanted.h"
#include "vswitchd/port_settings.h"
#include "vswitchd/rows.h"
#include "vswitchd/switch_ports.h"

enum {
	LOCAL_NUMBER = 65534,
	PORTS_MAX = 65279,
};

struct port_list {
	const struct db_row *bridge;
	struct bridge_port_config *ports;
	unsigned n;
};

/* Adds the interface to the declaration if it can carry packets. */
static void add_port(const struct db_row *port, const struct db_row *interface, void *context)
{
	struct port_list *list = context;
	struct interface_row row;
	struct port_row lport;

	interface_row_read(&row, interface);
	port_row_read(&lport, port);

	struct switch_port *entry = switch_ports_find(row.name);

	if (!entry || (!entry->port && !entry->is_patch) || list->n == PORTS_MAX ||
	    !switch_port_is_of(entry, port, list->bridge))
		return;
	struct bridge_port_config *config = &list->ports[list->n++];

	*config = (struct bridge_port_config){
		.name = entry->name,
		.port = entry->port,
		.peer = entry->is_patch ? option_get_string(entry->options, "peer", NULL) : NULL,
		.lldp = setting_get_bool(interface, INTERFACE_LLDP, "enable", false),
		.bfd = bfd_wanted_new(interface),
		.last_number = row.ofport && *row.ofport > 0 ? (uint32_t)*row.ofport : 0,
		.requested_number = row.ofport_request ? (uint32_t)*row.ofport_request : 0,
	};
	bool is_local = !strcmp(row.name, db_row_string(list->bridge, BRIDGE_NAME, ""));

	if (is_local)
		config->requested_number = LOCAL_NUMBER;
	port_settings_apply(entry, &row, &lport, list->bridge, is_local);
}

static int compare_lports(const void *a, const void *b)
{
	const struct bridge_lport_config *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* Of the ports whose MTU does not follow the others'; 0: there are none. */
static uint16_t least_mtu(const struct bridge_port_config *ports, unsigned n)
{
	uint16_t least = 0;

	for (unsigned i = 0; i < n; i++) {
		const struct port *port = ports[i].port;

		if (!port || port->tunnel || port->type->follows_mtu || !port->mtu)
			continue;
		if (!least || port->mtu < least)
			least = port->mtu;
	}
	return least;
}

/* When all others have theirs. */
static void follow_mtus(const struct bridge_port_config *ports, unsigned n)
{
	uint16_t mtu = least_mtu(ports, n);

	for (unsigned i = 0; mtu && i < n; i++)
		if (ports[i].port && ports[i].port->type->follows_mtu)
			port_settings_follow_mtu(switch_ports_find(ports[i].name), mtu);
}

unsigned lports_wanted_read(
	const struct db_row *bridge,
	struct bridge_lport_config *lports,
	struct bridge_port_config *ports
)
{
	struct port_list list = {
		.bridge = bridge,
		.ports = ports,
	};
	unsigned n = 0;

	for (size_t i = 0; i < db_row_count(bridge, BRIDGE_PORTS); i++) {
		struct db_row *row = db_row_ref_at(bridge, BRIDGE_PORTS, i);
		unsigned first = list.n;

		for (size_t j = 0; j < db_row_count(row, PORT_INTERFACES); j++)
			add_port(row, db_row_ref_at(row, PORT_INTERFACES, j), &list);
		if (list.n == first)
			continue;
		struct bridge_lport_config *lport = &lports[n++];

		lport->name = db_row_string(row, PORT_NAME, "");
		lport->ports = &ports[first];
		lport->n_ports = list.n - first;
		lport_wanted_read(row, lport);
		lport->other_config = db_row_count(row, PORT_OTHER_CONFIG)
			? db_row_map_json(row, PORT_OTHER_CONFIG)
			: NULL;
	}
	follow_mtus(ports, list.n);
	/* Rows come in the order of their UUIDs; people expect numbers to follow names. */
	qsort(lports, n, sizeof(lports[0]), compare_lports);
	return n;
}

void lports_wanted_release(struct bridge_lport_config *lports, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		for (unsigned j = 0; j < lports[i].n_ports; j++)
			free((struct bfd_settings *)lports[i].ports[j].bfd);
		lport_wanted_release(&lports[i]);
	}
}
