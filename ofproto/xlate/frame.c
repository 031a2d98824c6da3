/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/xlate/frame.h"

#include <string.h>

#include "datapath/drop.h"
#include "ofproto/xlate/xlate.h"

DROP_REASON(tag_on_access, "a tagged frame came in on an access port");
DROP_REASON(vlan_mismatch, "the frame's VLAN is not allowed on this port");

enum {
	VID = 0xfff,
	PCP = 0xe000,
	TPID_8021Q = 0x8100,
	TPID_8021AD = 0x88a8,
};

void form_get(struct form *form, const struct key *key)
{
	form->tci = key->base.vlan_tci;
	form->tpid = key->base.vlan_tpid;
	form->tci2 = key->extra.vlan_tci2;
	form->tpid2 = key->extra.vlan_tpid2;
}

void form_set(const struct form *form, struct key *key)
{
	key->base.vlan_tci = form->tci;
	key->base.vlan_tpid = form->tpid;
	key->extra.vlan_tci2 = form->tci2;
	key->extra.vlan_tpid2 = form->tpid2;
}

bool form_equal(const struct form *a, const struct form *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static struct form form_without_outer(const struct form *form)
{
	return (struct form){.tci = form->tci2, .tpid = form->tpid2};
}

static struct form form_with_outer(const struct form *form, be16 tpid, uint16_t tci)
{
	return (struct form){
		.tci = be16_from(tci | KEY_VLAN_PRESENT),
		.tpid = tpid,
		.tci2 = form->tci,
		.tpid2 = form->tpid,
	};
}

bool frame_init(struct frame *frame, struct xlate *x, const struct view_lport *in)
{
	frame->x = x;
	frame->in = in;
	form_get(&frame->came, &x->key);
	frame->inside = frame->came;
	xlate_look_vlan(x, VID | KEY_VLAN_PRESENT);
	uint16_t vid = be16_to(frame->came.tci) & VID;

	if (in->vlan_mode == VLAN_MODE_DOT1Q_TUNNEL) {
		frame->vlan = in->tag;
		return true;
	}
	if (frame->came.tci)
		frame->inside = form_without_outer(&frame->came);
	if (in->vlan_mode == VLAN_MODE_ACCESS) {
		frame->vlan = in->tag;
		if (vid)
			xlate_drop(x, &drop_tag_on_access);
		return !vid;
	}
	frame->vlan = vid || in->vlan_mode == VLAN_MODE_TRUNK ? vid : in->tag;
	if (view_lport_carries(in, frame->vlan))
		return true;
	xlate_drop(x, &drop_vlan_mismatch);
	return false;
}

/* Takes the tag off, unless the port wants the priority to stay visible. */
static struct form form_untagged(const struct frame *frame, const struct view_lport *out)
{
	uint16_t pcp;

	if (out->priority_tags == PRIORITY_TAGS_NEVER ||
	    frame->in->vlan_mode == VLAN_MODE_DOT1Q_TUNNEL)
		return frame->inside;
	xlate_look_vlan(frame->x, frame->came.tci ? PCP : 0);
	pcp = be16_to(frame->came.tci) & PCP;
	if (!pcp && out->priority_tags == PRIORITY_TAGS_IF_NONZERO)
		return frame->inside;
	return form_with_outer(&frame->inside, be16_from(TPID_8021Q), pcp);
}

static struct form form_tagged(const struct frame *frame)
{
	uint16_t vid = be16_to(frame->came.tci) & VID;

	if (frame->in->vlan_mode == VLAN_MODE_DOT1Q_TUNNEL)
		return form_with_outer(&frame->inside, be16_from(TPID_8021AD), frame->vlan);
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

struct form frame_form(const struct frame *frame, const struct view_lport *out)
{
	switch (out->vlan_mode) {
	case VLAN_MODE_ACCESS:
		/* A customer's tag is not for those who only know the VLAN. */
		if (frame->in->vlan_mode == VLAN_MODE_DOT1Q_TUNNEL)
			return (struct form){0};
		return form_untagged(frame, out);
	case VLAN_MODE_DOT1Q_TUNNEL:
		return frame->inside;
	case VLAN_MODE_NATIVE_UNTAGGED:
		return frame->vlan == out->tag ? form_untagged(frame, out) : form_tagged(frame);
	case VLAN_MODE_TRUNK:
	case VLAN_MODE_NATIVE_TAGGED:
		break;
	}
	return frame->vlan ? form_tagged(frame) : form_untagged(frame, out);
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
