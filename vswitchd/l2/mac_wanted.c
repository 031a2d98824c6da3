/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/l2/mac_wanted.h"

#include <stdio.h>
#include <string.h>

#include "datapath/port.h"
#include "lib/mac.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/value/uuid.h"
#include "vswitchd/rows.h"
#include "vswitchd/switch_ports.h"

enum {
	BIT_GROUP = 1,
	BIT_LOCAL = 2,
};

/* What mirrors send through is no part of the network. */
static bool is_for_mirrors(const struct db_row *bridge, const struct db_row *port)
{
	for (size_t i = 0; i < db_row_count(bridge, BRIDGE_MIRRORS); i++) {
		const struct db_row *mirror = db_row_ref_at(bridge, BRIDGE_MIRRORS, i);

		if (db_row_count(mirror, MIRROR_OUTPUT_PORT) &&
		    db_row_ref_at(mirror, MIRROR_OUTPUT_PORT, 0) == port)
			return true;
	}
	return false;
}

/* As bonds of the kernel, a port has the address of the interface whose name comes first. */
static const struct db_row *first_interface(const struct db_row *port)
{
	const struct db_row *first = NULL;

	for (size_t i = 0; i < db_row_count(port, PORT_INTERFACES); i++) {
		const struct db_row *row = db_row_ref_at(port, PORT_INTERFACES, i);

		if (!first ||
		    strcmp(db_row_string(row, INTERFACE_NAME, ""),
			   db_row_string(first, INTERFACE_NAME, "")) < 0)
			first = row;
	}
	return first;
}

/* False: the port has nothing to offer. */
static bool offer(const struct db_row *bridge, const struct db_row *port, struct mac *mac)
{
	static const struct mac none;
	const struct db_row *interface;
	const struct switch_port *entry;
	const char *name;

	if (mac_parse(db_row_string(port, PORT_MAC, ""), mac))
		return !(mac->bytes[0] & BIT_GROUP) && memcmp(mac, &none, sizeof(none));
	interface = first_interface(port);
	name = interface ? db_row_string(interface, INTERFACE_NAME, "") : "";
	if (!strcmp(name, db_row_string(bridge, BRIDGE_NAME, "")))
		return false;
	entry = switch_ports_find(name);
	if (!entry || !entry->port)
		return false;
	*mac = entry->port->mac;
	return !(mac->bytes[0] & (BIT_GROUP | BIT_LOCAL)) && memcmp(mac, &none, sizeof(none));
}

bool mac_wanted_find(const struct db_row *bridge, struct mac *mac)
{
	bool found = false;

	for (size_t i = 0; i < db_row_count(bridge, BRIDGE_PORTS); i++) {
		const struct db_row *port = db_row_ref_at(bridge, BRIDGE_PORTS, i);
		struct mac offered;

		if (is_for_mirrors(bridge, port) || !offer(bridge, port, &offered))
			continue;
		if (!found || memcmp(&offered, mac, sizeof(offered)) < 0)
			*mac = offered;
		found = true;
	}
	return found;
}

unsigned long long mac_wanted_datapath_id(const struct db_row *bridge_row)
{
	const char *text = db_row_map_get(bridge_row, BRIDGE_OTHER_CONFIG, "datapath-id");
	unsigned long long id;
	struct mac mac;
	int end = 0;

	if (text && sscanf(text, "%16llx%n", &id, &end) == 1 && !text[end] && id)
		return id;
	text = db_row_map_get(bridge_row, BRIDGE_OTHER_CONFIG, "hwaddr");
	if (text && mac_parse(text, &mac) && mac_to_integer(mac) && !(mac.bytes[0] & 1))
		return mac_to_integer(mac);
	const struct uuid *uuid = db_row_uuid(bridge_row);
	uint8_t bytes[8] = {0};

	memcpy(bytes + 2, uuid, 6);
	/* The lower 48 bits serve as a MAC address: local, not multicast. */
	bytes[2] = (bytes[2] & 0xfc) | 0x02;
	id = 0;
	for (int i = 0; i < 8; i++)
		id = id << 8 | bytes[i];
	return id;
}
