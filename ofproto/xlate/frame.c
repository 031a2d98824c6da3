/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/xlate/frame.h"

#include <string.h>

#include "datapath/drop.h"
#include "ofproto/l2/pvlan.h"
#include "ofproto/xlate/commit.h"
#include "ofproto/xlate/xlate.h"

DROP_REASON(tag_on_access, "a tagged frame came in on an access port");
DROP_REASON(vlan_mismatch, "the frame's VLAN is not allowed on this port");
DROP_REASON(cvlan_mismatch, "the customer's VLAN is not one that the tunnel port takes");
DROP_REASON(no_room_for_tag, "a tunnel port adds a tag to more than the switch can follow");
DROP_REASON(dead_vlan, "VLAN 4095 is dead: nothing in it goes anywhere");

enum {
	VID = 0xfff,
	PCP = 0xe000,
	TPID_8021Q = 0x8100,
	DEAD_VLAN = 4095, /* reserved by 802.1Q; who puts a port there wants it cut off */
};

void form_get(struct form *form, const struct key *key)
{
	form->tci = key->base.vlan_tci;
	form->tpid = key->base.vlan_tpid;
	form->tci2 = key->extra.vlan_tci2;
	form->tpid2 = key->extra.vlan_tpid2;
	memcpy(form->deep, key->pipeline.tags, sizeof(form->deep));
}

void form_set(const struct form *form, struct key *key)
{
	key->base.vlan_tci = form->tci;
	key->base.vlan_tpid = form->tpid;
	key->extra.vlan_tci2 = form->tci2;
	key->extra.vlan_tpid2 = form->tpid2;
	memcpy(key->pipeline.tags, form->deep, sizeof(form->deep));
}

bool form_equal(const struct form *a, const struct form *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static struct form form_without_outer(const struct form *form)
{
	struct form inner = {
		.tci = form->tci2,
		.tpid = form->tpid2,
		.tci2 = form->deep[0].tci,
		.tpid2 = form->deep[0].tpid,
	};

	memcpy(inner.deep, &form->deep[1], sizeof(inner.deep) - sizeof(inner.deep[0]));
	return inner;
}

static struct form form_with_outer(const struct form *form, be16 tpid, uint16_t tci)
{
	bool deeper = form->tci2 != 0;
	struct form outer = {
		.tci = be16_from(tci | KEY_VLAN_PRESENT),
		.tpid = tpid,
		.tci2 = form->tci,
		.tpid2 = form->tpid,
	};

	if (deeper)
		outer.deep[0] = (struct key_tag){form->tci2, form->tpid2};
	memcpy(&outer.deep[deeper], form->deep, sizeof(outer.deep) - deeper * sizeof(outer.deep[0])
	);
	return outer;
}

/* Finds the VLAN; returns why the frame may not be there, or NULL. */
static const struct drop_reason *classify(struct frame *frame)
{
	const struct view_lport *in = frame->in;
	uint16_t vid = be16_to(frame->came.tci) & VID;

	if (in->vlan_mode == VLAN_MODE_DOT1Q_TUNNEL) {
		frame->vlan = in->tag;
		if (frame->came.deep[KEY_DEEP_TAGS - 1].tci)
			return &drop_no_room_for_tag;
		return view_vlans_have(in->cvlans, vid) ? NULL : &drop_cvlan_mismatch;
	}
	if (frame->came.tci)
		frame->inside = form_without_outer(&frame->came);
	if (in->vlan_mode == VLAN_MODE_ACCESS) {
		frame->vlan = in->tag;
		return vid ? &drop_tag_on_access : NULL;
	}
	frame->vlan = vid || in->vlan_mode == VLAN_MODE_TRUNK ? vid : in->tag;
	if (!view_lport_carries(in, frame->vlan) ||
	    !pvlan_enters(frame->x->bridge, in, frame->vlan))
		return &drop_vlan_mismatch;
	return NULL;
}

const struct drop_reason *
frame_find(struct frame *frame, struct xlate *x, const struct view_lport *in)
{
	const struct drop_reason *reason;

	frame->x = x;
	frame->in = in;
	frame->floods = false;
	form_get(&frame->came, &x->key);
	frame->inside = frame->came;
	xlate_look_vlan(x, VID | KEY_VLAN_PRESENT);
	reason = classify(frame);
	return !reason && frame->vlan == DEAD_VLAN ? &drop_dead_vlan : reason;
}

bool frame_init(struct frame *frame, struct xlate *x, const struct view_lport *in)
{
	const struct drop_reason *reason = frame_find(frame, x, in);

	if (reason)
		xlate_drop(x, reason);
	return !reason;
}

/* The VLAN inside the one the frame is in, 0 if there is none. */
static uint16_t inner_vlan(const struct frame *frame)
{
	if (frame->in->vlan_mode != VLAN_MODE_DOT1Q_TUNNEL && frame->came.tci)
		XLATE_LOOK(frame->x, extra.vlan_tci2);
	return be16_to(frame->inside.tci) & VID;
}

bool frame_may_leave(const struct frame *frame, const struct view_lport *out)
{
	if (!pvlan_carries(frame->x->bridge, out, frame->vlan))
		return false;
	/* Who only knows the outer VLAN cannot tell the inner ones apart. */
	if (out->vlan_mode == VLAN_MODE_ACCESS)
		return !inner_vlan(frame);
	return !out->cvlans || view_vlans_have(out->cvlans, inner_vlan(frame));
}

/* The frame as 'inside', but for a tag of VLAN 0 if the port wants the priority to stay visible. */
static struct form
form_untagged(const struct frame *frame, const struct view_lport *out, const struct form *inside)
{
	uint16_t pcp = be16_to(frame->came.tci) & PCP;

	if (out->priority_tags == PRIORITY_TAGS_NEVER)
		return *inside;
	xlate_look_vlan(frame->x, frame->came.tci ? PCP : 0);
	if (!pcp && out->priority_tags == PRIORITY_TAGS_IF_NONZERO)
		return *inside;
	commit_look_tag_types(frame->x);
	return form_with_outer(inside, be16_from(TPID_8021Q), pcp);
}

/* The frame as 'inside', with the provider's tag around it: of its priority, if the port wants that to stay
 * visible. */
static struct form form_around(const struct frame *frame, const struct view_lport *out)
{
	uint16_t tci = frame->vlan;

	if (frame->came.tci && out->priority_tags != PRIORITY_TAGS_NEVER) {
		xlate_look_vlan(frame->x, PCP);
		tci |= be16_to(frame->came.tci) & PCP;
	}
	return form_with_outer(&frame->inside, frame->in->qinq_type, tci);
}

static struct form form_tagged(const struct frame *frame, const struct view_lport *out)
{
	uint16_t vid = be16_to(frame->came.tci) & VID;

	if (frame->in->vlan_mode == VLAN_MODE_DOT1Q_TUNNEL)
		return form_around(frame, out);
	if (frame->came.tci && vid == frame->vlan)
		return frame->came;
	if (!frame->came.tci)
		return form_with_outer(&frame->inside, be16_from(TPID_8021Q), frame->vlan);
	xlate_look_vlan(frame->x, PCP);
	XLATE_LOOK(frame->x, base.vlan_tpid);
	return form_with_outer(
		&frame->inside, frame->came.tpid, (be16_to(frame->came.tci) & PCP) | frame->vlan
	);
}

struct form frame_form(const struct frame *inner, const struct view_lport *out)
{
	struct frame as_outside = *inner;
	const struct frame *frame = &as_outside;
	struct form bare;

	if (out->private_trunk)
		as_outside.vlan = pvlan_outside(frame->x->bridge, out, frame->vlan);
	switch (out->vlan_mode) {
	case VLAN_MODE_ACCESS:
		/* All tags that rules see are taken off, so it matters how many there are. */
		if (frame->came.tci)
			XLATE_LOOK(frame->x, extra.vlan_tci2);
		bare = (struct form){0};
		memcpy(bare.deep, frame->came.deep, sizeof(bare.deep));
		return form_untagged(frame, out, &bare);
	case VLAN_MODE_DOT1Q_TUNNEL:
		return frame->inside;
	case VLAN_MODE_NATIVE_UNTAGGED:
		if (frame->vlan == out->tag)
			return form_untagged(frame, out, &frame->inside);
		break;
	case VLAN_MODE_TRUNK:
	case VLAN_MODE_NATIVE_TAGGED:
		break;
	}
	return frame->vlan ? form_tagged(frame, out) : form_untagged(frame, out, &frame->inside);
}

/* The last mask byte says how much of the
 * last address byte counts. */
bool frame_is_reserved(struct mac mac)
{
	static const struct {
		struct mac mac;
		uint8_t last;
	} reserved[] = {
		{{{0x01, 0x80, 0xc2, 0x00, 0x00, 0x00}}, 0xf0}, /* STP, pause, LACP, LLDP, … */
		{{{0x00, 0xe0, 0x2b, 0x00, 0x00, 0x00}}, 0xff}, /* EDP */
		{{{0x00, 0xe0, 0x2b, 0x00, 0x00, 0x04}}, 0xfd}, /* EAPS */
		{{{0x01, 0x00, 0x0c, 0xcc, 0xcc, 0xc0}}, 0xf0}, /* CDP, PVST+, CFM, … */
		{{{0x01, 0x00, 0x0c, 0xcd, 0xcd, 0xcd}}, 0xff}, /* uplink fast */
		{{{0x01, 0x00, 0x0c, 0x00, 0x00, 0x00}}, 0xff}, /* ISL */
	};

	for (unsigned i = 0; i < ARRAY_LENGTH(reserved); i++)
		if (!memcmp(&mac, &reserved[i].mac, 5) &&
		    (mac.bytes[5] & reserved[i].last) == reserved[i].mac.bytes[5])
			return true;
	return false;
}
