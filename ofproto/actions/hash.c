/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/actions/hash.h"

#include "lib/hash.h"
#include "ofproto/xlate/xlate.h"

enum {
	TYPE_IPV4 = 0x0800,
	TYPE_IPV6 = 0x86dd,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_SCTP = 132,
};

#define MIX(hash, field)                                                                           \
	do {                                                                                       \
		XLATE_LOOK(x, field);                                                              \
		(hash) = hash_bytes(&x->key.field, sizeof(x->key.field), (hash));                  \
	} while (0)

/* The same for both directions. */
#define MIX_BOTH(hash, a, b)                                                                       \
	do {                                                                                       \
		XLATE_LOOK(x, a);                                                                  \
		XLATE_LOOK(x, b);                                                                  \
		(hash) = hash_either_way(&x->key.a, &x->key.b, sizeof(x->key.a), (hash));          \
	} while (0)

static uint32_t hash_either_way(const void *a_, const void *b_, unsigned n, uint32_t basis)
{
	const uint8_t *a = a_, *b = b_;
	uint8_t both[16] = {0};

	for (unsigned i = 0; i < n; i++)
		both[i] = a[i] ^ b[i];
	return hash_bytes(both, n, basis);
}

static uint32_t hash_l3(struct xlate *x, uint32_t hash)
{
	uint16_t type;

	MIX(hash, base.eth_type);
	type = be16_to(x->key.base.eth_type);
	if (type == TYPE_IPV4)
		MIX_BOTH(hash, base.ip_src, base.ip_dst);
	else if (type == TYPE_IPV6)
		MIX_BOTH(hash, ipv6.src, ipv6.dst);
	return hash;
}

static uint32_t hash_l4(struct xlate *x, bool udp, uint32_t hash)
{
	uint16_t type = be16_to(x->key.base.eth_type);
	uint8_t proto = x->key.base.ip_proto;

	if (type != TYPE_IPV4 && type != TYPE_IPV6)
		return hash;
	MIX(hash, base.ip_proto);
	if (proto == PROTO_TCP || proto == PROTO_SCTP || (udp && proto == PROTO_UDP))
		MIX_BOTH(hash, base.l4_src, base.l4_dst);
	return hash;
}

static uint32_t hash_vlan(struct xlate *x, uint32_t hash)
{
	const uint16_t vid = 0xfff;

	xlate_look_vlan(x, vid);
	return hash_u64(be16_to(x->key.base.vlan_tci) & vid, hash);
}

static uint32_t hash_address(struct xlate *x, bool source, uint32_t hash)
{
	uint16_t type;

	XLATE_LOOK(x, base.eth_type);
	type = be16_to(x->key.base.eth_type);
	if (type == TYPE_IPV4 && source)
		MIX(hash, base.ip_src);
	else if (type == TYPE_IPV4)
		MIX(hash, base.ip_dst);
	else if (type == TYPE_IPV6 && source)
		MIX(hash, ipv6.src);
	else if (type == TYPE_IPV6)
		MIX(hash, ipv6.dst);
	return hash;
}

uint32_t hash_packet(struct xlate *x, enum hash_fields fields, uint32_t hash)
{
	switch (fields) {
	case HASH_FIELDS_ETH_SRC:
		MIX(hash, base.eth_src);
		return hash;
	case HASH_FIELDS_SYMMETRIC_L4:
		MIX_BOTH(hash, base.eth_src, base.eth_dst);
		return hash_l4(x, false, hash_l3(x, hash_vlan(x, hash)));
	case HASH_FIELDS_SYMMETRIC_L3L4:
		return hash_l4(x, false, hash_l3(x, hash));
	case HASH_FIELDS_SYMMETRIC_L3L4_UDP:
		return hash_l4(x, true, hash_l3(x, hash));
	case HASH_FIELDS_SYMMETRIC_L3:
		return hash_l3(x, hash);
	case HASH_FIELDS_NW_SRC:
	case HASH_FIELDS_NW_DST:
		return hash_address(x, fields == HASH_FIELDS_NW_SRC, hash);
	case HASH_FIELDS_COUNT:
		break;
	}
	return hash;
}

uint32_t hash_packet_masked(struct xlate *x, const struct key *mask, uint32_t basis)
{
	const uint64_t *bits = (const uint64_t *)mask, *known = (const uint64_t *)&x->known;
	uint64_t *looked = (uint64_t *)&x->mask;

	xlate_looked_anywhere(x);
	for (unsigned i = 0; i < sizeof(*mask) / 8; i++)
		looked[i] |= bits[i] & ~known[i];
	return key_hash_masked(&x->key, mask, basis);
}

uint32_t hash_packet_all(struct xlate *x, uint32_t hash)
{
	MIX(hash, base.eth_dst);
	MIX(hash, base.eth_src);
	MIX(hash, base.eth_type);
	MIX(hash, base.ip_src);
	MIX(hash, base.ip_dst);
	MIX(hash, base.ip_proto);
	MIX(hash, base.l4_src);
	MIX(hash, base.l4_dst);
	if (x->key.base.eth_type == be16_from(TYPE_IPV6)) {
		MIX(hash, ipv6.src);
		MIX(hash, ipv6.dst);
	}
	return hash_vlan(x, hash);
}
