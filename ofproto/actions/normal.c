/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/actions/normal.h"

#include <string.h>

#include "datapath/drop.h"
#include "lib/clock.h"
#include "ofproto/l2/l2.h"
#include "ofproto/l2/mirror.h"
#include "ofproto/mac_table.h"
#include "ofproto/xlate/frame.h"
#include "ofproto/xlate/trace.h"
#include "ofproto/xlate/xlate.h"

DROP_REASON(out_vlan_mismatch, "the frame's VLAN is not carried by the output port");
DROP_REASON(no_input_port, "the input port was set to one that does not exist");
DROP_REASON(reserved_multicast, "network control frames are not forwarded (forward-bpdu is off)");
DROP_REASON(to_mirror, "the output port is there for what mirrors copy");
DROP_REASON(same_port, "the destination is behind the port the frame came from");
DROP_REASON(protected_port, "both ports are protected from each other");
DROP_REASON(
	not_forwarding, "the output port does not forward: the spanning tree or its guard blocks it"
);
DROP_REASON(no_member, "no other port carries the frame's VLAN");

enum {
	ETH_TYPE_ARP = 0x0806,
	FORMS = 16, /* more different ways to tag one frame than there are */
};

/* An ARP by which a host announces itself to everyone. */
static bool is_gratuitous_arp(struct xlate *x)
{
	static const struct mac broadcast = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

	if (memcmp(&x->key.base.eth_dst, &broadcast, sizeof(broadcast)))
		return false;
	XLATE_LOOK(x, base.eth_type);
	if (x->key.base.eth_type != be16_from(ETH_TYPE_ARP))
		return false;
	XLATE_LOOK(x, base.ip_src);
	XLATE_LOOK(x, base.ip_dst);
	return x->key.base.ip_src == x->key.base.ip_dst;
}

/* Whether the table's word on the address stands against this frame. */
static bool should_learn(struct frame *frame, const struct mac_entry *entry, bool *lock)
{
	*lock = frame->x->bridge->has_bonds && frame->in->n_ports == 1 &&
		is_gratuitous_arp(frame->x);
	if (!entry)
		return true;
	if (entry->fixed)
		return false;
	bool locked = __atomic_load_n(&entry->locked_until_ms, __ATOMIC_RELAXED) > clock_ms();

	/* Frames that a bond's other end reflects must not move the address back. */
	if (locked && frame->in->n_ports > 1)
		return false;
	return *lock || __atomic_load_n(&entry->lport, __ATOMIC_RELAXED) != frame->in->id;
}

static void learn(struct frame *frame)
{
	struct xlate *x = frame->x;
	struct mac mac = x->key.base.eth_src;
	bool lock;

	XLATE_LOOK(x, base.eth_src);
	if (mac.bytes[0] & 1 || l2_floods(x->bridge, frame->vlan))
		return;
	const struct mac_entry *entry = mac_table_find(x->bridge->macs, frame->vlan, mac);

	xlate_add_dep(x, DEP_MAC_SRC, x->bridge->index, frame->vlan, dep_mac(mac));
	if (!should_learn(frame, entry, &lock))
		return;
	struct effect effect = {
		.bridge = x->bridge->index,
		.lport = frame->in->id,
		.vlan = frame->vlan,
		.mac = mac,
		.lock = lock,
	};

	xlate_add_effect(x, &effect);
	xlate_note(x, " -> learned that the source is on this port in VLAN %u", frame->vlan);
}

void normal_learn(struct xlate *x, const struct view_lport *in)
{
	struct frame frame;

	if (in->state != LPORT_LEARNS)
		return;
	XLATE_LOOK(x, base.eth_dst);
	if (!frame_is_reserved(x->key.base.eth_dst) && frame_init(&frame, x, in))
		learn(&frame);
}

/* Whether the frame may go out of 'out' at all; says why not. */
static const struct drop_reason *refusal(struct frame *frame, const struct view_lport *out)
{
	if (out == frame->in)
		return &drop_same_port;
	if (!frame_may_leave(frame, out))
		return &drop_out_vlan_mismatch;
	if (mirrors_own(frame->x->bridge->l2, out))
		return &drop_to_mirror;
	if (out->state != LPORT_FORWARDS)
		return &drop_not_forwarding;
	if (out->protected_port && frame->in->protected_port)
		return &drop_protected_port;
	return NULL;
}

static void output_form(struct frame *frame, const struct view_lport *out, const struct form *form)
{
	struct key *key = &frame->x->key;
	struct form was;

	form_get(&was, key);
	form_set(form, key);
	/* Which port of a bond it is comes with bonding; until then the first one carries all. */
	xlate_output(frame->x, &out->ports[0]);
	form_set(&was, key);
}

static void output_known(struct frame *frame, const struct view_lport *out)
{
	const struct drop_reason *reason = refusal(frame, out);

	xlate_add_dep(frame->x, DEP_LPORT, out->id, 0, 0);
	if (reason) {
		xlate_drop(frame->x, reason);
		return;
	}
	struct form form = frame_form(frame, out);

	xlate_note(frame->x, " -> forwarding to learned port");
	output_form(frame, out, &form);
}

/* The different ways the frame has to look, best first: as it is, then those with as many tags, so
 * that the packet is changed as few times as possible. */
static unsigned list_forms(struct frame *frame, struct form forms[FORMS])
{
	unsigned n_forms = 0;

	for (unsigned i = 0; i < frame->x->bridge->n_lports; i++) {
		const struct view_lport *out = frame->x->bridge->lports[i];
		struct form form;
		unsigned f = 0;

		if (refusal(frame, out))
			continue;
		form = frame_form(frame, out);
		while (f < n_forms && !form_equal(&forms[f], &form))
			f++;
		if (f < n_forms || n_forms == FORMS)
			continue;
		forms[n_forms++] = form;
		bool same = form_equal(&form, &frame->came);
		bool alike = !form.tci == !frame->came.tci;

		while (f && (same || (alike && !forms[f - 1].tci != !frame->came.tci))) {
			forms[f] = forms[f - 1];
			forms[--f] = form;
		}
	}
	return n_forms;
}

static void flood(struct frame *frame)
{
	struct xlate *x = frame->x;
	struct form forms[FORMS];
	const struct view_bridge *bridge = x->bridge;
	unsigned n_forms = list_forms(frame, forms);

	xlate_add_dep(x, DEP_VLAN, bridge->index, frame->vlan, 0);
	if (!n_forms)
		xlate_drop(x, &drop_no_member);
	for (unsigned f = 0; f < n_forms; f++) {
		for (unsigned i = 0; i < bridge->n_lports; i++) {
			const struct view_lport *out = bridge->lports[i];

			if (refusal(frame, out))
				continue;
			struct form form = frame_form(frame, out);

			if (form_equal(&form, &forms[f]))
				output_form(frame, out, &form);
		}
	}
}

static void forward(struct frame *frame)
{
	struct xlate *x = frame->x;
	struct mac mac = x->key.base.eth_dst;

	if (mac.bytes[0] & 1) {
		xlate_note(x, " -> multicast, flooding in VLAN %u", frame->vlan);
		flood(frame);
		return;
	}
	if (l2_floods(x->bridge, frame->vlan)) {
		xlate_note(x, " -> VLAN %u is one that is flooded", frame->vlan);
		flood(frame);
		return;
	}
	const struct mac_entry *entry = mac_table_find(x->bridge->macs, frame->vlan, mac);
	const struct view_lport *out = entry
		? view_find_lport(x->bridge, __atomic_load_n(&entry->lport, __ATOMIC_RELAXED))
		: NULL;

	xlate_add_dep(x, DEP_MAC_DST, x->bridge->index, frame->vlan, dep_mac(mac));
	if (out) {
		output_known(frame, out);
		return;
	}
	xlate_note(x, " -> no learned MAC for destination, flooding");
	flood(frame);
}

void normal_translate(struct xlate *x, const void *args)
{
	struct frame frame;
	const struct view_port *in = view_find_port(x->bridge, x->key.base.in_port);

	xlate_add_dep(x, DEP_BRIDGE, x->bridge->index, 0, 0);
	if (!in) {
		xlate_drop(x, &drop_no_input_port);
		return;
	}
	XLATE_LOOK(x, base.eth_dst);
	if (!x->bridge->forward_bpdu && frame_is_reserved(x->key.base.eth_dst)) {
		xlate_drop(x, &drop_reserved_multicast);
		return;
	}
	if (!frame_init(&frame, x, in->lport))
		return;
	learn(&frame);
	forward(&frame);
}
