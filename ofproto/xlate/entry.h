/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Ways into a translation for packets that come through no port: controllers and threads of our own
 * send them, or they were held. No flow is made of what comes out.  */

#include <stdint.h>

struct key;
struct resumption;
struct rule_actions;
struct view;
struct view_bridge;
struct xlate;

/* Any thread that holds an epoch. */

/* Does the actions with a packet of the bridge, which need not have come through a port. */
void xlate_run_actions(
	struct xlate *x,
	const struct view *view,
	const struct view_bridge *bridge,
	const struct key *key, /* in_port: an OpenFlow number */
	const struct rule_actions *actions
);

/* Puts a packet into a tunnel of the bridge, which it was about to enter. */
void xlate_run_into(
	struct xlate *x,
	const struct view *view,
	const struct view_bridge *bridge,
	const struct key *key,
	uint32_t port
);

/* Does what was left to do with a packet that was paused. */
void xlate_resume(
	struct xlate *x,
	const struct view *view,
	const struct view_bridge *bridge,
	const struct key *key,
	const struct resumption *resumption
);
