/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/writeback/writeback_port.h"

#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <jansson.h>

#include "datapath/port.h"
#include "lib/mac.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/db_txn.h"
#include "lib/ovsdb/value/datum.h"
#include "ofproto/bridge.h"
#include "vswitchd/rows.h"
#include "vswitchd/switch_ports.h"
#include "vswitchd/writeback/writeback_counters.h"
#include "vswitchd/writeback/writeback_error.h"
#include "vswitchd/writeback/writeback_status.h"

static void set_map(struct db_txn *txn, struct db_row *row, unsigned column, json_t *take_map)
{
	db_txn_set(txn, row, column, datum_new_string_map(take_map));
	json_decref(take_map);
}

enum {
	MEGABIT = 1000000
};

/* Of the state as it is seen here: who goes down and up again between two looks was not away. */
static void count_resets(struct switch_port *entry, bool up)
{
	entry->link_resets += entry->link_seen && entry->link_up != up;
	entry->link_seen = true;
	entry->link_up = up;
}

static void write_link(struct db_txn *txn, struct db_row *row, struct switch_port *entry)
{
	const struct port *port = entry->port;
	bool up = port_link_up(port);
	uint32_t speed = up ? port_link_speed(port) : 0;
	json_t *bfd;

	count_resets(entry, up);
	/* Asking for the link has shown what others have made of it. */
	db_txn_set_integer(txn, row, INTERFACE_MTU, port->mtu);
	db_txn_set_integer(txn, row, INTERFACE_LINK_RESETS, entry->link_resets);
	db_txn_set_string(txn, row, INTERFACE_LINK_STATE, up ? "up" : "down");
	if (speed)
		db_txn_set_integer(txn, row, INTERFACE_LINK_SPEED, (int64_t)speed * MEGABIT);
	else
		db_txn_set_empty(txn, row, INTERFACE_LINK_SPEED);
	if (!db_row_count(row, INTERFACE_BFD) && !db_row_count(row, INTERFACE_BFD_STATUS))
		return;
	bfd = json_object();
	bridge_add_bfd_status(port->name, bfd);
	set_map(txn, row, INTERFACE_BFD_STATUS, bfd);
}

/* Of the kernel's device that has the port's name, if there is one; 0: there is none. Each port is looked
 * at every few seconds, so the socket that asks is kept as long as the process runs. */
static int find_index(const char *name)
{
	static int sock = -1;
	struct ifreq request = {0};
	size_t n = strlen(name);

	if (sock < 0)
		sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock < 0 || n >= sizeof(request.ifr_name))
		return 0;
	memcpy(request.ifr_name, name, n);
	return ioctl(sock, SIOCGIFINDEX, &request) ? 0 : request.ifr_ifindex;
}

static void write_ifindex(struct db_txn *txn, struct db_row *row, const struct port *port)
{
	int index = find_index(port->name);

	if (index)
		db_txn_set_integer(txn, row, INTERFACE_IFINDEX, index);
	else
		db_txn_set_empty(txn, row, INTERFACE_IFINDEX);
}

static void write_status(struct db_txn *txn, struct db_row *row, struct switch_port *entry)
{
	const struct port *port = entry->port;
	char mac[MAC_TEXT_SIZE];

	db_txn_set_string(txn, row, INTERFACE_MAC_IN_USE, mac_format(port->mac, mac));
	db_txn_set_string(txn, row, INTERFACE_ADMIN_STATE, "up");
	write_ifindex(txn, row, port);
	write_link(txn, row, entry);
	set_map(txn, row, INTERFACE_STATUS, writeback_status(row, entry));
}

static void clear_port(struct db_txn *txn, struct db_row *row)
{
	static const unsigned columns[] = {
		INTERFACE_MAC_IN_USE,
		INTERFACE_MTU,
		INTERFACE_ADMIN_STATE,
		INTERFACE_IFINDEX,
		INTERFACE_LINK_STATE,
		INTERFACE_LINK_RESETS,
		INTERFACE_LINK_SPEED,
		INTERFACE_BFD_STATUS,
		INTERFACE_STATISTICS,
	};

	for (size_t i = 0; i < ARRAY_LENGTH(columns); i++)
		db_txn_set_empty(txn, row, columns[i]);
}

void writeback_port(
	struct db_txn *txn,
	struct db_row *row,
	const struct db_row *lport,
	const struct db_row *bridge_row
)
{
	const struct bridge *bridge = bridge_find(db_row_string(bridge_row, BRIDGE_NAME, ""));
	const char *name = db_row_string(row, INTERFACE_NAME, "");
	struct switch_port *entry = switch_ports_find(name);
	uint32_t number = bridge ? bridge_port_number(bridge, name) : 0;

	/* Of a row that several name, one of them tells. */
	if (entry && (entry->opening || !switch_port_is_of(entry, lport, bridge_row)))
		return;
	writeback_error(txn, row, lport, entry, number, bridge && !number);
	db_txn_set_integer(txn, row, INTERFACE_OFPORT, number ? (int64_t)number : -1);
	if (!entry || !entry->port) {
		clear_port(txn, row);
		/* A patch port has no device, but there may be something to say of it. */
		json_t *status = entry ? writeback_status(row, entry) : json_object();

		set_map(txn, row, INTERFACE_STATUS, status);
		return;
	}
	write_status(txn, row, entry);
	/* Clients read the counters as soon as the port is there. */
	if (!db_row_count(row, INTERFACE_STATISTICS))
		writeback_counters(txn, row, entry);
}

void writeback_port_statistics(struct db_txn *txn, struct db_row *row)
{
	struct switch_port *entry = switch_ports_find(db_row_string(row, INTERFACE_NAME, ""));

	if (!entry || !entry->port)
		return;
	writeback_counters(txn, row, entry);
	write_status(txn, row, entry);
}

void writeback_port_link(struct db_txn *txn, struct db_row *row)
{
	struct switch_port *entry = switch_ports_find(db_row_string(row, INTERFACE_NAME, ""));

	if (!entry || !entry->port)
		return;
	/* What keeps a guest away is told until it is mended; advice about settings changes with them. */
	if (!port_link_up(entry->port) && entry->has_obstacle)
		write_status(txn, row, entry);
	else
		write_link(txn, row, entry);
}
