/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Tunnels in translation: a packet for a tunnel port is put into its header and goes on as a packet
 * of the bridge that leads to the far end; a packet for an address of ours in which a tunnel's packet
 * travels is taken out of it.  */

#include <stdbool.h>
#include <stdint.h>

#include "datapath/tunnel/options.h"

struct view_port;
struct xlate;

/* The packet as it is now goes into the tunnel. */
void tunnel_output(struct xlate *x, const struct view_port *port);
/* Looks at all options the packet has that are bound, and writes them as they travel. Returns how many
 * bytes, or -1 if they are too many. */
int tunnel_get_options(struct xlate *x, uint8_t bytes[OPTIONS_SIZE]);
/* The packet is about to go out of 'port', a bridge's own device. True: it was one of a tunnel, and
 * has been taken care of. */
bool tunnel_input(struct xlate *x, const struct view_port *port);
