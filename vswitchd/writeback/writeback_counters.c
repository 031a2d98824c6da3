/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/writeback/writeback_counters.h"

#include <jansson.h>

#include "datapath/port.h"
#include "lib/clock.h"
#include "lib/ovsdb/db_txn.h"
#include "lib/ovsdb/value/datum.h"
#include "vswitchd/rows.h"
#include "vswitchd/switch_ports.h"

enum {
	RATE_MIN_MS = 1000
};

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

void writeback_counters(struct db_txn *txn, struct db_row *row, struct switch_port *entry)
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
