/* SPDX-License-Identifier: Apache-2.0 */

/* Mirrors in translation: which of them copy a packet, and how the copy looks where it leaves.  */

#include <string.h>

#include "lib/flow/match.h"
#include "ofproto/l2/l2.h"
#include "ofproto/l2/mirror.h"
#include "ofproto/xlate/frame.h"
#include "ofproto/xlate/trace.h"
#include "ofproto/xlate/xlate.h"

bool mirrors_own(const struct l2_view *view, const struct view_lport *lport)
{
	for (unsigned i = 0; i < view->n_mirrors; i++)
		if (view->mirrors[i].output == lport->id)
			return true;
	return false;
}

static bool has(const uint32_t *ids, unsigned n, uint32_t id)
{
	for (unsigned i = 0; i < n; i++)
		if (ids[i] == id)
			return true;
	return false;
}

/* Whether the packet is one that the filter is for; what it looks at matters then. */
static bool passes(struct xlate *x, const struct match *filter)
{
	const uint8_t *mask = (const uint8_t *)&filter->mask;

	xlate_looked_anywhere(x);
	for (size_t i = 0; i < KEY_N_PACKET_BLOCKS * KEY_BLOCK_SIZE; i++)
		if (mask[i])
			x->mask.block[0][i] |= mask[i] & (uint8_t) ~((const uint8_t *)&x->known)[i];
	return key_equal_masked(&x->key, &filter->key, &filter->mask);
}

static void send_copy(struct frame *frame, const struct view_lport *out, uint16_t size)
{
	struct xlate *x = frame->x;
	struct form form = frame_form(frame, out), was;
	uint16_t old_size = x->max_size;

	form_get(&was, &x->key);
	form_set(&form, &x->key);
	x->max_size = size;
	xlate_output(x, &out->ports[0]);
	x->max_size = old_size;
	form_set(&was, &x->key);
}

static void copy_to_port(struct frame *frame, const struct mirror_view *mirror)
{
	const struct view_lport *out = view_find_lport(frame->x->bridge, mirror->output);

	/* Its device may come and go. */
	xlate_add_dep(frame->x, DEP_LPORT, mirror->output, 0, 0);
	if (out)
		send_copy(frame, out, mirror->snaplen);
}

/* To all who carry the VLAN, also the one the packet came from: that is where it is looked at. */
static void copy_to_vlan(struct frame *frame, const struct mirror_view *mirror)
{
	const struct view_bridge *bridge = frame->x->bridge;
	uint16_t back = frame->vlan;

	XLATE_LOOK(frame->x, base.eth_dst);
	if (frame->vlan == mirror->output_vlan || frame_is_reserved(frame->x->key.base.eth_dst))
		return;
	frame->vlan = mirror->output_vlan;
	xlate_add_dep(frame->x, DEP_VLAN, bridge->index, frame->vlan, 0);
	for (unsigned i = 0; i < bridge->n_lports; i++) {
		const struct view_lport *out = bridge->lports[i];

		if (view_lport_carries(out, frame->vlan) && out->state == LPORT_FORWARDS &&
		    !mirrors_own(bridge->l2, out))
			send_copy(frame, out, mirror->snaplen);
	}
	frame->vlan = back;
}

/* Marks the mirror, and those with the same destination, as having had their copy. */
static void mark(struct xlate *x, const struct mirror_view *mirror)
{
	const struct l2_view *view = x->bridge->l2;

	for (unsigned i = 0; i < view->n_mirrors; i++)
		if (view->mirrors[i].output == mirror->output &&
		    view->mirrors[i].output_vlan == mirror->output_vlan)
			x->mirrored |= 1ULL << i;
}

/* What a mirror sees of a packet on its way out is what it would see of one that came in there. */
static void copy(struct xlate *x, const struct view_lport *at, bool comes)
{
	const struct l2_view *view = x->bridge->l2;
	struct frame frame;
	bool found = false;

	for (unsigned i = 0; i < view->n_mirrors; i++) {
		const struct mirror_view *mirror = &view->mirrors[i];
		bool there = mirror->all ||
			(comes ? has(mirror->src, mirror->n_src, at->id)
			       : has(mirror->dst, mirror->n_dst, at->id));

		if (!there || x->mirrored >> i & 1 || at->id == mirror->output)
			continue;
		if (!found && frame_find(&frame, x, at))
			return;
		found = true;
		if (!view_vlans_have(mirror->vlans, frame.vlan) ||
		    (mirror->filter && !passes(x, mirror->filter)))
			continue;
		mark(x, mirror);
		xlate_add_dep(x, DEP_GROUP_COUNTS, 0, 0, mirror->counts);
		xlate_note(x, " -> copied by a mirror");
		x->mirroring = true;
		if (mirror->output)
			copy_to_port(&frame, mirror);
		else if (mirror->output_vlan)
			copy_to_vlan(&frame, mirror);
		x->mirroring = false;
	}
}

void mirror_in(struct xlate *x, const struct view_lport *in)
{
	x->mirrored = 0;
	if (x->bridge->l2->n_mirrors)
		copy(x, in, true);
}

void mirror_out(struct xlate *x, const struct view_lport *out)
{
	if (x->bridge->l2->n_mirrors && !x->mirroring)
		copy(x, out, false);
}
