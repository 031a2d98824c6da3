/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a bridge does as an Ethernet switch: the addresses it has learned, the protocols it speaks
 * with its neighbours, VLANs that are flooded.
 *
 * The main thread keeps struct l2; what translators need of it is in the l2_view of the bridge's view,
 * which never changes.  */

#include <stdbool.h>
#include <stdint.h>

#include "ofproto/l2/mcast.h"
#include "ofproto/l2/pvlan.h"

struct addresses;
struct bridge;
struct bridge_config;
struct bridge_lport_config;
struct bridge_port;
struct change;
struct lport;
struct mcast_table;
struct mirror_config;
struct mirror_stats;
struct mirror_view;
struct strbuf;
struct view_bridge;
struct view_lport;

struct l2_config {
	uint64_t flood_vlans[4096 / 64]; /* nothing is learned there */
	const struct pvlans *pvlans; /* NULL: none are private */
	struct mcast_config mcast;
	const struct mirror_config *mirrors;
	unsigned n_mirrors;
};

/* Translators read. */
struct l2_view {
	uint64_t *flood_vlans; /* or NULL: none */
	struct pvlans *pvlans; /* or NULL: none are private */
	const struct mcast_table *mcast; /* NULL: groups are nothing special */
	bool floods_unregistered;
	struct mirror_view *mirrors;
	unsigned n_mirrors;
};

/* Any thread that holds an epoch. */

bool l2_floods(const struct view_bridge *bridge, uint16_t vlan);

/* Main thread. */

/* How many VLAN tags rules see; 0: as many as a key has. */
void l2_set_vlan_limit(uint32_t limit);

void l2_start(struct bridge *bridge);
/* Before the bridge's lports go. */
void l2_stop(struct bridge *bridge);
/* When no translator sees the bridge any more. */
void l2_free(struct bridge *bridge);
void l2_set_lport(struct view_lport *draft, const struct bridge_lport_config *config);
void l2_forget_lport(struct bridge *bridge, struct lport *lport);
void l2_forget_port(struct bridge_port *port);
/* Before the bridge is published. */
void l2_apply(struct bridge *bridge, const struct bridge_config *config, struct change *change);
/* Does what time asks for. */
void l2_poll(struct bridge *bridge);
/* For the view that is being drawn. */
struct l2_view *l2_draw(const struct bridge *bridge);
void l2_view_free(struct l2_view *view);
/* What is amiss at this time, for the bridge's status; nothing is added if nothing is. */
void l2_add_alarm(const struct bridge *bridge, struct strbuf *out);
/* False: there is no such mirror. */
bool l2_get_mirror_stats(const struct bridge *bridge, const char *id, struct mirror_stats *stats);
/* Adds the primaries of private VLANs among them: floods depend on these. */
void l2_add_homes(const struct bridge *bridge, uint64_t vlans[4096 / 64]);
struct addresses *l2_addresses(const struct bridge *bridge);
struct mcast *l2_mcast(const struct bridge *bridge);
