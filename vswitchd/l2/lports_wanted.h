/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The ports of a bridge as its row wants them.  */

struct bridge_lport_config;
struct bridge_port_config;
struct db_row;

/* Main thread. */

/* Fills 'lports', with room for each port of the bridge, and 'ports', for each interface. Returns how
 * many lports there are: those with an interface that can carry packets. To be released after
 * use. */
unsigned lports_wanted_read(
	const struct db_row *bridge,
	struct bridge_lport_config *lports,
	struct bridge_port_config *ports
);
void lports_wanted_release(struct bridge_lport_config *lports, unsigned n);
