/* SPDX-License-Identifier: Apache-2.0 */

/* Multicast in translation: who gets a group, and what the main thread wants to overhear.  */

#include <string.h>

#include "datapath/ops/punt.h"
#include "ofproto/l2/l2.h"
#include "ofproto/l2/mcast_priv.h"
#include "ofproto/l2/pvlan.h"
#include "ofproto/l2/send.h"
#include "ofproto/xlate/frame.h"
#include "ofproto/xlate/trace.h"
#include "ofproto/xlate/xlate.h"

enum {
	TYPE_IPV4 = 0x0800,
	TYPE_IPV6 = 0x86dd,
	PROTO_IGMP = 2,
	PROTO_ICMPV6 = 58,
	IGMP1_REPORT = 0x12,
	IGMP2_REPORT = 0x16,
	IGMP2_LEAVE = 0x17,
	IGMP3_REPORT = 0x22,
	MLD_QUERY = 130,
	MLD_REPORT = 131,
	MLD_DONE = 132,
	MLD2_REPORT = 143,
	MESSAGE_MAX = 1600,
	PORTS_MAX = 1024, /* of a group that are told apart; with more it is flooded */
};

/* The lports that get the frame. */
struct choice {
	const struct view_lport *lports[PORTS_MAX];
	unsigned n;
	bool overflow;
};

static void choose(struct choice *choice, const struct view_lport *lport)
{
	for (unsigned i = 0; lport && i < choice->n; i++)
		if (choice->lports[i] == lport)
			return;
	if (choice->n == PORTS_MAX)
		choice->overflow = true;
	else if (lport)
		choice->lports[choice->n++] = lport;
}

static void choose_ports(
	struct choice *choice, const struct view_bridge *bridge, const struct mcast_ports *ports
)
{
	for (unsigned i = 0; ports && i < ports->n; i++)
		choose(choice, view_find_lport(bridge, ports->lports[i]));
}

/* Ports that get all groups, or all reports, and those that lead to routers. */
static void choose_always(struct frame *frame, struct choice *choice, bool report)
{
	const struct view_bridge *bridge = frame->x->bridge;
	uint16_t home = pvlan_home(bridge, frame->vlan);

	xlate_add_dep(frame->x, DEP_VLAN, bridge->index, home, 0);
	xlate_add_dep(frame->x, DEP_MCAST, bridge->index, home, mcast_dep(NULL));
	for (unsigned i = 0; i < bridge->n_lports; i++)
		if (report ? bridge->lports[i]->mcast_reports : bridge->lports[i]->mcast_flood)
			choose(choice, bridge->lports[i]);
	choose_ports(choice, bridge, mcast_table_routers(bridge->l2->mcast, home));
}

static void overhear(struct frame *frame)
{
	struct mcast_note note = {
		.bridge = frame->x->bridge->index,
		.lport = frame->in->id,
		.vlan = pvlan_home(frame->x->bridge, frame->vlan),
	};

	xlate_commit(frame->x);
	struct op_punt *punt = program_add(&frame->x->program, &op_punt);

	punt->to = &mcast_punt;
	punt->max_size = MESSAGE_MAX;
	punt->meter = frame->in->overhears;
	memcpy(punt->note, &note, sizeof(note));
	frame->x->n_outputs++;
	xlate_note(frame->x, " -> overheard, for multicast snooping");
}

static void send_report(struct frame *frame)
{
	struct choice choice;

	choice.n = 0;
	choice.overflow = false;
	overhear(frame);
	choose_always(frame, &choice, true);
	xlate_note(frame->x, " -> a membership report, for routers");
	if (choice.overflow)
		send_flood(frame);
	else if (choice.n)
		send_to(frame, choice.lports, choice.n);
}

static bool send_igmp(struct frame *frame)
{
	XLATE_LOOK(frame->x, base.l4_src);
	switch (be16_to(frame->x->key.base.l4_src)) {
	case IGMP1_REPORT:
	case IGMP2_REPORT:
	case IGMP2_LEAVE:
	case IGMP3_REPORT:
		send_report(frame);
		return true;
	default:
		overhear(frame);
		return false;
	}
}

/* Whether it was MLD; a query is to be flooded. */
static bool send_mld(struct frame *frame, bool *flood)
{
	XLATE_LOOK(frame->x, base.l4_src);
	switch (be16_to(frame->x->key.base.l4_src)) {
	case MLD_REPORT:
	case MLD_DONE:
	case MLD2_REPORT:
		send_report(frame);
		return true;
	case MLD_QUERY:
		overhear(frame);
		*flood = true;
		return true;
	default:
		return false;
	}
}

static bool send_group(struct frame *frame, const uint8_t *ip)
{
	struct xlate *x = frame->x;
	const struct l2_view *view = x->bridge->l2;
	uint16_t home = pvlan_home(x->bridge, frame->vlan);
	const struct mcast_ports *ports = mcast_table_find(view->mcast, home, ip);
	struct choice choice;

	choice.n = 0;
	choice.overflow = false;
	xlate_add_dep(x, DEP_MCAST, x->bridge->index, home, mcast_dep(ip));
	if (!ports && view->floods_unregistered) {
		xlate_note(x, " -> a group that nobody asked for");
		return false;
	}
	choose_ports(&choice, x->bridge, ports);
	choose_always(frame, &choice, false);
	if (choice.overflow)
		return false;
	xlate_note(x, " -> a group, for those who asked for it");
	send_to(frame, choice.lports, choice.n);
	return true;
}

static bool send_ipv4(struct frame *frame)
{
	struct xlate *x = frame->x;
	uint8_t ip[MCAST_ADDRESS_SIZE] = {[10] = 0xff, [11] = 0xff};

	XLATE_LOOK(x, base.ip_proto);
	if (x->key.base.ip_proto == PROTO_IGMP)
		return send_igmp(frame);
	XLATE_LOOK(x, base.ip_dst);
	memcpy(ip + 12, &x->key.base.ip_dst, 4);
	/* 224.0.0.x is for everyone on the link, asked for or not (RFC 4541). */
	if (ip[12] >> 4 != 0xe || (ip[12] == 224 && !ip[13] && !ip[14]))
		return false;
	return send_group(frame, ip);
}

static bool send_ipv6(struct frame *frame)
{
	static const uint8_t all_hosts[] = {0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
	struct xlate *x = frame->x;
	const uint8_t *dst = x->key.ipv6.dst;
	bool flood = false;

	XLATE_LOOK(x, base.ip_proto);
	if (x->key.base.ip_proto == PROTO_ICMPV6 && send_mld(frame, &flood))
		return !flood;
	XLATE_LOOK(x, ipv6.dst);
	if (dst[0] != 0xff || !memcmp(dst, all_hosts, sizeof(all_hosts)))
		return false;
	return send_group(frame, dst);
}

bool mcast_send(struct frame *frame)
{
	struct xlate *x = frame->x;

	if (!x->bridge->l2->mcast)
		return false;
	XLATE_LOOK(x, base.eth_type);
	if (x->key.base.eth_type == be16_from(TYPE_IPV4))
		return send_ipv4(frame);
	return x->key.base.eth_type == be16_from(TYPE_IPV6) && send_ipv6(frame);
}
