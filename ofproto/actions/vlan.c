/* SPDX-License-Identifier: Apache-2.0 */

/* Actions that add and remove VLAN tags.  */

#include "ofproto/actions/room.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/xlate/xlate.h"

/* The new tag says what the one outside said before (OpenFlow 1.3, 5.12.1). */
static void push(struct xlate *x, const void *args)
{
	const struct action_value *push = args;
	struct key *key = &x->key;

	xlate_look_vlan(x, UINT16_MAX);
	key->extra.vlan_tci2 = key->base.vlan_tci;
	key->extra.vlan_tpid2 = key->base.vlan_tpid;
	key->base.vlan_tci |= be16_from(KEY_VLAN_PRESENT);
	key->base.vlan_tpid = be16_from((uint16_t)push->value);
}

static void strip(struct xlate *x, const void *args)
{
	struct key *key = &x->key;

	xlate_look_vlan(x, UINT16_MAX);
	if (!key->base.vlan_tci)
		return;
	XLATE_LOOK(x, extra.vlan_tci2);
	key->base.vlan_tci = key->extra.vlan_tci2;
	key->base.vlan_tpid = key->extra.vlan_tpid2;
	key->extra.vlan_tci2 = 0;
	key->extra.vlan_tpid2 = 0;
}

ACTION_ROOM_WITH(push_vlan, push, ACTION_ROOM_BLIND);
ACTION_ROOM_WITH(strip_vlan, strip, ACTION_ROOM_BLIND);
ACTION_ROOM_WITH(pop_vlan, strip, ACTION_ROOM_BLIND);
