/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/xlate/tunnel.h"

#include <string.h>

#include "datapath/drop.h"
#include "datapath/ops/decap.h"
#include "datapath/ops/encap.h"
#include "datapath/ops/punt.h"
#include "datapath/tunnel/tunnel.h"
#include "lib/flow/names.h"
#include "ofproto/underlay/discovery.h"
#include "ofproto/underlay/waiting.h"
#include "ofproto/xlate/freeze.h"
#include "ofproto/xlate/trace.h"
#include "ofproto/xlate/xlate.h"

DROP_REASON(tunnel_nested, "tunnels lead through tunnels too often: perhaps in a circle");
DROP_REASON(tunnel_no_remote, "no rule said where the packet's tunnel leads (tun_dst)");
DROP_REASON(tunnel_route_unknown, "the way to the tunnel's far end is being looked for");
DROP_REASON(tunnel_no_route, "no route leads to the tunnel's far end through a bridge");
DROP_REASON(
	tunnel_no_source, "no address to send the tunnel's packets from is of the right version"
);
DROP_REASON(tunnel_no_neighbour, "the MAC address of the tunnel's next hop is being looked for");
DROP_REASON(tunnel_options, "the options of a tunnel packet take more room than it has for them");
DROP_REASON(
	tunnel_not_bare,
	"a frame has a VLAN tag or a type that cannot travel without its Ethernet header"
);
DROP_REASON(tunnel_no_local, "the bridge that leads to the tunnel's far end has no device");
DROP_REASON(fragment_for_tunnel, "a fragment of a tunnel packet came; they are not put together");

enum {
	TYPE_MIN = 0x0600, /* what is less is a length */
	TYPE_IPV4 = 0x0800,
	TYPE_ARP = 0x0806,
	TYPE_IPV6 = 0x86dd,
	PROTO_ICMPV6 = 58,
	PROTO_UDP = 17,
	ND_SOLICIT = 135,
	ND_ADVERT = 136,
	DSCP = 0xfc,
	WAITS_MAX = 16, /* tunnels that one packet waits for */
	SNOOP_SIZE = 128, /* bytes of ARP and neighbour discovery that are looked at */
};

/* Into tunnels. */

static bool is_ip(const struct key *key)
{
	return key->base.eth_type == be16_from(TYPE_IPV4) ||
		key->base.eth_type == be16_from(TYPE_IPV6);
}

static struct ipaddr address_in_flow(struct xlate *x, size_t v4_at, size_t v6_at)
{
	struct ipaddr ip = {{0}};
	be32 v4;

	xlate_look(x, v4_at, sizeof(v4));
	memcpy(&v4, (const uint8_t *)&x->key + v4_at, sizeof(v4));
	if (v4)
		return ipaddr_from_v4(v4);
	xlate_look(x, v6_at, sizeof(ip));
	memcpy(&ip, (const uint8_t *)&x->key + v6_at, sizeof(ip));
	return ip;
}

#define ADDRESS_IN_FLOW(x, v4, v6)                                                                 \
	address_in_flow((x), offsetof(struct key, v4), offsetof(struct key, v6))

/* The packet is held until it is known how to get to the far end; if too many are already, or it
 * enters too many tunnels at once, it is dropped. */
static void wait_for_way(
	struct xlate *x,
	const struct view_port *port,
	const struct underlay_end *end,
	const struct drop_reason *reason
)
{
	struct waiting_note note;

	if (x->n_waits == WAITS_MAX || x->in_tunnel || underlay_is_full(end)) {
		xlate_drop(x, reason);
		return;
	}
	x->n_waits++;
	XLATE_LOOK(x, base.tun_id);
	XLATE_LOOK(x, base.tun_src);
	XLATE_LOOK(x, base.tun_dst);
	XLATE_LOOK(x, tunnel);
	XLATE_LOOK(x, tunnel_options);
	/* Programs are compared as bytes. */
	memset(&note, 0, sizeof(note));
	note.bridge = x->bridge->index;
	note.end = *end;
	note.port = port->number;
	note.from = x->in ? x->in->id : 0;
	note.in_port = x->key.base.in_port;
	note.tun_id = x->key.base.tun_id;
	note.tun_src = x->key.base.tun_src;
	note.tun_dst = x->key.base.tun_dst;
	note.pkt_mark = x->key.extra.pkt_mark;
	note.tunnel = x->key.tunnel;
	xlate_commit(x);
	size_t more = sizeof(x->key.tunnel_options);
	struct op_punt *punt =
		program_add_sized(&x->program, &op_punt, (uint16_t)(sizeof(*punt) + more));

	punt->to = &waiting_target;
	punt->max_size = WAITING_SIZE;
	punt->whole = true;
	punt->n_more = (uint16_t)more;
	memcpy(punt->note, &note, sizeof(note));
	memcpy(punt->more, x->key.tunnel_options, more);
	x->n_outputs++;
	xlate_note(x, " >> held until this is known: %s", reason->help);
}

static const struct underlay_route *
find_route(struct xlate *x, const struct view_port *port, const struct underlay_end *end)
{
	const struct underlay_route *route;

	xlate_add_dep(x, DEP_ROUTE, 0, 0, underlay_dep_of_route(end));
	route = underlay_find_route(end);
	if (!route) {
		struct effect effect = {
			.kind = EFFECT_WANT_ROUTE,
			.ip = end->dst,
			.from = end->from,
			.mark = end->mark,
		};

		xlate_add_effect(x, &effect);
		wait_for_way(x, port, end, &drop_tunnel_route_unknown);
		return NULL;
	}
	if (route->bridge != UNDERLAY_NO_BRIDGE)
		return route;
	xlate_drop(x, &drop_tunnel_no_route);
	return NULL;
}

static const struct mac *
find_neighbour(struct xlate *x, const struct view_port *port, const struct underlay_route *route)
{
	const struct mac *mac = underlay_find_neighbour(route->bridge, &route->hop);

	xlate_add_dep(x, DEP_NEIGHBOUR, route->bridge, 0, underlay_dep_of_neighbour(&route->hop));
	if (mac)
		return mac;
	struct effect effect = {
		.kind = EFFECT_WANT_NEIGHBOUR,
		.bridge = route->bridge,
		.ip = route->hop,
	};

	xlate_add_effect(x, &effect);
	wait_for_way(x, port, &route->end, &drop_tunnel_no_neighbour);
	return NULL;
}

/* TOS and TTL may be the inner packet's. The two ECN bits are carried over by the op. */
static void inherit(struct xlate *x, struct encap_wish *wish)
{
	const struct tunnel *tunnel = wish->tunnel;

	wish->tos = tunnel->tos;
	wish->ttl = tunnel->ttl;
	if (!tunnel->tos_inherit && !tunnel->ttl_inherit)
		return;
	XLATE_LOOK(x, base.eth_type);
	if (tunnel->tos_inherit)
		wish->tos = 0;
	if (tunnel->ttl_inherit)
		wish->ttl = TUNNEL_TTL;
	if (!is_ip(&x->key))
		return;
	if (tunnel->tos_inherit) {
		x->mask.base.ip_tos |= DSCP & (uint8_t)~x->known.base.ip_tos;
		wish->tos = x->key.base.ip_tos & DSCP;
	}
	if (tunnel->ttl_inherit) {
		XLATE_LOOK(x, base.ip_ttl);
		wish->ttl = x->key.base.ip_ttl;
	}
}

static void wish_erspan(struct xlate *x, const struct tunnel *tunnel, struct tunnel_erspan *erspan)
{
	const struct key_tunnel *key = &x->key.tunnel;

	*erspan = tunnel->erspan;
	if (tunnel->erspan_version_flow) {
		XLATE_LOOK(x, tunnel.erspan_ver);
		erspan->version = key->erspan_ver;
	}
	if (tunnel->erspan_idx_flow) {
		XLATE_LOOK(x, tunnel.erspan_idx);
		erspan->idx = key->erspan_idx;
	}
	if (tunnel->erspan_dir_flow) {
		XLATE_LOOK(x, tunnel.erspan_dir);
		erspan->dir = key->erspan_dir;
	}
	if (tunnel->erspan_hwid_flow) {
		XLATE_LOOK(x, tunnel.erspan_hwid);
		erspan->hwid = key->erspan_hwid;
	}
}

static void wish_inner(struct xlate *x, const struct tunnel *tunnel, struct tunnel_wish *inner)
{
	inner->id = tunnel->out_key;
	inner->has_key = tunnel->out_key;
	inner->csum = tunnel->csum;
	inner->seq = tunnel->seq;
	inner->gpe = tunnel->gpe;
	inner->inner_type = tunnel->bare ? x->key.base.eth_type : 0;
	if (tunnel->out_key_flow) {
		XLATE_LOOK(x, base.tun_id);
		inner->id = x->key.base.tun_id;
		inner->has_key = true;
	}
	/* Nobody but rules say it: a flag that came with a packet of another tunnel stays there. */
	inner->oam = x->known.tunnel.flags & x->key.tunnel.flags & be16_from(KEY_TUNNEL_OAM);
	if (tunnel->encapsulation->is_erspan)
		wish_erspan(x, tunnel, &inner->erspan);
	if (!tunnel->gbp)
		return;
	XLATE_LOOK(x, tunnel.gbp_id);
	XLATE_LOOK(x, tunnel.gbp_flags);
	inner->has_gbp = x->key.tunnel.gbp_id || x->key.tunnel.gbp_flags;
	inner->gbp_id = x->key.tunnel.gbp_id;
	inner->gbp_flags = x->key.tunnel.gbp_flags;
}

int tunnel_get_options(struct xlate *x, uint8_t bytes[OPTIONS_SIZE])
{
	const struct tunnel_options *options = x->bridge->options;
	uint64_t left;

	xlate_add_dep(x, DEP_OPTIONS, x->bridge->index, 0, 0);
	if (!options->bound)
		return 0;
	XLATE_LOOK(x, tunnel.options_present);
	for (left = x->key.tunnel.options_present & options->bound; left; left &= left - 1) {
		int field = __builtin_ctzll(left);

		xlate_look(
			x,
			offsetof(struct key, tunnel_options) + 4UL * options->map.offset[field],
			options->map.size[field]
		);
	}
	return tunnel_options_build(options, &x->key, bytes);
}

/* Returns false if there are too many. */
static bool
add_options(struct xlate *x, const struct tunnel *tunnel, struct tunnel_wish *inner, uint8_t *bytes)
{
	int n = tunnel->encapsulation->has_options ? tunnel_get_options(x, bytes) : 0;

	if (n < 0) {
		xlate_drop(x, &drop_tunnel_options);
		return false;
	}
	inner->n_options = (uint16_t)n;
	inner->options = bytes;
	return true;
}

/* Finds everything the outer header needs. NULL: it has been said why not. */
static const struct view_port *
find_way(struct xlate *x, const struct view_port *port, struct encap_wish *wish)
{
	const struct tunnel *tunnel = port->tunnel;
	const struct underlay_route *route;
	const struct view_bridge *bridge;
	const struct view_port *local;
	const struct mac *mac;

	wish->dst = tunnel->remote_flow ? ADDRESS_IN_FLOW(x, base.tun_dst, tunnel.ipv6_dst)
					: tunnel->remote;
	if (ipaddr_is_none(&wish->dst)) {
		xlate_drop(x, &drop_tunnel_no_remote);
		return NULL;
	}
	wish->src = tunnel->local_flow ? ADDRESS_IN_FLOW(x, base.tun_src, tunnel.ipv6_src)
				       : tunnel->local;
	struct underlay_end end = {
		.dst = wish->dst,
		.from = wish->src,
		.mark = tunnel->egress_mark,
	};

	route = find_route(x, port, &end);
	mac = route ? find_neighbour(x, port, route) : NULL;
	if (!mac)
		return NULL;
	bridge = x->view->bridges[route->bridge];
	local = bridge ? view_find_port(bridge, PORT_LOCAL) : NULL;
	if (!local) {
		xlate_drop(x, &drop_tunnel_no_local);
		return NULL;
	}
	if (ipaddr_is_none(&wish->src))
		wish->src = route->src;
	if (ipaddr_is_v4(&wish->src) != ipaddr_is_v4(&wish->dst)) {
		xlate_drop(x, &drop_tunnel_no_source);
		return NULL;
	}
	wish->eth_src = route->mac;
	wish->eth_dst = *mac;
	return local;
}

/* The key of the outer packet: nothing of it is unknown but its UDP source port. */
static void make_outer_key(struct key *key, const struct encap_wish *wish)
{
	memset(key, 0, sizeof(*key));
	key->base.eth_dst = wish->eth_dst;
	key->base.eth_src = wish->eth_src;
	key->base.ip_proto = wish->tunnel->encapsulation->proto;
	key->base.ip_tos = wish->tos;
	key->base.ip_ttl = wish->ttl;
	key->base.l4_dst = wish->tunnel->dst_port;
	if (wish->tunnel->egress_mark) {
		key->extra.pkt_mark = be32_from(wish->tunnel->egress_mark);
		key->base.blocks |= KEY_HAS(KEY_BLOCK_EXTRA);
	}
	if (ipaddr_is_v4(&wish->dst)) {
		key->base.eth_type = be16_from(TYPE_IPV4);
		key->base.ip_src = ipaddr_v4(&wish->src);
		key->base.ip_dst = ipaddr_v4(&wish->dst);
		return;
	}
	key->base.eth_type = be16_from(TYPE_IPV6);
	key->base.blocks |= KEY_HAS(KEY_BLOCK_IPV6);
	memcpy(key->ipv6.src, &wish->src, sizeof(wish->src));
	memcpy(key->ipv6.dst, &wish->dst, sizeof(wish->dst));
}

/* What the outer packet's translation changes and must not. */
struct aside {
	struct key key, base, known, done;
	bool edited;
	uint8_t sight;
	unsigned pushed;
};

static void
send_outer(struct xlate *x, const struct view_port *local, const struct encap_wish *wish)
{
	struct aside aside = {x->key, x->base, x->known, x->done, x->edited, x->sight, x->pushed};
	uint16_t max_size = x->max_size;

	make_outer_key(&x->key, wish);
	x->base = x->key;
	memset(&x->known, 0xff, sizeof(x->known));
	memset(&x->done, 0xff, sizeof(x->done));
	x->edited = false;
	x->sight = XLATE_SEES_ALL;
	x->pushed = 0;
	x->in_tunnel = true;
	/* Outer headers tell the length of what is inside, so a packet is not cut short behind them. */
	x->max_size = 0;
	xlate_visit(x, local);
	x->max_size = max_size;
	x->in_tunnel = false;
	x->key = aside.key;
	x->base = aside.base;
	x->known = aside.known;
	x->done = aside.done;
	x->edited = aside.edited;
	x->sight = aside.sight;
	x->pushed = aside.pushed;
}

/* Whether the packet can leave its Ethernet header behind. */
static bool can_go_bare(struct xlate *x, const struct tunnel *tunnel)
{
	be16 type = x->key.base.eth_type;

	XLATE_LOOK(x, base.eth_type);
	xlate_look_vlan(x, KEY_VLAN_PRESENT);
	if (!x->key.base.vlan_tci && be16_to(type) >= TYPE_MIN &&
	    (!tunnel->encapsulation->can_carry || tunnel->encapsulation->can_carry(type)))
		return true;
	xlate_drop(x, &drop_tunnel_not_bare);
	return false;
}

/* Makes it what it was before, for what follows. */
static void take_back(struct xlate *x, const struct tunnel *tunnel)
{
	struct op_put_eth *put;

	program_add(&x->program, &op_strip);
	if (!tunnel->bare)
		return;
	XLATE_LOOK(x, base.eth_dst);
	XLATE_LOOK(x, base.eth_src);
	put = program_add(&x->program, &op_put_eth);
	put->dst = x->key.base.eth_dst;
	put->src = x->key.base.eth_src;
	put->eth_type = x->key.base.eth_type;
}

void tunnel_output(struct xlate *x, const struct view_port *port)
{
	struct encap_wish wish = {.tunnel = port->tunnel, .port_id = port->id};
	struct tunnel_wish inner = {.id = 0};
	uint8_t options[OPTIONS_SIZE];
	const struct view_port *local;

	/* What is around the packet becomes the packet, which can enter another tunnel. */
	if (x->in_tunnel) {
		if (!freeze_output(x, port->number))
			xlate_drop(x, &drop_tunnel_nested);
		return;
	}
	if (port->tunnel->bare && !can_go_bare(x, port->tunnel))
		return;
	local = find_way(x, port, &wish);
	if (!local || !add_options(x, port->tunnel, &inner, options))
		return;
	inherit(x, &wish);
	wish_inner(x, port->tunnel, &inner);
	xlate_commit(x);
	encap_add(&x->program, &wish, &inner);
	xlate_note(
		x,
		" >> into the tunnel %s, through bridge %s",
		port->name,
		view_bridge_of(x->view, local->lport)->name
	);
	send_outer(x, local, &wish);
	take_back(x, port->tunnel);
}

/* Out of tunnels. */

/* The host's own stack gets it as well. */
static void snoop(struct xlate *x)
{
	struct discovery_note note = {.bridge = x->bridge->index};

	xlate_commit(x);
	struct op_punt *punt = program_add(&x->program, &op_punt);

	punt->to = &discovery_target;
	punt->max_size = SNOOP_SIZE;
	memcpy(punt->note, &note, sizeof(note));
	x->n_outputs++;
}

static bool is_discovery(struct xlate *x)
{
	const struct key *key = &x->key;

	if (key->base.eth_type == be16_from(TYPE_ARP))
		return true;
	if (key->base.eth_type != be16_from(TYPE_IPV6))
		return false;
	XLATE_LOOK(x, base.ip_proto);
	if (key->base.ip_proto != PROTO_ICMPV6)
		return false;
	XLATE_LOOK(x, base.l4_src);
	return key->base.l4_src == be16_from(ND_SOLICIT) ||
		key->base.l4_src == be16_from(ND_ADVERT);
}

static bool is_for_us(struct xlate *x)
{
	const struct key *key = &x->key;
	struct ipaddr dst;

	if (key->base.eth_type == be16_from(TYPE_IPV4)) {
		XLATE_LOOK(x, base.ip_dst);
		dst = ipaddr_from_v4(key->base.ip_dst);
	} else {
		XLATE_LOOK(x, ipv6.dst);
		memcpy(&dst, key->ipv6.dst, sizeof(dst));
	}
	return underlay_is_ours(x->bridge->index, &dst);
}

static const struct encapsulation *find_type(struct xlate *x)
{
	const struct key *key = &x->key;
	be16 port = 0;

	if (key->base.ip_proto == PROTO_UDP) {
		XLATE_LOOK(x, base.l4_dst);
		port = key->base.l4_dst;
	}
	return tunnel_find(key->base.ip_proto, port);
}

bool tunnel_input(struct xlate *x, const struct view_port *port)
{
	const struct encapsulation *type;
	struct mac mac;

	xlate_add_dep(x, DEP_UNDERLAY_ADDRESS, x->bridge->index, 0, 0);
	if (!underlay_has_addresses(x->bridge->index, &mac))
		return false;
	XLATE_LOOK(x, base.eth_type);
	if (is_discovery(x)) {
		snoop(x);
		return false;
	}
	if (!is_ip(&x->key) || !tunnels_are_there())
		return false;
	/* First what most packets that are none of a tunnel's have in common. */
	XLATE_LOOK(x, base.ip_proto);
	if (!tunnels_use(x->key.base.ip_proto))
		return false;
	xlate_look_vlan(x, KEY_VLAN_PRESENT);
	if (x->key.base.vlan_tci)
		return false;
	XLATE_LOOK(x, base.eth_dst);
	if (memcmp(&x->key.base.eth_dst, &mac, sizeof(mac)) || !is_for_us(x))
		return false;
	type = find_type(x);
	if (!type)
		return false;
	XLATE_LOOK(x, base.ip_frag);
	if (x->key.base.ip_frag) {
		xlate_drop(x, &drop_fragment_for_tunnel);
		return true;
	}
	xlate_commit(x);
	struct op_decap *decap = program_add(&x->program, &op_decap);

	decap->type = type;
	x->n_outputs++;
	xlate_note(x, " >> out of the tunnel (%s)", type->name);
	return true;
}
