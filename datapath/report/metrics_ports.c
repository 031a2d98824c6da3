/* SPDX-License-Identifier: Apache-2.0 */

/* Metrics of ports: packets, bytes, errors, and each reason for which packets died.  */

#include <stdbool.h>

#include "datapath/drop.h"
#include "datapath/flow.h"
#include "datapath/port.h"
#include "lib/metrics/metrics.h"

enum {
	INFO,
	UP,
	RX_PACKETS,
	RX_BYTES,
	RX_ERRORS,
	RX_DROPPED,
	TX_PACKETS,
	TX_BYTES,
	TX_ERRORS,
	TX_DROPPED,
};

static const struct metric port_metrics[] = {
	[INFO] = {"weir_port_info", METRIC_GAUGE, "1, with the port's type."},
	[UP] = {"weir_port_up", METRIC_GAUGE, "Whether the port has link."},
	[RX_PACKETS] = {"weir_port_receive_packets_total", METRIC_COUNTER, "Packets received."},
	[RX_BYTES] = {"weir_port_receive_bytes_total", METRIC_COUNTER, "Bytes received."},
	[RX_ERRORS] =
		{"weir_port_receive_errors_total",
		 METRIC_COUNTER,
		 "Packets that could not be received."},
	[RX_DROPPED] =
		{"weir_port_receive_dropped_total",
		 METRIC_COUNTER,
		 "Packets received and dropped by the device."},
	[TX_PACKETS] = {"weir_port_transmit_packets_total", METRIC_COUNTER, "Packets sent."},
	[TX_BYTES] = {"weir_port_transmit_bytes_total", METRIC_COUNTER, "Bytes sent."},
	[TX_ERRORS] =
		{"weir_port_transmit_errors_total",
		 METRIC_COUNTER,
		 "Packets that could not be sent."},
	[TX_DROPPED] =
		{"weir_port_transmit_dropped_total",
		 METRIC_COUNTER,
		 "Packets that the device did not take."},
};

static void add_port(struct port *port, void *out_)
{
	struct metrics *out = out_;
	struct port_stats stats = {0};

	port_get_stats(port, &stats);
	metrics_add(out, INFO, 1, "port", port->name, "type", port->type->name, METRICS_END);
	metrics_add(out, UP, port_link_up(port), "port", port->name, METRICS_END);
	metrics_add(out, RX_PACKETS, (double)stats.rx_packets, "port", port->name, METRICS_END);
	metrics_add(out, RX_BYTES, (double)stats.rx_bytes, "port", port->name, METRICS_END);
	metrics_add(out, RX_ERRORS, (double)stats.rx_errors, "port", port->name, METRICS_END);
	metrics_add(out, RX_DROPPED, (double)stats.rx_dropped, "port", port->name, METRICS_END);
	metrics_add(out, TX_PACKETS, (double)stats.tx_packets, "port", port->name, METRICS_END);
	metrics_add(out, TX_BYTES, (double)stats.tx_bytes, "port", port->name, METRICS_END);
	metrics_add(out, TX_ERRORS, (double)stats.tx_errors, "port", port->name, METRICS_END);
	metrics_add(out, TX_DROPPED, (double)stats.tx_dropped, "port", port->name, METRICS_END);
}

static void collect_ports(struct metrics *out)
{
	port_foreach(add_port, out);
}
METRIC_SOURCE(ports, port_metrics, collect_ports);

static const struct metric drop_metrics[] = {
	{"weir_dropped_packets_total",
	 METRIC_COUNTER,
	 "Packets that died, by the port they came from (or were to leave by) and the reason."},
};

/* Only what has happened: there are a hundred reasons. */
static void add_drops(struct metrics *out, const char *name, uint16_t id)
{
	REGISTRY_FOREACH(drop_reason, reason) {
		uint64_t n = drop_count(id, reason);

		if (n)
			metrics_add(
				out, 0, (double)n, "port", name, "reason", reason->name, METRICS_END
			);
	}
}

static void add_port_drops(struct port *port, void *out)
{
	add_drops(out, port->name, port->id);
}

static void collect_drops(struct metrics *out)
{
	/* Packets of no port: those that were made here. */
	add_drops(out, "", 0);
	port_foreach(add_port_drops, out);
}
METRIC_SOURCE(drops, drop_metrics, collect_drops);

static const struct metric flow_metrics[] = {
	{"weir_flows", METRIC_GAUGE, "Flows in the workers' table."},
	{"weir_flow_masks", METRIC_GAUGE, "Masks these flows have between them."},
};

static void collect_flows(struct metrics *out)
{
	metrics_add(out, 0, flow_count(), METRICS_END);
	metrics_add(out, 1, flow_mask_count(), METRICS_END);
}
METRIC_SOURCE(flows, flow_metrics, collect_flows);
