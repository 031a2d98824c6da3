/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/flow/compose.h"

#include <string.h>

#include "lib/flow/field.h"

enum {
	ETH_SIZE = 14,
	IP_TCP = 6,
	IP_UDP = 17,
	IP_ICMP = 1,
	IP_ICMPV6 = 58,
	IP_SCTP = 132,
};

struct writer {
	uint8_t *start, *p, *end;
	size_t length; /* wanted */
};

uint32_t compose_sum(const void *data, size_t n, uint32_t sum)
{
	const uint8_t *p = data;

	for (; n > 1; n -= 2, p += 2)
		sum += (uint32_t)p[0] << 8 | p[1];
	if (n)
		sum += (uint32_t)p[0] << 8;
	return (sum & 0xffff) + (sum >> 16);
}

uint16_t compose_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void put(struct writer *w, const void *bytes, size_t n)
{
	if ((size_t)(w->end - w->p) < n)
		return;
	memcpy(w->p, bytes, n);
	w->p += n;
}

static void put_number(struct writer *w, uint64_t number, unsigned n)
{
	uint8_t bytes[8];

	field_put_number(bytes, n, number);
	put(w, bytes, n);
}

static void put_zeros(struct writer *w, size_t n)
{
	while (n--)
		put_number(w, 0, 1);
}

/* Payload, until the packet has the length wanted. */
static void put_payload(struct writer *w)
{
	size_t have = (size_t)(w->p - w->start);

	if (have < w->length)
		put_zeros(w, w->length - have);
}

static uint32_t pseudo_sum(const struct key *key, uint8_t proto, size_t n)
{
	uint32_t sum = proto + (uint32_t)n;

	if (key->base.eth_type == be16_from(0x0800)) {
		sum = compose_sum(&key->base.ip_src, 4, sum);
		return compose_sum(&key->base.ip_dst, 4, sum);
	}
	sum = compose_sum(key->ipv6.src, 16, sum);
	return compose_sum(key->ipv6.dst, 16, sum);
}

static bool has_mac(const struct mac *mac)
{
	static const struct mac none;

	return memcmp(mac, &none, sizeof(none)) != 0;
}

/* One neighbour discovery option with a link-layer address. */
static void put_nd_option(struct writer *w, uint8_t type, const struct mac *mac)
{
	put_number(w, type, 1);
	put_number(w, 1, 1);
	put(w, mac, sizeof(*mac));
}

static void put_icmpv6(struct writer *w, const struct key *key)
{
	uint8_t type = (uint8_t)be16_to(key->base.l4_src);

	put_number(w, type, 1);
	put_number(w, be16_to(key->base.l4_dst), 1);
	put_number(w, 0, 2);
	if (type == 135 || type == 136) {
		put(w, &key->extra.nd_reserved, 4);
		put(w, key->ipv6.nd_target, 16);
		if (has_mac(&key->ipv6.nd_sll))
			put_nd_option(w, 1, &key->ipv6.nd_sll);
		if (has_mac(&key->ipv6.nd_tll))
			put_nd_option(w, 2, &key->ipv6.nd_tll);
	} else {
		put_number(w, 0, 4);
	}
}

/* SCTP's CRC32c, bit by bit: packets here are few. */
static uint32_t crc32c(const uint8_t *p, size_t n)
{
	uint32_t crc = 0xffffffff;

	for (; n; n--, p++) {
		crc ^= *p;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

/* The header after IP and what follows, with its checksum. */
static void put_l4(struct writer *w, const struct key *key)
{
	uint8_t *l4 = w->p, proto = key->base.ip_proto;
	int sum_at = -1;
	uint32_t sum = 0;

	if (key->base.ip_frag & KEY_FRAG_LATER) {
		put_zeros(w, 8);
		put_payload(w);
		return;
	}
	if (proto == IP_TCP) {
		put(w, &key->base.l4_src, 4);
		put_zeros(w, 8);
		put_number(w, 0x5000U | (be16_to(key->base.tcp_flags) & 0xfff), 2);
		put_zeros(w, 6);
		sum_at = 16;
	} else if (proto == IP_UDP) {
		put(w, &key->base.l4_src, 4);
		put_zeros(w, 4);
		sum_at = 6;
	} else if (proto == IP_SCTP) {
		put(w, &key->base.l4_src, 4);
		put_zeros(w, 8);
	} else if (proto == IP_ICMP && key->base.eth_type == be16_from(0x0800)) {
		put_number(w, be16_to(key->base.l4_src), 1);
		put_number(w, be16_to(key->base.l4_dst), 1);
		put_zeros(w, 6);
		sum_at = 2;
	} else if (proto == IP_ICMPV6) {
		put_icmpv6(w, key);
		sum_at = 2;
	}
	put_payload(w);
	if (proto == IP_UDP)
		field_put_number(l4 + 4, 2, (uint64_t)(w->p - l4));
	if (sum_at >= 0 && w->p - l4 > sum_at + 1) {
		if (proto != IP_ICMP)
			sum = pseudo_sum(key, proto, (size_t)(w->p - l4));
		sum = compose_fold(compose_sum(l4, (size_t)(w->p - l4), sum));
		field_put_number(l4 + sum_at, 2, sum || proto != IP_UDP ? sum : 0xffff);
	}
	if (proto == IP_SCTP && w->p - l4 >= 12) {
		uint32_t crc = crc32c(l4, (size_t)(w->p - l4));

		memcpy(l4 + 8, &crc, 4);
	}
}

static void put_ipv4(struct writer *w, const struct key *key)
{
	uint8_t *ip = w->p;
	uint16_t frag = 0;

	if (key->base.ip_frag & KEY_FRAG_LATER)
		frag = 100;
	else if (key->base.ip_frag & KEY_FRAG_ANY)
		frag = 0x2000;
	put_number(w, 0x45, 1);
	put_number(w, key->base.ip_tos, 1);
	put_zeros(w, 4);
	put_number(w, frag, 2);
	put_number(w, key->base.ip_ttl, 1);
	put_number(w, key->base.ip_proto, 1);
	put_zeros(w, 2);
	put(w, &key->base.ip_src, 4);
	put(w, &key->base.ip_dst, 4);
	put_l4(w, key);
	field_put_number(ip + 2, 2, (uint64_t)(w->p - ip));
	field_put_number(ip + 10, 2, compose_fold(compose_sum(ip, 20, 0)));
}

static void put_ipv6(struct writer *w, const struct key *key)
{
	uint8_t *ip = w->p;
	bool is_frag = key->base.ip_frag & KEY_FRAG_ANY;

	put_number(
		w,
		6U << 28 | (uint32_t)key->base.ip_tos << 20 | (be32_to(key->ipv6.label) & 0xfffff),
		4
	);
	put_zeros(w, 2);
	put_number(w, is_frag ? 44 : key->base.ip_proto, 1);
	put_number(w, key->base.ip_ttl, 1);
	put(w, key->ipv6.src, 16);
	put(w, key->ipv6.dst, 16);
	if (is_frag) {
		put_number(w, key->base.ip_proto, 1);
		put_zeros(w, 1);
		put_number(w, key->base.ip_frag & KEY_FRAG_LATER ? 100 << 3 : 1, 2);
		put_zeros(w, 4);
	}
	put_l4(w, key);
	field_put_number(ip + 4, 2, (uint64_t)(w->p - ip - 40));
}

static void put_arp(struct writer *w, const struct key *key)
{
	put_number(w, 0x0001080006040000ULL | key->base.ip_proto, 8);
	put(w, &key->extra.arp_sha, 6);
	put(w, &key->base.ip_src, 4);
	put(w, &key->extra.arp_tha, 6);
	put(w, &key->base.ip_dst, 4);
	put_payload(w);
}

static void put_mpls(struct writer *w, const struct key *key)
{
	for (unsigned i = 0; i < 3; i++) {
		put(w, &key->extra.mpls[i], 4);
		if (be32_to(key->extra.mpls[i]) & 0x100)
			break;
	}
	put_payload(w);
}

static void put_tag(struct writer *w, be16 tci, be16 tpid)
{
	put_number(w, tpid ? be16_to(tpid) : 0x8100, 2);
	put_number(w, be16_to(tci) & ~(unsigned)KEY_VLAN_PRESENT, 2);
}

size_t compose_packet(const struct key *key, uint8_t *buffer, size_t size, size_t length)
{
	struct writer w = {buffer, buffer, buffer + size, length};
	uint16_t type = be16_to(key->base.eth_type);

	put(&w, &key->base.eth_dst, 6);
	put(&w, &key->base.eth_src, 6);
	if (key->base.vlan_tci)
		put_tag(&w, key->base.vlan_tci, key->base.vlan_tpid);
	if (key->extra.vlan_tci2)
		put_tag(&w, key->extra.vlan_tci2, key->extra.vlan_tpid2);
	if (type == 0x05ff) {
		/* 802.3: a length stands where the type is. */
		put_number(&w, 46, 2);
		put_zeros(&w, 46);
		return (size_t)(w.p - buffer);
	}
	put(&w, &key->base.eth_type, 2);
	if (type == 0x0800)
		put_ipv4(&w, key);
	else if (type == 0x86dd)
		put_ipv6(&w, key);
	else if (type == 0x0806 || type == 0x8035)
		put_arp(&w, key);
	else if (type == 0x8847 || type == 0x8848)
		put_mpls(&w, key);
	else
		put_payload(&w);
	return (size_t)(w.p - buffer);
}
