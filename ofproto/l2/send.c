/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/l2/send.h"

#include "datapath/drop.h"
#include "datapath/tunnel/tunnel.h"
#include "ofproto/l2/guard.h"
#include "ofproto/l2/mirror.h"
#include "ofproto/l2/pvlan.h"
#include "ofproto/xlate/frame.h"
#include "ofproto/xlate/trace.h"
#include "ofproto/xlate/xlate.h"

DROP_REASON(out_vlan_mismatch, "the frame's VLAN is not carried by the output port");
DROP_REASON(to_mirror, "the output port is there for what mirrors copy");
DROP_REASON(mac_changed, "the host behind the output port may not have that address");
DROP_REASON(same_port, "the destination is behind the port the frame came from");
DROP_REASON(
	not_forwarding, "the output port does not forward: the spanning tree or its guard blocks it"
);
DROP_REASON(no_member, "no other port carries the frame's VLAN");

enum {
	FORMS = 16, /* more different ways to tag one frame than there are */
	ABSENT_TOLD = 8,
};

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

void send_known(struct frame *frame, const struct view_lport *out)
{
	const struct drop_reason *reason = refusal(frame, out);

	if (!reason && !guard_owns(out->guard, frame->x->key.base.eth_dst))
		reason = &drop_mac_changed;

	xlate_add_dep(frame->x, DEP_LPORT, out->id, 0, 0);
	if (reason) {
		xlate_drop(frame->x, reason);
		return;
	}
	struct form form = frame_form(frame, out);

	xlate_note(frame->x, " -> forwarding to learned port");
	output_form(frame, out, &form);
}

/* Behind it nobody has a MAC address. */
static bool is_bare(const struct view_lport *out)
{
	return out->ports[0].tunnel && out->ports[0].tunnel->bare;
}

/* A controller wants nothing flooded out of it. */
static bool is_spared(const struct frame *frame, const struct view_lport *out)
{
	return frame->floods && out->ports[0].config & PORT_CONFIG_NO_FLOOD;
}

/* Whether a frame for nobody in particular, or nobody knows whom, goes there. */
static bool floods_to(struct frame *frame, const struct view_lport *out)
{
	return !refusal(frame, out) && !is_bare(out) && !is_spared(frame, out) &&
		guard_sees(out->guard, frame->x->key.base.eth_dst);
}

/* The different ways the frame has to look, best first: as it is, then those with as many tags, so
 * that the packet is changed as few times as possible. */
static unsigned list_forms(
	struct frame *frame,
	const struct view_lport *const *lports,
	unsigned n,
	struct form forms[FORMS]
)
{
	unsigned n_forms = 0;

	for (unsigned i = 0; i < n; i++) {
		const struct view_lport *out = lports[i];
		struct form form;
		unsigned f = 0;

		if (!floods_to(frame, out))
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

static const char *why_not(struct frame *frame, const struct view_lport *out)
{
	const struct drop_reason *reason = refusal(frame, out);

	if (reason)
		return reason->help;
	if (is_bare(out))
		return "packets there have no Ethernet header, so nothing is flooded";
	return is_spared(frame, out) ? "nothing is flooded there (no-flood)"
				     : "it is kept from seeing frames for others (promiscuous)";
}

/* For a person who wonders where the frame has gone: who does not get it, but not all of thousands. */
static void explain_absent(struct frame *frame, const struct view_lport *const *lports, unsigned n)
{
	unsigned n_absent = 0;

	if (!frame->x->trace)
		return;
	for (unsigned i = 0; i < n; i++) {
		const struct view_lport *out = lports[i];

		if (out == frame->in || floods_to(frame, out) || n_absent++ >= ABSENT_TOLD)
			continue;
		xlate_note(frame->x, " -> not to %s: %s", out->ports[0].name, why_not(frame, out));
	}
	if (n_absent > ABSENT_TOLD)
		xlate_note(frame->x, " -> nor to %u other ports", n_absent - ABSENT_TOLD);
}

void send_to(struct frame *frame, const struct view_lport *const *lports, unsigned n)
{
	struct xlate *x = frame->x;
	struct form forms[FORMS];
	unsigned n_forms = list_forms(frame, lports, n, forms);

	explain_absent(frame, lports, n);
	if (!n_forms)
		xlate_drop(x, &drop_no_member);
	for (unsigned f = 0; f < n_forms; f++) {
		for (unsigned i = 0; i < n; i++) {
			const struct view_lport *out = lports[i];

			if (!floods_to(frame, out))
				continue;
			struct form form = frame_form(frame, out);

			if (form_equal(&form, &forms[f]))
				output_form(frame, out, &form);
		}
	}
}

void send_flood(struct frame *frame)
{
	const struct view_bridge *bridge = frame->x->bridge;

	xlate_add_dep(frame->x, DEP_VLAN, bridge->index, pvlan_home(bridge, frame->vlan), 0);
	frame->floods = true;
	send_to(frame, bridge->lports, bridge->n_lports);
}
