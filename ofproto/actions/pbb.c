/* SPDX-License-Identifier: Apache-2.0 */

/* Actions of provider backbone bridging (IEEE 802.1ah): a frame inside a frame.  */

#include <string.h>

#include "datapath/ops/pop_pbb.h"
#include "datapath/ops/push_pbb.h"
#include "ofproto/actions/room.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/xlate/xlate.h"

enum {
	TYPE_PBB = 0x88e7,
	TAG_UCA = 0x08000000,
	TAG_PCP_SHIFT = 29,
	VLAN_PCP_SHIFT = 13,
};

/* The new tag says what the one outside said before, or the VLAN tag of its priority (OpenFlow 1.3,
 * 5.12.1). */
static uint32_t new_tag(struct xlate *x)
{
	const struct key *key = &x->key;
	uint32_t tag;

	XLATE_LOOK(x, base.eth_type);
	xlate_look_vlan(x, UINT16_MAX);
	tag = (uint32_t)be16_to(key->base.vlan_tci) >> VLAN_PCP_SHIFT << TAG_PCP_SHIFT;
	if (key->base.eth_type != be16_from(TYPE_PBB))
		return tag;
	XLATE_LOOK(x, extra.pbb_isid);
	XLATE_LOOK(x, extra.pbb_uca);
	return tag | be32_to(key->extra.pbb_isid) | (key->extra.pbb_uca ? TAG_UCA : 0);
}

static void push(struct xlate *x, const void *args)
{
	be16 type = be16_from((uint16_t)((const struct action_value *)args)->value);
	uint32_t tag = new_tag(x);
	struct key *key = &x->key;

	XLATE_LOOK(x, extra.vlan_tci2);
	XLATE_LOOK(x, extra.vlan_tpid2);
	xlate_commit(x);
	struct op_push_pbb *op = program_add(&x->program, &op_push_pbb);

	op->tag = be32_from(tag);
	op->eth_type = type;
	/* The tags stay inside. All packets of the flow have them: they have been looked at. */
	key->base.vlan_tci = key->base.vlan_tpid = 0;
	key->extra.vlan_tci2 = key->extra.vlan_tpid2 = 0;
	key->base.eth_type = type;
	key->extra.pbb_isid = be32_from(tag & 0xffffff);
	key->extra.pbb_uca = tag & TAG_UCA ? 1 : 0;
	XLATE_WROTE(x, base.eth_type);
	XLATE_WROTE(x, extra.pbb_isid);
	XLATE_WROTE(x, extra.pbb_uca);
	x->done.base.eth_type = UINT16_MAX;
	x->done.extra.pbb_isid = UINT32_MAX;
	x->done.extra.pbb_uca = UINT8_MAX;
	x->base.base.vlan_tci = x->base.base.vlan_tpid = 0;
	x->base.extra.vlan_tci2 = x->base.extra.vlan_tpid2 = 0;
	x->base.base.eth_type = type;
	x->base.extra.pbb_isid = key->extra.pbb_isid;
	x->base.extra.pbb_uca = key->extra.pbb_uca;
}

static void pop(struct xlate *x, const void *args)
{
	XLATE_LOOK(x, base.eth_type);
	if (x->key.base.eth_type != be16_from(TYPE_PBB))
		return;
	xlate_commit(x);
	program_add(&x->program, &op_pop_pbb);
	x->sight = XLATE_SEES_NOTHING;
}

ACTION_ROOM_WITH(push_pbb, push, ACTION_ROOM_RESHAPES);
ACTION_ROOM_WITH(pop_pbb, pop, ACTION_ROOM_RESHAPES);
