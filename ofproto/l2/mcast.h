/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Multicast snooping: a bridge listens to IGMP and MLD, and sends groups where they are wanted.  */

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

struct bridge;
struct frame;
struct l2_view;
struct mcast;
struct view_lport;

struct mcast_config {
	bool snoops;
	bool floods_unregistered; /* groups that nobody asked for go to all */
	uint32_t max;
	uint32_t aging_ms;
	uint32_t query_ms; /* how often the bridge itself asks; 0: never */
	uint8_t query_source[4]; /* the IPv4 address it asks from */
};

/* Any thread that holds an epoch. */

/* Whether the frame, for a multicast address, was dealt with; if not it is flooded. */
bool mcast_send(struct frame *frame);

/* Main thread. */

struct mcast *mcast_start(struct bridge *bridge);
void mcast_stop(struct mcast *mcast);
/* Whether the view is to be drawn anew. */
bool mcast_apply(struct bridge *bridge, struct mcast *mcast, const struct mcast_config *config);
/* Forgets what was learned. */
void mcast_forget(struct mcast *mcast);
void mcast_draw(const struct mcast *mcast, struct l2_view *view);
/* 'settings' are strings, or NULL. */
void mcast_set_lport(struct view_lport *draft, const json_t *settings);
void mcast_forget_lport(struct mcast *mcast, struct view_lport *draft);
void mcast_poll(struct bridge *bridge, struct mcast *mcast);
