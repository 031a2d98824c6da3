/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Protocols: what a switch itself speaks with its neighbours on a link.
 *
 * Their frames are addressed to a group that no switch forwards. A port that listens to a protocol
 * hands its frames to the main thread before any rule sees them; other ports treat them like all
 * reserved addresses.  */

#include <stdbool.h>
#include <stdint.h>

#include "lib/registry.h"
#include "lib/types.h"

struct bridge;
struct bridge_port;
struct view_port;
struct xlate;

struct protocol {
	const char *name;
	struct mac group; /* where its frames go to */
	uint16_t eth_type; /* 0: any */
	/* Main thread. A frame came in through a port of the bridge. */
	void (*receive
	)(struct bridge *bridge, struct bridge_port *port, const uint8_t *frame, uint32_t n);
};

REGISTRY_DECLARE(protocol, const struct protocol);

enum {
	PROTOCOLS_MAX = 16, /* as many as there are bits in a view_port */
};

/* Main thread. */

/* Whether the port listens; takes effect with the next view. */
void protocol_listen(
	struct bridge *bridge,
	struct bridge_port *port,
	const struct protocol *protocol,
	bool listens
);
/* Sends a frame out of the port, past all rules. */
void protocol_send(
	const struct bridge *bridge,
	const struct bridge_port *port,
	const uint8_t *frame,
	uint32_t n
);

/* Any thread that holds an epoch. */

/* Whether the packet is of a protocol that the port it came through listens to; then it is on its
 * way there. */
bool protocols_take(struct xlate *x, const struct view_port *port);
