/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What can be changed on a port that is open: its MAC address, its MTU, what it may send and receive,
 * and who serves its queues.  */

#include <stdbool.h>
#include <stdint.h>

struct db_row;
struct interface_row;
struct port_row;
struct switch_port;

/* Main thread. */

/* Applies Interface.mac, mtu_request, policing and the keys about queues. The bridge's own port
 * ('is_local') takes the bridge's address unless it has one of its own. What cannot be set is noted in
 * the entry, and the rest is set nevertheless; the port works on as it is. */
void port_settings_apply(
	struct switch_port *entry,
	const struct interface_row *interface,
	const struct port_row *lport,
	const struct db_row *bridge_row,
	bool is_local
);
/* Afterwards, for a port of a type that follows: it takes over 'mtu', the least of the bridge's other
 * ports, unless another one is requested. */
void port_settings_follow_mtu(struct switch_port *entry, uint16_t mtu);
