/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/actions/normal.h"

#include <string.h>

#include "datapath/drop.h"
#include "ofproto/l2/guard.h"
#include "ofproto/l2/l2.h"
#include "ofproto/l2/pvlan.h"
#include "ofproto/l2/send.h"
#include "ofproto/mac_table.h"
#include "ofproto/xlate/frame.h"
#include "ofproto/xlate/trace.h"
#include "ofproto/xlate/xlate.h"

DROP_REASON(no_input_port, "the input port was set to one that does not exist");
DROP_REASON(reserved_multicast, "network control frames are not forwarded (forward-bpdu is off)");

enum {
	ETH_TYPE_ARP = 0x0806,
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
	/* Frames that a bond's other end reflects must not move the address back. */
	if (frame->in->n_ports > 1 && mac_entry_is_locked(entry)) {
		xlate_note(frame->x, " -> the source was just announced behind another port");
		return false;
	}
	if (__atomic_load_n(&entry->lport, __ATOMIC_RELAXED) == frame->in->id)
		return *lock;
	if (!mac_entry_is_held(entry, frame->in->id))
		return true;
	xlate_note(frame->x, " -> the source moves too often to be followed each time");
	return false;
}

static void learn(struct frame *frame)
{
	struct xlate *x = frame->x;
	struct mac mac = x->key.base.eth_src;
	uint16_t home = pvlan_home(x->bridge, frame->vlan);
	bool lock;

	XLATE_LOOK(x, base.eth_src);
	if (mac.bytes[0] & 1 || l2_floods(x->bridge, frame->vlan) ||
	    !guard_owns(frame->in->guard, mac))
		return;
	const struct mac_entry *entry = mac_table_find(x->bridge->macs, home, mac);

	xlate_add_dep(x, DEP_MAC_SRC, x->bridge->index, home, dep_mac(mac));
	if (!should_learn(frame, entry, &lock))
		return;
	struct effect effect = {
		.bridge = x->bridge->index,
		.lport = frame->in->id,
		.vlan = home,
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

static void limit_group(struct frame *frame)
{
	static const struct mac broadcast = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
	bool all = !memcmp(&frame->x->key.base.eth_dst, &broadcast, sizeof(broadcast));

	guard_limit(frame->in->guard, frame->x, all ? GUARD_BROADCAST : GUARD_MULTICAST);
}

static void forward(struct frame *frame)
{
	struct xlate *x = frame->x;
	struct mac mac = x->key.base.eth_dst;
	uint16_t home = pvlan_home(x->bridge, frame->vlan);

	if (mac.bytes[0] & 1) {
		limit_group(frame);
		if (mcast_send(frame))
			return;
		xlate_note(x, " -> multicast, flooding in VLAN %u", frame->vlan);
		send_flood(frame);
		return;
	}
	if (l2_floods(x->bridge, frame->vlan)) {
		xlate_note(x, " -> VLAN %u is one that is flooded", frame->vlan);
		send_flood(frame);
		return;
	}
	xlate_ask_dst(x);
	const struct mac_entry *entry = mac_table_find(x->bridge->macs, home, mac);
	const struct view_lport *out = entry
		? view_find_lport(x->bridge, __atomic_load_n(&entry->lport, __ATOMIC_RELAXED))
		: NULL;

	xlate_add_dep(x, DEP_MAC_DST, x->bridge->index, home, dep_mac(mac));
	if (out) {
		send_known(frame, out);
		return;
	}
	xlate_note(x, " -> no learned MAC for destination, flooding");
	guard_limit(frame->in->guard, x, GUARD_UNKNOWN);
	send_flood(frame);
}

void normal_translate(struct xlate *x, const void *args)
{
	struct frame frame;
	const struct view_port *in = xlate_in_port(x);

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
