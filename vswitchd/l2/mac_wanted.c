/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/l2/mac_wanted.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "datapath/port.h"
#include "lib/mac.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/value/uuid.h"
#include "lib/strbuf.h"
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

/* 0: it is not what an id can be. */
static unsigned long long parse_id(const char *text)
{
	const char *digits = strncasecmp(text, "0x", 2) ? text : text + 2;
	size_t n = strspn(digits, "0123456789abcdefABCDEF");

	return n && n <= 16 && !digits[n] ? strtoull(digits, NULL, 16) : 0;
}

/* 0: it is not what a bridge's own port can have. */
static unsigned long long parse_address(const char *text)
{
	struct mac mac;

	return mac_parse(text, &mac) && !(mac.bytes[0] & 1) ? mac_to_integer(mac) : 0;
}

void mac_wanted_explain(const struct db_row *bridge_row, struct strbuf *out)
{
	const char *id = db_row_map_get(bridge_row, BRIDGE_OTHER_CONFIG, "datapath-id");
	const char *address = db_row_map_get(bridge_row, BRIDGE_OTHER_CONFIG, "hwaddr");
	struct mac mac;

	/* Other mistakes are seen by their form (vswitchd/config/). */
	if (id && *id && !id[strspn(id, "0xX")] && !parse_id(id))
		strbuf_addf(
			out,
			"%sdatapath-id=%s: an id cannot be all zero, so one is made from the MAC "
			"address",
			out->length ? "; " : "",
			id
		);
	if (address && mac_parse(address, &mac) && !parse_address(address))
		strbuf_addf(
			out,
			"%shwaddr=%s: a port's own address is neither zero nor multicast, so another "
			"one is taken",
			out->length ? "; " : "",
			address
		);
}

unsigned long long mac_wanted_datapath_id(const struct db_row *bridge_row)
{
	const char *text = db_row_map_get(bridge_row, BRIDGE_OTHER_CONFIG, "datapath-id");
	unsigned long long id = text ? parse_id(text) : 0;

	if (id)
		return id;
	text = db_row_map_get(bridge_row, BRIDGE_OTHER_CONFIG, "hwaddr");
	id = text ? parse_address(text) : 0;
	if (id)
		return id;
	const struct uuid *uuid = db_row_uuid(bridge_row);
	uint8_t bytes[8] = {0};

	memcpy(bytes + 2, uuid, 6);
	/* The lower 48 bits serve as a MAC address: local, not multicast. */
	bytes[2] = (bytes[2] & 0xfc) | 0x02;
	for (int i = 0; i < 8; i++)
		id = id << 8 | bytes[i];
	return id;
}
