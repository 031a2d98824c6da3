/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Protocols: what a switch itself speaks with its neighbours on a link.
 *
 * Most send their frames to a group that no switch forwards. A port that listens to a protocol takes
 * its frames out of the traffic before any rule sees them; other ports treat them like all the rest.
 * They go to the main thread, unless the protocol has a thread that waits for them. A protocol keeps its state in the bridge, lports and ports (bridge_priv.h),
 * which tell it when they change or go.  */

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "lib/registry.h"
#include "lib/types.h"

struct bridge;
struct bridge_config;
struct bridge_port;
struct lport;
struct punt_target;
struct view_port;
struct xlate;

/* What is said of a frame that a protocol takes. */
struct protocol_note {
	const struct protocol *protocol;
	uint32_t bridge; /* its index */
	uint32_t port; /* its number */
};

/* A frame came in through a port of the bridge. */
typedef void protocol_receive_fn(
	struct bridge *bridge, struct bridge_port *port, const uint8_t *frame, uint32_t n
);

/* Its functions run on the main thread; all but 'receive' may be NULL. */
struct protocol {
	const char *name;
	struct mac group; /* where its frames go to */
	uint16_t eth_type; /* 0: any */
	/* Instead of these two: any thread; whether the frame is such. */
	bool (*is_for)(struct xlate *x, const struct view_port *port);
	protocol_receive_fn *receive;
	/* Instead of 'receive': who gets the frames on a thread of its own. */
	const struct punt_target *(*target)(void);
	/* The bridge's ports and lports are as declared; the caller publishes. */
	void (*apply)(struct bridge *bridge, const struct bridge_config *config);
	/* Often: time passes. */
	void (*poll)(struct bridge *bridge);
	/* What was found out, for Interface.status. */
	void (*add_status)(const struct bridge_port *port, json_t *status);
	/* Whether it found that nobody is at the other end. */
	bool (*is_dead)(const struct bridge_port *port);
	/* These go. */
	void (*forget_port)(struct bridge_port *port);
	void (*forget_lport)(struct lport *lport);
	void (*forget_bridge)(struct bridge *bridge);
};

REGISTRY_DECLARE(protocol, const struct protocol);

enum {
	PROTOCOLS_MAX = 16, /* as many as there are bits in a view_port */
};

/* Main thread. */

void protocols_apply(struct bridge *bridge, const struct bridge_config *config);
void protocols_poll(struct bridge *bridge);
bool protocols_say_dead(const struct bridge_port *port);
void protocols_forget_port(struct bridge_port *port);
void protocols_forget_lport(struct lport *lport);
void protocols_forget_bridge(struct bridge *bridge);

/* Whether the port listens; takes effect with the next view. */
void protocol_listen(
	struct bridge *bridge,
	struct bridge_port *port,
	const struct protocol *protocol,
	bool listens
);
/* The address that frames of the switch itself come from. */
struct mac protocol_source(const struct bridge *bridge, const struct bridge_port *port);
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
