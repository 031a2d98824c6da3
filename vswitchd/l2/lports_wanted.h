/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The ports of a bridge as its row wants them.  */

struct bridge_lport_config;
struct bridge_port_config;
struct db_row;

/* Main thread. */

/* Fills 'lports', with room for each port of the bridge, and 'ports', for each interface. Returns how
 * many lports there are: those with an interface that can carry packets. Their other_config is the
 * caller's to release. */
unsigned lports_wanted_read(
	const struct db_row *bridge,
	struct bridge_lport_config *lports,
	struct bridge_port_config *ports
);
