/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/l2/l2.h"

#include <stdlib.h>
#include <string.h>

#include "datapath/packet/vlan_limit.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_changes.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/l2/addresses.h"
#include "ofproto/l2/guard.h"
#include "ofproto/l2/mirror.h"
#include "ofproto/mac_table.h"
#include "ofproto/protocol.h"

struct l2 {
	struct addresses *addresses;
	struct mcast *mcast;
	struct mirror *mirrors;
	struct pvlans pvlans;
	uint64_t flood_vlans[4096 / 64];
};

bool l2_floods(const struct view_bridge *bridge, uint16_t vlan)
{
	return bridge->l2->flood_vlans && view_vlans_have(bridge->l2->flood_vlans, vlan);
}

void l2_set_vlan_limit(uint32_t limit)
{
	if (vlan_limit_set(limit))
		keeper_purge();
}

void l2_start(struct bridge *bridge)
{
	bridge->l2 = XNEW(struct l2);
	bridge->l2->addresses = addresses_start(bridge);
	bridge->l2->mcast = mcast_start(bridge);
}

void l2_stop(struct bridge *bridge)
{
	struct change *change = bridge_changes_begin();

	protocols_forget_bridge(bridge);
	mirrors_apply(bridge, &bridge->l2->mirrors, NULL, 0, change);
	bridge->dirty = true;
	bridges_publish(change);
	bridge_changes_end();
}

void l2_set_lport(struct view_lport *draft, const struct bridge_lport_config *config)
{
	draft->guard = guard_renew(draft->guard, config->guard);
	mcast_set_lport(draft, config->other_config);
}

void l2_forget_lport(struct bridge *bridge, struct lport *lport)
{
	lport->draft->guard = guard_renew(lport->draft->guard, NULL);
	mcast_forget_lport(bridge->l2->mcast, lport->draft);
	protocols_forget_lport(lport);
}

void l2_forget_port(struct bridge_port *port)
{
	protocols_forget_port(port);
}

void l2_free(struct bridge *bridge)
{
	addresses_stop(bridge, bridge->l2->addresses);
	mcast_stop(bridge->l2->mcast);
	free(bridge->l2);
	bridge->l2 = NULL;
}

static void apply_flooding(struct bridge *bridge, const struct l2_config *config)
{
	struct l2 *l2 = bridge->l2;

	if (!memcmp(l2->flood_vlans, config->flood_vlans, sizeof(l2->flood_vlans)))
		return;
	memcpy(l2->flood_vlans, config->flood_vlans, sizeof(l2->flood_vlans));
	bridge->dirty = true;
}

/* Addresses and groups were learned in other VLANs than they would be now. */
static void apply_pvlans(struct bridge *bridge, const struct l2_config *config)
{
	static const struct pvlans none;
	const struct pvlans *wanted = config->pvlans ? config->pvlans : &none;

	if (!memcmp(&bridge->l2->pvlans, wanted, sizeof(*wanted)))
		return;
	bridge->l2->pvlans = *wanted;
	mac_table_flush(bridge->macs);
	mcast_forget(bridge->l2->mcast);
	bridge->dirty = true;
}

void l2_apply(struct bridge *bridge, const struct bridge_config *config, struct change *change)
{
	static const struct l2_config none;
	const struct l2_config *l2 = config->l2 ? config->l2 : &none;
	bool was_dirty;

	protocols_apply(bridge, config);
	was_dirty = bridge->dirty;
	bridge->dirty = false;
	addresses_apply(bridge, config);
	if (bridge->forward_bpdu != config->forward_bpdu)
		bridge->dirty = true;
	bridge->forward_bpdu = config->forward_bpdu;
	apply_flooding(bridge, l2);
	apply_pvlans(bridge, l2);
	bridge->dirty |= mcast_apply(bridge, bridge->l2->mcast, &l2->mcast);
	bridge->dirty |=
		mirrors_apply(bridge, &bridge->l2->mirrors, l2->mirrors, l2->n_mirrors, change);
	if (bridge->dirty)
		change_add(change, DEP_BRIDGE, bridge->index, 0, 0);
	bridge->dirty |= was_dirty;
}

void l2_poll(struct bridge *bridge)
{
	addresses_poll(bridge, bridge->l2->addresses);
	mcast_poll(bridge, bridge->l2->mcast);
	protocols_poll(bridge);
}

void l2_add_alarm(const struct bridge *bridge, struct strbuf *out)
{
	addresses_add_alarm(bridge, bridge->l2->addresses, out);
}

bool l2_get_mirror_stats(const struct bridge *bridge, const char *id, struct mirror_stats *stats)
{
	return mirrors_get_stats(bridge->l2->mirrors, id, stats);
}

void l2_add_homes(const struct bridge *bridge, uint64_t vlans[4096 / 64])
{
	for (unsigned vlan = 0; vlan < 4096; vlan++) {
		uint16_t home = bridge->l2->pvlans.primary[vlan];

		if (home && vlans[vlan / 64] >> vlan % 64 & 1)
			vlans[home / 64] |= 1ULL << home % 64;
	}
}

struct mcast *l2_mcast(const struct bridge *bridge)
{
	return bridge->l2->mcast;
}

struct addresses *l2_addresses(const struct bridge *bridge)
{
	return bridge->l2->addresses;
}

struct l2_view *l2_draw(const struct bridge *bridge)
{
	static const struct pvlans none;
	struct l2_view *view = XNEW(struct l2_view);
	uint64_t any = 0;

	for (unsigned i = 0; i < ARRAY_LENGTH(bridge->l2->flood_vlans); i++)
		any |= bridge->l2->flood_vlans[i];
	if (any)
		view->flood_vlans = memcpy(xmalloc(4096 / 8), bridge->l2->flood_vlans, 4096 / 8);
	mirrors_draw(bridge, bridge->l2->mirrors, view);
	mcast_draw(bridge->l2->mcast, view);
	if (memcmp(&bridge->l2->pvlans, &none, sizeof(none))) {
		view->pvlans = xmalloc(sizeof(none));
		*view->pvlans = bridge->l2->pvlans;
	}
	return view;
}

void l2_view_free(struct l2_view *view)
{
	if (!view)
		return;
	free(view->flood_vlans);
	free(view->pvlans);
	mirrors_view_free(view);
	free(view);
}
