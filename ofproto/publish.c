/* SPDX-License-Identifier: Apache-2.0 */

/* Publishing: from the bridges as the main thread keeps them to the view translators see. What has
 * not changed is carried over, and what has changed is noted for the keeper.  */

#include <stdlib.h>
#include <string.h>

#include "datapath/port.h"
#include "lib/hash.h"
#include "lib/xmalloc.h"
#include "ofproto/bindings.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/port_status.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/l2/guard.h"
#include "ofproto/l2/l2.h"
#include "ofproto/mac_table.h"
#include "ofproto/underlay/underlay.h"

/* A bridge, its own device or a tunnel came, went or changed. */
static bool underlay_changed;

static const struct bridge_port *find_patch(const char *name)
{
	struct bridge *bridge;
	struct bridge_port *port;

	HMAP_FOREACH(bridge, node, bridges_all())
		HMAP_FOREACH_WITH_HASH(port, node, hash_string(name, 0), &bridge->ports)
			if (!strcmp(port->name, name) && port->peer)
				return port;
	return NULL;
}

/* Both ends must name each other. NULL: there is no other end. */
static const struct bridge_port *find_peer(const struct bridge_port *port)
{
	const struct bridge_port *peer = port->peer ? find_patch(port->peer) : NULL;

	return peer && peer != port && !strcmp(peer->peer, port->name) ? peer : NULL;
}

static uint32_t peer_slot(const struct bridge_port *port)
{
	const struct bridge_port *peer = find_peer(port);

	return peer ? peer->slot : VIEW_NO_SLOT;
}

bool bridge_patch_is_whole(const char *name)
{
	const struct bridge_port *port = find_patch(name);

	return port && find_peer(port);
}

static uint64_t *copy_vlans(const uint64_t *vlans)
{
	return vlans ? memcpy(xmalloc(4096 / 8), vlans, 4096 / 8) : NULL;
}

static struct view_lport *draw_lport(const struct lport *lport)
{
	struct view_lport *view =
		xcalloc(1, sizeof(*view) + lport->n_ports * sizeof(view->ports[0]));

	*view = *lport->draft;
	view->n_ports = 0;
	view->trunks = copy_vlans(lport->draft->trunks);
	view->cvlans = copy_vlans(lport->draft->cvlans);
	view->guard = guard_copy(lport->draft->guard);
	for (unsigned i = 0; i < lport->n_ports; i++) {
		const struct bridge_port *port = lport->ports[i];
		struct view_port *out = &view->ports[view->n_ports];

		if (!port->number || (!port->port && !port->peer))
			continue;
		out->lport = view;
		out->number = port->number;
		out->slot = port->slot;
		out->peer = peer_slot(port);
		out->since_ms = port->since_ms;
		out->id = port->port ? port->port->id : 0;
		out->config = port->config;
		out->protocols = port->protocols;
		out->bfd_key_zero = port->bfd_key_zero;
		out->bfd_to = port->bfd_to;
		out->tunnel = port->port ? port->port->tunnel : NULL;
		snprintf(out->name, sizeof(out->name), "%s", port->name);
		view->n_ports++;
	}
	if (view->n_ports)
		return view;
	view_lport_free(view);
	return NULL;
}

static bool same_set(const uint64_t *a, const uint64_t *b)
{
	return a && b ? !memcmp(a, b, 4096 / 8) : a == b;
}

static bool same_vlans(const struct view_lport *a, const struct view_lport *b)
{
	return a->vlan_mode == b->vlan_mode && a->tag == b->tag && a->qinq_type == b->qinq_type &&
		same_set(a->trunks, b->trunks) && same_set(a->cvlans, b->cvlans);
}

static bool same_port(const struct view_port *a, const struct view_port *b)
{
	return a->number == b->number && a->slot == b->slot && a->peer == b->peer &&
		a->since_ms == b->since_ms && a->id == b->id && a->config == b->config &&
		a->protocols == b->protocols && a->bfd_key_zero == b->bfd_key_zero &&
		!memcmp(&a->bfd_to, &b->bfd_to, sizeof(a->bfd_to)) && a->tunnel == b->tunnel &&
		!strcmp(a->name, b->name);
}

static bool same_lport(const struct view_lport *a, const struct view_lport *b)
{
	if (!a || !b)
		return a == b;
	if (!same_vlans(a, b) || a->priority_tags != b->priority_tags ||
	    a->private_trunk != b->private_trunk || a->protected_port != b->protected_port ||
	    !guard_equal(a->guard, b->guard) || a->mcast_flood != b->mcast_flood ||
	    a->mcast_reports != b->mcast_reports || a->state != b->state ||
	    a->n_ports != b->n_ports)
		return false;
	for (unsigned i = 0; i < a->n_ports; i++)
		if (!same_port(&a->ports[i], &b->ports[i]))
			return false;
	return true;
}

static void note_lport(struct change *change, const struct view_lport *lport)
{
	uint64_t vlans[4096 / 64];

	if (!lport)
		return;
	change_add(change, DEP_LPORT, lport->id, 0, 0);
	change_add(change, DEP_PORTS, lport->bridge, 0, 0);
	view_lport_vlans(lport, vlans);
	l2_add_homes(bridge_at(lport->bridge), vlans);
	change_add_vlans(change, lport->bridge, vlans);
	for (unsigned i = 0; i < lport->n_ports; i++) {
		change_add(change, DEP_SLOT, lport->ports[i].slot, 0, 0);
		change_add(change, DEP_NUMBER, lport->bridge, 0, lport->ports[i].number);
	}
}

static void free_lport(void *lport)
{
	view_lport_free(lport);
}

static bool concerns_underlay(const struct view_lport *lport)
{
	for (unsigned i = 0; lport && i < lport->n_ports; i++)
		if (lport->ports[i].tunnel || lport->ports[i].number == PORT_LOCAL)
			return true;
	return false;
}

/* Draws the lport anew; keeps the old drawing if nothing differs. */
static void refresh_lport(struct bridge *bridge, struct lport *lport, struct change *change)
{
	const struct view_lport *old = lport->view;
	struct view_lport *new = lport->wanted ? draw_lport(lport) : NULL;

	if (same_lport(old, new)) {
		view_lport_free(new);
		return;
	}
	lport->view = new;
	bridge->dirty = true;
	underlay_changed |= concerns_underlay(old) || concerns_underlay(new);
	note_lport(change, old);
	note_lport(change, new);
	if (old && (!new || !same_vlans(old, new)))
		mac_table_forget_lport(bridge->macs, old->id);
	view_retire((void *)old, free_lport);
}

static void draw_bridge(struct bridge *bridge)
{
	struct view_bridge *view = XNEW(struct view_bridge);
	struct view_bridge *old = bridge->view;
	struct lport *lport;

	view->name = bridge->name;
	view->index = bridge->index;
	view->fail_mode = bridge->fail_mode;
	view->forward_bpdu = bridge->forward_bpdu;
	view->misses_are_asked = bridge->misses_are_asked;
	view->ttls_are_asked = bridge->ttls_are_asked;
	view->macs = bridge->macs;
	view->tables = bridge->tables;
	view->groups = bridge->groups;
	view->meters = bridge->meters;
	view->l2 = l2_draw(bridge);
	view->options = bridge->options;
	view->lports = XNEW_N(const struct view_lport *, hmap_count(&bridge->lports) + 1);
	view->ports = XNEW_N(const struct view_port *, hmap_count(&bridge->ports) + 1);
	HMAP_FOREACH(lport, node, &bridge->lports) {
		if (!lport->view)
			continue;
		view->lports[view->n_lports++] = lport->view;
		view->has_bonds |= lport->view->n_ports > 1;
		for (unsigned i = 0; i < lport->view->n_ports; i++)
			view->ports[view->n_ports++] = &lport->view->ports[i];
	}
	view_bridge_index(view);
	/* Before anybody translates what they read. */
	bindings_apply(bridge, view);
	bridge->view = view;
	bridge->dirty = false;
	view_retire(old, view_bridge_free);
}

static void publish_all(void)
{
	uint32_t n_slots = 0;
	struct bridge *bridge;

	HMAP_FOREACH(bridge, node, bridges_all())
		for (unsigned i = 0; bridge->view && i < bridge->view->n_ports; i++)
			if (bridge->view->ports[i]->slot >= n_slots)
				n_slots = bridge->view->ports[i]->slot + 1;
	struct view *view = view_new(n_slots);

	HMAP_FOREACH(bridge, node, bridges_all()) {
		view->bridges[bridge->index] = bridge->view;
		for (unsigned i = 0; bridge->view && i < bridge->view->n_ports; i++)
			view->slots[bridge->view->ports[i]->slot] = bridge->view->ports[i];
	}
	view_publish(view);
}

void bridges_publish(struct change *change)
{
	struct bridge *bridge;
	struct lport *lport;

	/* All bridges, because a patch port changes when the other bridge's end does. */
	HMAP_FOREACH(bridge, node, bridges_all()) {
		HMAP_FOREACH(lport, node, &bridge->lports)
			refresh_lport(bridge, lport, change);
		if (bridge->dirty || !bridge->view)
			draw_bridge(bridge);
	}
	publish_all();
	HMAP_FOREACH(bridge, node, bridges_all())
		port_status_check(bridge);
	if (underlay_changed)
		underlay_ports_changed();
	underlay_changed = false;
}

void bridges_publish_gone(void)
{
	underlay_ports_changed();
}
