/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/writeback/writeback_status.h"

#include "datapath/port.h"
#include "ofproto/bridge.h"
#include "ofproto/underlay/underlay.h"
#include "vswitchd/vf/vf_wanted.h"

json_t *writeback_status(const struct db_row *row, const struct port *port)
{
	json_t *status = port_status(port);

	bridge_add_port_status(port->name, status);
	if (port->tunnel)
		underlay_add_status(port->tunnel, status);
	vf_wanted_add_status(row, status);
	return status;
}
