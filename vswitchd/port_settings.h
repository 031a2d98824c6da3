/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What can be changed on a port that is open: its MAC address and its MTU.  */

#include <stdbool.h>

struct db_row;
struct interface_row;
struct port_row;
struct switch_port;

/* Main thread. */

/* Applies Interface.mac and mtu_request. The bridge's own port ('is_local') takes the bridge's
 * address unless it has one of its own. What cannot be set is noted in the entry; the port works on
 * as it is. */
void port_settings_apply(
	struct switch_port *entry,
	const struct interface_row *interface,
	const struct port_row *lport,
	const struct db_row *bridge_row,
	bool is_local
);
