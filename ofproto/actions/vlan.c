/* SPDX-License-Identifier: Apache-2.0 */

/* Actions that add and remove VLAN tags.  */

#include <string.h>

#include "datapath/drop.h"
#include "ofproto/actions/room.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/xlate/commit.h"
#include "ofproto/xlate/xlate.h"

DROP_REASON(too_many_tags, "the actions push more VLAN tags than the switch can follow");

/* The new tag says what the one outside said before (OpenFlow 1.3, 5.12.1). */
static void push(struct xlate *x, const void *args)
{
	const struct action_value *push = args;
	struct key *key = &x->key;
	struct key_tag *tags = key->pipeline.tags;

	xlate_look_vlan(x, UINT16_MAX);
	commit_look_tag_types(x);
	if (key->pipeline.tags[KEY_DEEP_TAGS - 1].tci) {
		xlate_drop(x, &drop_too_many_tags);
		x->exited = true;
		return;
	}
	if (key->extra.vlan_tci2) {
		memmove(&tags[1], tags, sizeof(key->pipeline.tags) - sizeof(tags[0]));
		tags[0] = (struct key_tag){key->extra.vlan_tci2, key->extra.vlan_tpid2};
	}
	key->extra.vlan_tci2 = key->base.vlan_tci;
	key->extra.vlan_tpid2 = key->base.vlan_tpid;
	key->base.vlan_tci |= be16_from(KEY_VLAN_PRESENT);
	key->base.vlan_tpid = be16_from((uint16_t)push->value);
}

static void strip(struct xlate *x, const void *args)
{
	struct key *key = &x->key;
	struct key_tag *tags = key->pipeline.tags;

	xlate_look_vlan(x, UINT16_MAX);
	if (!key->base.vlan_tci)
		return;
	XLATE_LOOK(x, extra.vlan_tci2);
	key->base.vlan_tci = key->extra.vlan_tci2;
	key->base.vlan_tpid = key->extra.vlan_tpid2;
	key->extra.vlan_tci2 = tags[0].tci;
	key->extra.vlan_tpid2 = tags[0].tpid;
	memmove(tags, &tags[1], sizeof(key->pipeline.tags) - sizeof(tags[0]));
	tags[KEY_DEEP_TAGS - 1] = (struct key_tag){0};
}

ACTION_ROOM_WITH(push_vlan, push, ACTION_ROOM_BLIND);
ACTION_ROOM_WITH(strip_vlan, strip, ACTION_ROOM_BLIND | ACTION_ROOM_UNTAGS);
ACTION_ROOM_WITH(pop_vlan, strip, ACTION_ROOM_BLIND | ACTION_ROOM_UNTAGS);
