/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/writeback/writeback_status.h"

#include "datapath/port.h"
#include "ofproto/bridge.h"
#include "ofproto/underlay/underlay.h"
#include "vswitchd/switch_ports.h"
#include "vswitchd/vf/vf_wanted.h"

/* The advice about its settings comes before what its device says, which is logged here. */
static void add_advice(struct switch_port *entry, json_t *status)
{
	json_t *obstacle = json_incref(json_object_get(status, "config_error"));

	entry->has_obstacle = obstacle;
	switch_port_complain(entry, obstacle ? json_string_value(obstacle) : "");
	if (entry->advice && obstacle)
		json_object_set_new(
			status,
			"config_error",
			json_sprintf("%s; %s", entry->advice, json_string_value(obstacle))
		);
	else if (entry->advice)
		json_object_set_new(status, "config_error", json_string(entry->advice));
	json_decref(obstacle);
}

json_t *writeback_status(const struct db_row *row, struct switch_port *entry)
{
	const struct port *port = entry->port;
	json_t *status = port ? port_status(port) : json_object();

	if (port) {
		bridge_add_port_status(port->name, status);
		if (port->tunnel)
			underlay_add_status(port->tunnel, status);
		vf_wanted_add_status(row, status);
	}
	add_advice(entry, status);
	return status;
}
