/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/writeback/writeback_port.h"

#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "datapath/port.h"
#include "lib/clock.h"
#include "lib/mac.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/db_txn.h"
#include "lib/ovsdb/value/datum.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge.h"
#include "vswitchd/complaints.h"
#include "vswitchd/l2/faults.h"
#include "vswitchd/rows.h"
#include "vswitchd/switch_ports.h"

enum {
	RATE_MIN_MS = 1000
};

static void set_map(struct db_txn *txn, struct db_row *row, unsigned column, json_t *take_map)
{
	db_txn_set(txn, row, column, datum_new_string_map(take_map));
	json_decref(take_map);
}

static void write_link(struct db_txn *txn, struct db_row *row, const struct port *port)
{
	db_txn_set_string(txn, row, INTERFACE_LINK_STATE, port_link_up(port) ? "up" : "down");
}

static void write_status(struct db_txn *txn, struct db_row *row, const struct port *port)
{
	char mac[MAC_TEXT_SIZE];

	db_txn_set_string(txn, row, INTERFACE_MAC_IN_USE, mac_format(port->mac, mac));
	db_txn_set_integer(txn, row, INTERFACE_MTU, port->mtu);
	db_txn_set_string(txn, row, INTERFACE_ADMIN_STATE, "up");
	write_link(txn, row, port);
	json_t *status = port_status(port);

	bridge_add_port_status(port->name, status);
	set_map(txn, row, INTERFACE_STATUS, status);
}

/* What has moved since the last look, each second. Looks that follow each other closely share the
 * older rate: an interval of milliseconds would say nothing. */
static void update_rates(struct switch_port *entry, const struct port_stats *now)
{
	struct switch_port_rates *rates = &entry->rates;
	int64_t ms = clock_ms() - rates->looked_ms;

	if (rates->looked_ms && ms < RATE_MIN_MS)
		return;
	if (rates->looked_ms) {
		rates->rx_packets = (now->rx_packets - rates->last_rx_packets) * 1000 / ms;
		rates->rx_bits = (now->rx_bytes - rates->last_rx_bytes) * 8000 / ms;
		rates->tx_packets = (now->tx_packets - rates->last_tx_packets) * 1000 / ms;
		rates->tx_bits = (now->tx_bytes - rates->last_tx_bytes) * 8000 / ms;
	}
	rates->looked_ms = clock_ms();
	rates->last_rx_packets = now->rx_packets;
	rates->last_rx_bytes = now->rx_bytes;
	rates->last_tx_packets = now->tx_packets;
	rates->last_tx_bytes = now->tx_bytes;
}

static void add_rates(const struct switch_port_rates *rates, json_t *map)
{
	json_object_set_new(map, "rx_packets_per_second", json_integer(rates->rx_packets));
	json_object_set_new(map, "rx_bits_per_second", json_integer(rates->rx_bits));
	json_object_set_new(map, "tx_packets_per_second", json_integer(rates->tx_packets));
	json_object_set_new(map, "tx_bits_per_second", json_integer(rates->tx_bits));
}

static void write_statistics(struct db_txn *txn, struct db_row *row, struct switch_port *entry)
{
	const struct port *port = entry->port;
	struct port_stats stats;

	port_get_stats(port, &stats);
	update_rates(entry, &stats);
	json_t *map = json_pack(
		"{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
		"rx_packets",
		(json_int_t)stats.rx_packets,
		"rx_bytes",
		(json_int_t)stats.rx_bytes,
		"rx_errors",
		(json_int_t)stats.rx_errors,
		"rx_dropped",
		(json_int_t)stats.rx_dropped,
		"tx_packets",
		(json_int_t)stats.tx_packets,
		"tx_bytes",
		(json_int_t)stats.tx_bytes,
		"tx_errors",
		(json_int_t)stats.tx_errors,
		"tx_dropped",
		(json_int_t)stats.tx_dropped
	);

	add_rates(&entry->rates, map);
	port_add_statistics(port, map);
	db_txn_set(txn, row, INTERFACE_STATISTICS, datum_new_integer_map(map));
	json_decref(map);
}

static void clear_port(struct db_txn *txn, struct db_row *row)
{
	static const unsigned columns[] = {
		INTERFACE_MAC_IN_USE,
		INTERFACE_MTU,
		INTERFACE_ADMIN_STATE,
		INTERFACE_LINK_STATE,
		INTERFACE_STATUS,
		INTERFACE_STATISTICS,
	};

	for (size_t i = 0; i < ARRAY_LENGTH(columns); i++)
		db_txn_set_empty(txn, row, columns[i]);
}

/* Several rows of Port name the interface: to be freed, or NULL. */
static char *find_rivalry(const struct switch_port *entry)
{
	char *what = xasprintf("claims to %s", entry->name);
	char *text = NULL;

	if (entry->rival)
		text = xasprintf(
			"port %s: %s names this interface too and goes without it: an interface "
			"belongs to one Port of one bridge",
			entry->name,
			entry->rival
		);
	complaints_log(what, text ? text : "");
	free(what);
	return text;
}

/* What is wrong with the interface: why it failed, or else keys that say nothing to us. */
static void write_error(
	struct db_txn *txn,
	struct db_row *row,
	const struct db_row *lport,
	const struct switch_port *entry,
	bool failed
)
{
	const char *name = db_row_string(row, INTERFACE_NAME, "");
	char *what = xasprintf("port %s", name);
	char *text = complaints_check(row, "Interface", what);
	char *rivalry = entry ? find_rivalry(entry) : NULL;
	char *port_fault = faults_of_port(lport);
	char *both = text && port_fault ? xasprintf("%s; %s", text, port_fault) : NULL;
	const char *error = rivalry ? rivalry : both ? both : text ? text : port_fault;

	if (entry && entry->err.error)
		error = entry->err.text;
	else if (failed && !error)
		error = "all numbers that a bridge has for its ports are in use";
	db_txn_set_string(txn, row, INTERFACE_ERROR, error);
	free(both);
	free(port_fault);
	free(text);
	free(rivalry);
	free(what);
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
	write_error(txn, row, lport, entry, bridge && !number);
	db_txn_set_integer(txn, row, INTERFACE_OFPORT, number ? (int64_t)number : -1);
	if (!entry || !entry->port) {
		clear_port(txn, row);
		return;
	}
	write_status(txn, row, entry->port);
	/* Clients read the counters as soon as the port is there. */
	if (!db_row_count(row, INTERFACE_STATISTICS))
		write_statistics(txn, row, entry);
}

void writeback_port_statistics(struct db_txn *txn, struct db_row *row)
{
	struct switch_port *entry = switch_ports_find(db_row_string(row, INTERFACE_NAME, ""));

	if (!entry || !entry->port)
		return;
	write_statistics(txn, row, entry);
	write_status(txn, row, entry->port);
}

void writeback_port_link(struct db_txn *txn, struct db_row *row)
{
	struct switch_port *entry = switch_ports_find(db_row_string(row, INTERFACE_NAME, ""));

	if (entry && entry->port)
		write_link(txn, row, entry->port);
}
