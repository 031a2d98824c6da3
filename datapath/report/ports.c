/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>

#include "datapath/port.h"
#include "lib/command.h"

/* Adds the port as a row of ports/show. */
static void show(struct port *port, void *context)
{
	struct port_stats stats = {0};
	json_t *rows = context;

	port_get_stats(port, &stats);
	json_array_append_new(
		rows,
		json_pack(
			"{s:i, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
			"id",
			port->id,
			"name",
			port->name,
			"type",
			port->type->name,
			"link",
			port_link_up(port) ? "up" : "down",
			"rx_packets",
			(json_int_t)stats.rx_packets,
			"rx_bytes",
			(json_int_t)stats.rx_bytes,
			"rx_dropped",
			(json_int_t)stats.rx_dropped,
			"rx_errors",
			(json_int_t)stats.rx_errors,
			"tx_packets",
			(json_int_t)stats.tx_packets,
			"tx_bytes",
			(json_int_t)stats.tx_bytes,
			"tx_dropped",
			(json_int_t)stats.tx_dropped,
			"tx_errors",
			(json_int_t)stats.tx_errors
		)
	);
}

static json_t *cmd_ports_show(struct command_call *call, struct errbuf *err)
{
	json_t *rows = json_array();

	port_foreach(show, rows);
	return rows;
}
MGMT_COMMAND(
	ports_show, "ports/show", "", 0, 0, cmd_ports_show, "Open ports and their counters now."
);
