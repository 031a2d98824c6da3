/* SPDX-License-Identifier: Apache-2.0 */

/* Actions on MPLS labels. Labels are looked at whenever they are pushed, popped or copied, so that
 * what moves within the stack is known; what stands behind the last one is not, unless the pipeline
 * put the labels around it itself.  */

#include <string.h>

#include "datapath/ops/copy_ttl.h"
#include "datapath/ops/pop_mpls.h"
#include "datapath/ops/push_mpls.h"
#include "ofproto/actions/room.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/xlate/xlate.h"

enum {
	TYPE_IPV4 = 0x0800,
	TYPE_IPV6 = 0x86dd,
	TYPE_MPLS = 0x8847,
	TYPE_MPLS_MCAST = 0x8848,
	LABELS = ARRAY_LENGTH(((struct key_extra *)NULL)->mpls),
	BOTTOM = 0x100,
	TTL = 0xff,
	CLASS_SHIFT = 9,
	NULL_IPV6 = 2 << 12,
	OTHER_TTL = 64, /* of what is not IP */
	DSCP_LOW = 0x1c, /* the low three bits of the DSCP */
	DSCP_UNIT = 4,
};

static bool is_mpls(be16 type)
{
	return type == be16_from(TYPE_MPLS) || type == be16_from(TYPE_MPLS_MCAST);
}

/* From here on the packet is what the key says. */
static void settle(struct xlate *x)
{
	XLATE_WROTE(x, base.eth_type);
	XLATE_WROTE(x, extra.mpls);
	memset(&x->done.base.eth_type, 0xff, sizeof(x->done.base.eth_type));
	memset(x->done.extra.mpls, 0xff, sizeof(x->done.extra.mpls));
	x->base.base.eth_type = x->key.base.eth_type;
	memcpy(x->base.extra.mpls, x->key.extra.mpls, sizeof(x->key.extra.mpls));
}

/* The new entry says what the one outside said before. Of the first one OpenFlow 1.3 (5.12.1) only says
 * that it has the TTL of the IP header; the rest is as with OVS (ovs-actions(7)): the "explicit null" of
 * the version of IP, and the part of its DSCP for which there is room. */
static uint32_t new_entry(struct xlate *x)
{
	uint16_t type = be16_to(x->key.base.eth_type);
	uint32_t class;

	if (is_mpls(x->key.base.eth_type))
		return be32_to(x->key.extra.mpls[0]) & ~(uint32_t)BOTTOM;
	if (type != TYPE_IPV4 && type != TYPE_IPV6)
		return BOTTOM | OTHER_TTL;
	XLATE_LOOK(x, base.ip_ttl);
	x->mask.base.ip_tos |= DSCP_LOW & (uint8_t)~x->known.base.ip_tos;
	class = (x->key.base.ip_tos & DSCP_LOW) / DSCP_UNIT;
	return (type == TYPE_IPV6 ? NULL_IPV6 : 0) | class << CLASS_SHIFT | BOTTOM |
		x->key.base.ip_ttl;
}

static void push(struct xlate *x, const void *args)
{
	be16 type = be16_from((uint16_t)((const struct action_value *)args)->value);
	be32 *labels = x->key.extra.mpls;

	XLATE_LOOK(x, base.eth_type);
	XLATE_LOOK(x, extra.mpls);
	be32 entry = be32_from(new_entry(x));

	xlate_commit(x);
	if (!is_mpls(x->key.base.eth_type) && x->sight == XLATE_SEES_ALL) {
		x->pushed = 0;
		x->pushed_on = x->key.base.eth_type;
	}
	if (!is_mpls(x->key.base.eth_type) || x->pushed)
		x->pushed++;
	struct op_push_mpls *op = program_add(&x->program, &op_push_mpls);

	op->entry = entry;
	op->eth_type = type;
	memmove(labels + 1, labels, (LABELS - 1) * sizeof(*labels));
	labels[0] = entry;
	x->key.base.eth_type = type;
	settle(x);
}

/* Whether it is known what stands behind the label that is popped. */
static bool is_known(struct xlate *x, be16 type, bool bottom)
{
	if (x->pushed)
		return --x->pushed || type == x->pushed_on;
	return !bottom && is_mpls(type) && x->key.extra.mpls[0];
}

static void pop(struct xlate *x, const void *args)
{
	be16 type = be16_from((uint16_t)((const struct action_value *)args)->value);
	be32 *labels = x->key.extra.mpls;

	XLATE_LOOK(x, base.eth_type);
	if (!is_mpls(x->key.base.eth_type))
		return;
	XLATE_LOOK(x, extra.mpls);
	bool bottom = be32_to(labels[0]) & BOTTOM;

	xlate_commit(x);
	struct op_pop_mpls *op = program_add(&x->program, &op_pop_mpls);

	op->eth_type = type;
	memmove(labels, labels + 1, (LABELS - 1) * sizeof(*labels));
	labels[LABELS - 1] = 0;
	x->key.base.eth_type = type;
	settle(x);
	if (!is_known(x, type, bottom) && x->sight == XLATE_SEES_ALL)
		x->sight = XLATE_SEES_ETHERNET;
}

static void add_copy(struct xlate *x, uint32_t out)
{
	xlate_commit(x);
	struct op_copy_ttl *op = program_add(&x->program, &op_copy_ttl);

	op->out = out;
}

static be32 with_ttl(be32 entry, be32 from)
{
	return be32_from((be32_to(entry) & ~(uint32_t)TTL) | (be32_to(from) & TTL));
}

static void copy_out(struct xlate *x, const void *args)
{
	be32 *labels = x->key.extra.mpls;

	XLATE_LOOK(x, base.eth_type);
	if (!is_mpls(x->key.base.eth_type))
		return;
	XLATE_LOOK(x, extra.mpls);
	add_copy(x, 1);
	if (!(be32_to(labels[0]) & BOTTOM)) {
		labels[0] = with_ttl(labels[0], labels[1]);
	} else if (x->pushed == 1) {
		XLATE_LOOK(x, base.ip_ttl);
		labels[0] = with_ttl(labels[0], be32_from(x->key.base.ip_ttl));
	} else if (x->sight == XLATE_SEES_ALL) {
		/* Nobody knows the label's TTL now. */
		x->sight = XLATE_SEES_ETHERNET;
	}
	settle(x);
}

static void copy_in(struct xlate *x, const void *args)
{
	be32 *labels = x->key.extra.mpls;

	XLATE_LOOK(x, base.eth_type);
	if (!is_mpls(x->key.base.eth_type))
		return;
	XLATE_LOOK(x, extra.mpls);
	add_copy(x, 0);
	if (!(be32_to(labels[0]) & BOTTOM)) {
		labels[1] = with_ttl(labels[1], labels[0]);
	} else if (x->pushed == 1) {
		x->key.base.ip_ttl = be32_to(labels[0]) & TTL;
		x->base.base.ip_ttl = x->key.base.ip_ttl;
		XLATE_WROTE(x, base.ip_ttl);
		x->done.base.ip_ttl = UINT8_MAX;
	}
	settle(x);
}

ACTION_ROOM_WITH(push_mpls, push, ACTION_ROOM_RESHAPES);
ACTION_ROOM_WITH(pop_mpls, pop, ACTION_ROOM_RESHAPES);
ACTION_ROOM_WITH(copy_ttl_in, copy_in, ACTION_ROOM_RESHAPES);
ACTION_ROOM_WITH(copy_ttl_out, copy_out, ACTION_ROOM_RESHAPES);
