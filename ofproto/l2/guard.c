/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/l2/guard.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/drop.h"
#include "datapath/meter/meter.h"
#include "datapath/ops/storm.h"
#include "lib/xmalloc.h"
#include "ofproto/xlate/trace.h"
#include "ofproto/xlate/xlate.h"

DROP_REASON(forged_mac, "the source MAC is not one of the port's (forged-transmits)");
DROP_REASON(forged_ip, "the source IP address is not one of the port's (allowed-addresses)");
DROP_REASON(forged_arp, "the ARP packet speaks for an address that is not the port's");
DROP_REASON(
	forged_nd, "the neighbour discovery packet speaks for an address that is not the port's"
);
DROP_REASON(hidden_headers, "headers that had to be inspected stand behind too many VLAN tags");
DROP_REASON(dhcp_guard, "the port may not act as a DHCP server (dhcp-guard)");
DROP_REASON(ra_guard, "the port may not act as a router (ra-guard)");
DROP_REASON(storm_broadcast, "more broadcasts came in than the port may send");
DROP_REASON(storm_multicast, "more multicasts came in than the port may send");
DROP_REASON(storm_unknown, "more packets for unknown addresses came in than the port may send");

enum {
	TYPE_IPV4 = 0x0800,
	TYPE_ARP = 0x0806,
	TYPE_RARP = 0x8035,
	TYPE_IPV6 = 0x86dd,
	TYPE_VLAN = 0x8100,
	TYPE_QINQ = 0x88a8,
	PROTO_UDP = 17,
	PROTO_ICMPV6 = 58,
	BOOTPS = 67,
	BOOTPC = 68,
	DHCPV6_CLIENT = 546,
	DHCPV6_SERVER = 547,
	MLD_REPORT = 131,
	MLD_DONE = 132,
	ROUTER_SOLICIT = 133,
	ROUTER_ADVERT = 134,
	NEIGHBOUR_SOLICIT = 135,
	NEIGHBOUR_ADVERT = 136,
	REDIRECT = 137,
	MLD2_REPORT = 143,
};

struct guard {
	uint32_t size; /* of all of this */
	bool inspects, forged, changes, promiscuous, dhcp, ra;
	uint32_t slots[GUARD_STORMS]; /* of meters; 0: none */
	uint32_t rates[GUARD_STORMS];
	uint32_t n;
	struct guard_address addresses[];
};

static bool mac_equal(struct mac a, struct mac b)
{
	return !memcmp(&a, &b, sizeof(a));
}

static bool is_zero(const void *data, size_t n)
{
	const uint8_t *p = data;

	while (n--)
		if (*p++)
			return false;
	return true;
}

static bool within(const uint8_t *ip, const struct guard_address *address)
{
	unsigned whole = address->prefix / 8, rest = address->prefix % 8;

	if (memcmp(ip, address->ip, whole))
		return false;
	return !rest || !((ip[whole] ^ address->ip[whole]) >> (8 - rest));
}

bool guard_owns(const struct guard *guard, struct mac mac)
{
	if (!guard || !guard->changes)
		return true;
	for (unsigned i = 0; i < guard->n; i++)
		if (mac_equal(guard->addresses[i].mac, mac))
			return true;
	return false;
}

bool guard_sees(const struct guard *guard, struct mac mac)
{
	if (!guard || !guard->promiscuous || mac.bytes[0] & 1)
		return true;
	for (unsigned i = 0; i < guard->n; i++)
		if (mac_equal(guard->addresses[i].mac, mac))
			return true;
	return false;
}

/* Whether the host has the address, along with the MAC. */
static bool has_ip(const struct guard *guard, struct mac mac, uint8_t family, const void *ip)
{
	for (unsigned i = 0; i < guard->n; i++) {
		const struct guard_address *address = &guard->addresses[i];

		if (mac_equal(address->mac, mac) && address->family == family &&
		    within(ip, address))
			return true;
	}
	return false;
}

/* The link-local address that a host makes of its MAC (RFC 4291, appendix A). */
static bool is_own_link_local(struct mac mac, const uint8_t *ip)
{
	const uint8_t *m = mac.bytes;
	const uint8_t own[16] = {
		0xfe,
		0x80,
		0,
		0,
		0,
		0,
		0,
		0,
		m[0] ^ 2,
		m[1],
		m[2],
		0xff,
		0xfe,
		m[3],
		m[4],
		m[5],
	};

	return !memcmp(ip, own, sizeof(own));
}

static bool has_ipv6(const struct guard *guard, struct mac mac, const uint8_t *ip)
{
	return is_own_link_local(mac, ip) || has_ip(guard, mac, GUARD_IPV6, ip);
}

static const struct drop_reason *inspect_arp(const struct guard *guard, struct xlate *x)
{
	struct mac mac = x->key.base.eth_src;

	XLATE_LOOK(x, extra.arp_sha);
	if (!mac_equal(x->key.extra.arp_sha, mac))
		return &drop_forged_arp;
	if (x->key.base.eth_type == be16_from(TYPE_RARP))
		return NULL;
	XLATE_LOOK(x, base.ip_src);
	/* Who asks whether an address is free has none yet (RFC 5227). */
	if (!x->key.base.ip_src || has_ip(guard, mac, GUARD_IPV4, &x->key.base.ip_src))
		return NULL;
	return &drop_forged_arp;
}

static const struct drop_reason *inspect_ipv4(const struct guard *guard, struct xlate *x)
{
	const struct key_base *base = &x->key.base;

	XLATE_LOOK(x, base.ip_src);
	if (has_ip(guard, base->eth_src, GUARD_IPV4, &base->ip_src))
		return NULL;
	if (base->ip_src)
		return &drop_forged_ip;
	/* Who asks for an address has none yet. */
	XLATE_LOOK(x, base.ip_proto);
	XLATE_LOOK(x, base.l4_src);
	XLATE_LOOK(x, base.l4_dst);
	return base->ip_proto == PROTO_UDP && base->l4_src == be16_from(BOOTPC) &&
			base->l4_dst == be16_from(BOOTPS)
		? NULL
		: &drop_forged_ip;
}

/* What a host may say before it has an address. */
static bool may_be_unspecified(uint16_t type)
{
	return type == NEIGHBOUR_SOLICIT || type == ROUTER_SOLICIT || type == MLD_REPORT ||
		type == MLD_DONE || type == MLD2_REPORT;
}

static const struct drop_reason *inspect_nd(const struct guard *guard, struct xlate *x)
{
	struct mac mac = x->key.base.eth_src;
	const struct key_ipv6 *ipv6 = &x->key.ipv6;
	uint16_t type = be16_to(x->key.base.l4_src);

	if (type == NEIGHBOUR_SOLICIT) {
		XLATE_LOOK(x, ipv6.nd_sll);
		return is_zero(&ipv6->nd_sll, 6) || mac_equal(ipv6->nd_sll, mac) ? NULL
										 : &drop_forged_nd;
	}
	if (type != NEIGHBOUR_ADVERT)
		return NULL;
	XLATE_LOOK(x, ipv6.nd_tll);
	XLATE_LOOK(x, ipv6.nd_target);
	if (!is_zero(&ipv6->nd_tll, 6) && !mac_equal(ipv6->nd_tll, mac))
		return &drop_forged_nd;
	return has_ipv6(guard, mac, ipv6->nd_target) ? NULL : &drop_forged_nd;
}

static const struct drop_reason *inspect_ipv6(const struct guard *guard, struct xlate *x)
{
	const struct key_base *base = &x->key.base;

	XLATE_LOOK(x, ipv6.src);
	XLATE_LOOK(x, base.ip_proto);
	bool icmp = base->ip_proto == PROTO_ICMPV6;

	if (icmp)
		XLATE_LOOK(x, base.l4_src);
	if (!has_ipv6(guard, base->eth_src, x->key.ipv6.src) &&
	    !(is_zero(x->key.ipv6.src, 16) && icmp && may_be_unspecified(be16_to(base->l4_src))))
		return &drop_forged_ip;
	return icmp ? inspect_nd(guard, x) : NULL;
}

static const struct drop_reason *inspect(const struct guard *guard, struct xlate *x)
{
	XLATE_LOOK(x, base.eth_type);
	switch (be16_to(x->key.base.eth_type)) {
	case TYPE_IPV4:
		return inspect_ipv4(guard, x);
	case TYPE_IPV6:
		return inspect_ipv6(guard, x);
	case TYPE_ARP:
	case TYPE_RARP:
		return inspect_arp(guard, x);
	case TYPE_VLAN:
	case TYPE_QINQ:
		return &drop_hidden_headers;
	default:
		return NULL;
	}
}

/* Whether the source is one of the host's MACs, and bound to certain IP addresses. */
static bool find_mac(const struct guard *guard, struct mac mac, bool *bound)
{
	bool found = false;

	*bound = false;
	for (unsigned i = 0; i < guard->n; i++) {
		if (!mac_equal(guard->addresses[i].mac, mac))
			continue;
		found = true;
		*bound |= guard->addresses[i].family != GUARD_ANY;
	}
	return found;
}

/* Looks at no more of the port than tells it from 'wanted', so that not each connection is a flow. */
static bool port_is(struct xlate *x, size_t offset, be16 port, uint16_t wanted)
{
	xlate_look(x, offset, 1);
	if (be16_to(port) >> 8 != wanted >> 8)
		return false;
	xlate_look(x, offset + 1, 1);
	return be16_to(port) == wanted;
}

/* Clients take answers by the port that these are for; some do not look where they are from. */
static bool is_dhcp_server(struct xlate *x, bool ipv6)
{
	const struct key_base *base = &x->key.base;

	return port_is(x,
		       offsetof(struct key, base.l4_src),
		       base->l4_src,
		       ipv6 ? DHCPV6_SERVER : BOOTPS) ||
		port_is(x,
			offsetof(struct key, base.l4_dst),
			base->l4_dst,
			ipv6 ? DHCPV6_CLIENT : BOOTPC);
}

static const struct drop_reason *refuse_server(const struct guard *guard, struct xlate *x)
{
	const struct key_base *base = &x->key.base;
	uint16_t type;

	XLATE_LOOK(x, base.eth_type);
	type = be16_to(base->eth_type);
	/* Hosts look behind tags of VLAN 0, however many there are. */
	if (type == TYPE_VLAN || type == TYPE_QINQ)
		return &drop_hidden_headers;
	if (type != TYPE_IPV4 && type != TYPE_IPV6)
		return NULL;
	XLATE_LOOK(x, base.ip_proto);
	/* Of IPv6: what is inside stands behind more headers than were read (RFC 7113). */
	if (type == TYPE_IPV6 && !base->ip_proto)
		return &drop_hidden_headers;
	if (guard->dhcp && base->ip_proto == PROTO_UDP && is_dhcp_server(x, type == TYPE_IPV6))
		return &drop_dhcp_guard;
	if (guard->ra && type == TYPE_IPV6 && base->ip_proto == PROTO_ICMPV6) {
		XLATE_LOOK(x, base.l4_src);
		if (base->l4_src == be16_from(ROUTER_ADVERT) || base->l4_src == be16_from(REDIRECT))
			return &drop_ra_guard;
	}
	return NULL;
}

const struct drop_reason *guard_refusal(const struct guard *guard, struct xlate *x)
{
	const struct drop_reason *reason;
	bool bound;

	if (!guard)
		return NULL;
	if (guard->forged || guard->inspects) {
		XLATE_LOOK(x, base.eth_src);
		if (!find_mac(guard, x->key.base.eth_src, &bound))
			return &drop_forged_mac;
		reason = bound && guard->inspects ? inspect(guard, x) : NULL;
		if (reason)
			return reason;
	}
	return guard->dhcp || guard->ra ? refuse_server(guard, x) : NULL;
}

void guard_limit(const struct guard *guard, struct xlate *x, enum guard_storm storm)
{
	static const struct drop_reason *const reasons[] = {
		[GUARD_BROADCAST] = &drop_storm_broadcast,
		[GUARD_MULTICAST] = &drop_storm_multicast,
		[GUARD_UNKNOWN] = &drop_storm_unknown,
	};
	struct op_storm *op;

	if (!guard || !guard->slots[storm] || x->limited)
		return;
	x->limited = true;
	xlate_note(x, " -> at most %u a second of these", guard->rates[storm]);
	op = program_add(&x->program, &op_storm);
	op->slot = guard->slots[storm];
	op->reason = reasons[storm];
}

/* Main thread. */

static uint32_t renew_meter(uint32_t slot, uint32_t old_rate, uint32_t rate)
{
	struct meter_config config = {
		.packets = true,
		.n_bands = 1,
		.bands = {{.kind = METER_BAND_DROP, .rate = rate, .burst = rate}},
	};

	if (rate == old_rate)
		return slot;
	if (slot && !rate) {
		meter_del(slot);
		return 0;
	}
	if (slot)
		meter_set(slot, &config);
	return slot ? slot : meter_add(&config);
}

struct guard *guard_renew(struct guard *take_old, const struct guard_config *config)
{
	size_t size =
		sizeof(struct guard) + (config ? config->n : 0) * sizeof(struct guard_address);
	struct guard *guard;

	if (!config) {
		guard_end(take_old);
		return NULL;
	}
	guard = xcalloc(1, size);
	guard->size = size;
	guard->inspects = config->inspects;
	guard->forged = config->forged;
	guard->changes = config->changes;
	guard->promiscuous = config->promiscuous;
	guard->dhcp = config->dhcp;
	guard->ra = config->ra;
	guard->n = config->n;
	memcpy(guard->addresses, config->addresses, config->n * sizeof(guard->addresses[0]));
	for (unsigned i = 0; i < GUARD_STORMS; i++) {
		guard->rates[i] = config->storms[i];
		guard->slots[i] = renew_meter(
			take_old ? take_old->slots[i] : 0,
			take_old ? take_old->rates[i] : 0,
			config->storms[i]
		);
	}
	free(take_old);
	return guard;
}

void guard_end(struct guard *guard)
{
	if (!guard)
		return;
	for (unsigned i = 0; i < GUARD_STORMS; i++)
		if (guard->slots[i])
			meter_del(guard->slots[i]);
	free(guard);
}

struct guard *guard_copy(const struct guard *guard)
{
	return guard ? memcpy(xmalloc(guard->size), guard, guard->size) : NULL;
}

bool guard_equal(const struct guard *a, const struct guard *b)
{
	return a && b ? a->size == b->size && !memcmp(a, b, a->size) : a == b;
}
