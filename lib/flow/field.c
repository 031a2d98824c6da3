/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/flow/field.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>

#include "lib/errbuf.h"
#include "lib/flow/tlv.h"
#include "lib/hash.h"
#include "lib/near.h"

/* The words that fields.def is written in. */
#define SPAN(member, bytes) .offset = offsetof(struct key, member), .width = (bytes)
#define AT(member)	    SPAN(member, sizeof(((struct key *)NULL)->member))
#define HOST(member)	    AT(member), .host = true
#define OPTION(n)	    .offset = (n)
#define MASK		    FIELD_MASK
#define WRITE		    FIELD_WRITE
#define VIEW		    FIELD_VIEW
#define SET		    FIELD_SET
#define OXM(n)                                                                                     \
	{                                                                                          \
		.class = OXM_CLASS_OPENFLOW, .number = (n)                                         \
	}
#define OXM15(n)                                                                                   \
	{                                                                                          \
		.class = OXM_CLASS_OPENFLOW, .number = (n), .since_of15 = true                     \
	}
#define PKT_REG(n)                                                                                 \
	{                                                                                          \
		.class = OXM_CLASS_PACKET_REGS, .number = (n)                                      \
	}
#define ONF(n)                                                                                     \
	{                                                                                          \
		.class = OXM_CLASS_EXPERIMENTER, .number = (n), .vendor = OXM_VENDOR_ONF           \
	}
#define NXM(n)                                                                                     \
	{                                                                                          \
		.class = OXM_CLASS_NXM, .number = (n)                                              \
	}
#define NX(n)                                                                                      \
	{                                                                                          \
		.class = OXM_CLASS_NX, .number = (n)                                               \
	}
#define NX_EXT(n)                                                                                  \
	{                                                                                          \
		.class = OXM_CLASS_EXPERIMENTER, .number = (n), .vendor = OXM_VENDOR_NICIRA        \
	}
#define ERIC(n)                                                                                    \
	{                                                                                          \
		.class = OXM_CLASS_ERICSSON, .number = (n)                                         \
	}
#define NO_ID
#define IDS(...)                                                                                   \
	.oxm = {__VA_ARGS__},                                                                      \
	.n_oxm = sizeof((struct field_oxm[]){__VA_ARGS__}) / sizeof(struct field_oxm)

#define FIELD(                                                                                     \
	id_,                                                                                       \
	name_,                                                                                     \
	other_,                                                                                    \
	shown_,                                                                                    \
	kind_,                                                                                     \
	bits_,                                                                                     \
	size_,                                                                                     \
	place_,                                                                                    \
	shift_,                                                                                    \
	needs_,                                                                                    \
	flags_,                                                                                    \
	ids_,                                                                                      \
	help_                                                                                      \
)                                                                                                  \
	[FIELD_##id_] = {                                                                          \
		.name = name_,                                                                     \
		.other_name = other_,                                                              \
		.shown_name = shown_,                                                              \
		.help = help_,                                                                     \
		.kind = FIELD_KIND_##kind_,                                                        \
		.bits = bits_,                                                                     \
		.size = size_,                                                                     \
		place_,                                                                            \
		.shift = shift_,                                                                   \
		.needs = FIELD_NEEDS_##needs_,                                                     \
		.flags = flags_,                                                                   \
		ids_,                                                                              \
	},

const struct field fields[FIELDS] = {
#include "lib/flow/fields.def"
};

enum {
	INDEX_SIZE = 2048, /* slots, several times the number of names and of ids */
	OXM_NAME_SIZE = 40,
};

/* Open-addressing tables of field numbers + 1. Filled once, on first use. */
static uint16_t by_name[INDEX_SIZE];
static uint16_t by_oxm[INDEX_SIZE];
static once_flag index_once = ONCE_FLAG_INIT;

static uint32_t hash_name(const char *name)
{
	uint32_t h = 2166136261U;

	for (; *name; name++)
		h = (h ^ (uint8_t)tolower((unsigned char)*name)) * 16777619U;
	return h;
}

static uint32_t hash_oxm(uint16_t class, uint8_t number, uint32_t vendor)
{
	return hash_u64((uint64_t)vendor << 32 | (uint32_t) class << 8 | number, 0);
}

static void index_put(uint16_t *index, uint32_t hash, enum field_id id)
{
	uint32_t slot = hash % INDEX_SIZE;

	while (index[slot])
		slot = (slot + 1) % INDEX_SIZE;
	index[slot] = (uint16_t)(id + 1);
}

static void index_put_name(const char *name, enum field_id id)
{
	if (*name)
		index_put(by_name, hash_name(name), id);
}

static void index_build(void)
{
	FIELDS_FOREACH(field) {
		enum field_id id = field_id(field);

		index_put_name(field->name, id);
		index_put_name(field->other_name, id);
		for (unsigned i = 0; i < field->n_oxm; i++) {
			const struct field_oxm *oxm = &field->oxm[i];

			index_put(by_oxm, hash_oxm(oxm->class, oxm->number, oxm->vendor), id);
		}
	}
}

static const char *oxm_prefix(const struct field_oxm *oxm)
{
	switch (oxm->class) {
	case OXM_CLASS_NXM:
		return "NXM_OF_";
	case OXM_CLASS_OPENFLOW:
		return "OXM_OF_";
	case OXM_CLASS_ERICSSON:
		return "ERICOXM_OF_";
	case OXM_CLASS_EXPERIMENTER:
		return oxm->vendor == OXM_VENDOR_ONF ? "ONFOXM_ET_" : "NXOXM_ET_";
	default:
		return "NXM_NX_";
	}
}

/* The OXM name of one id. Most follow from the class and the field's name; the names that
 * OpenFlow and Nicira chose otherwise stand here. */
static void oxm_name(const struct field *field, const struct field_oxm *oxm, char *out, size_t size)
{
	static const struct {
		enum field_id id;
		uint16_t class;
		const char *name;
	} odd[] = {
		{FIELD_IP_SRC, OXM_CLASS_OPENFLOW, "IPV4_SRC"},
		{FIELD_IP_DST, OXM_CLASS_OPENFLOW, "IPV4_DST"},
		{FIELD_IP_PROTO, OXM_CLASS_OPENFLOW, "IP_PROTO"},
		{FIELD_IP_PROTO, OXM_CLASS_NXM, "IP_PROTO"},
		{FIELD_NW_TOS, OXM_CLASS_NXM, "IP_TOS"},
		{FIELD_NW_ECN, OXM_CLASS_OPENFLOW, "IP_ECN"},
		{FIELD_NW_ECN, OXM_CLASS_NX, "IP_ECN"},
		{FIELD_NW_TTL, OXM_CLASS_NX, "IP_TTL"},
		{FIELD_IN_PORT_OXM, OXM_CLASS_OPENFLOW, "IN_PORT"},
		{FIELD_TUN_ID, OXM_CLASS_OPENFLOW, "TUNNEL_ID"},
		{FIELD_TUN_SRC, OXM_CLASS_NX, "TUN_IPV4_SRC"},
		{FIELD_TUN_DST, OXM_CLASS_NX, "TUN_IPV4_DST"},
		{FIELD_IPV6_LABEL, OXM_CLASS_OPENFLOW, "IPV6_FLABEL"},
		{FIELD_ICMP_TYPE, OXM_CLASS_OPENFLOW, "ICMPV4_TYPE"},
		{FIELD_ICMP_CODE, OXM_CLASS_OPENFLOW, "ICMPV4_CODE"},
		{FIELD_ND_TARGET, OXM_CLASS_OPENFLOW, "IPV6_ND_TARGET"},
		{FIELD_ND_SLL, OXM_CLASS_OPENFLOW, "IPV6_ND_SLL"},
		{FIELD_ND_TLL, OXM_CLASS_OPENFLOW, "IPV6_ND_TLL"},
		{FIELD_ND_RESERVED, OXM_CLASS_ERICSSON, "ICMPV6_ND_RESERVED"},
		{FIELD_ND_OPTIONS_TYPE, OXM_CLASS_ERICSSON, "ICMPV6_ND_OPTIONS_TYPE"},
	};
	const char *name = field->name;
	int n;

	if (oxm->class == OXM_CLASS_PACKET_REGS) {
		snprintf(out, size, "OXM_OF_PKT_REG%u", oxm->number);
		return;
	}
	if (oxm->class == OXM_CLASS_EXPERIMENTER && !strncmp(name, "tun_", 4))
		name += 4;
	for (unsigned i = 0; i < ARRAY_LENGTH(odd); i++)
		if (odd[i].id == field_id(field) && odd[i].class == oxm->class)
			name = odd[i].name;
	n = snprintf(out, size, "%s%s", oxm_prefix(oxm), name);
	for (int i = 0; i < n && i < (int)size - 1; i++)
		out[i] = (char)toupper((unsigned char)out[i]);
}

static const struct field *find_by_oxm_name(const char *name)
{
	char known[OXM_NAME_SIZE];

	FIELDS_FOREACH(field)
		for (unsigned i = 0; i < field->n_oxm; i++) {
			oxm_name(field, &field->oxm[i], known, sizeof(known));
			if (!strcasecmp(name, known))
				return field;
		}
	return NULL;
}

const struct field *field_find(const char *name)
{
	call_once(&index_once, index_build);
	for (uint32_t slot = hash_name(name) % INDEX_SIZE; by_name[slot];
	     slot = (slot + 1) % INDEX_SIZE) {
		const struct field *field = &fields[by_name[slot] - 1];

		if (!strcasecmp(field->name, name) || !strcasecmp(field->other_name, name))
			return field;
	}
	if (strncasecmp(name, "NXM_", 4) && !strcasestr(name, "OXM_"))
		return NULL;
	return find_by_oxm_name(name);
}

const struct field *field_find_or_explain(const char *name, struct errbuf *err)
{
	const struct field *found = field_find(name);
	struct near near;

	if (found)
		return found;
	near_init(&near, name);
	FIELDS_FOREACH(field) {
		near_add(&near, field->name);
		if (*field->other_name)
			near_add(&near, field->other_name);
	}
	near_refuse(&near, err, -EINVAL, "%s: unknown field", name);
	return NULL;
}

const struct field *field_find_numbered(const char *name, struct errbuf *err)
{
	const struct field *field = field_find_or_explain(name, err);

	if (field == &fields[FIELD_DL_VLAN])
		return &fields[FIELD_VLAN_VID];
	if (field == &fields[FIELD_DL_VLAN_PCP])
		return &fields[FIELD_VLAN_PCP];
	if (!field || field->n_oxm)
		return field;
	errbuf_set(
		err, -EINVAL, "%s: OpenFlow has no number for it, so no message can name it", name
	);
	return NULL;
}

const struct field *field_find_oxm(uint16_t class, uint8_t number, uint32_t vendor)
{
	call_once(&index_once, index_build);
	for (uint32_t slot = hash_oxm(class, number, vendor) % INDEX_SIZE; by_oxm[slot];
	     slot = (slot + 1) % INDEX_SIZE) {
		const struct field *field = &fields[by_oxm[slot] - 1];

		for (unsigned i = 0; i < field->n_oxm; i++) {
			const struct field_oxm *oxm = &field->oxm[i];

			if (oxm->class == class && oxm->number == number && oxm->vendor == vendor)
				return field;
		}
	}
	return NULL;
}

void field_oxm_name(const struct field *field, char *name, size_t size)
{
	const struct field_oxm *best = NULL;

	/* Nicira's names are the older ones, which people's scripts look for. */
	for (unsigned i = 0; i < field->n_oxm; i++)
		if (!best || field->oxm[i].class < best->class)
			best = &field->oxm[i];
	if (best)
		oxm_name(field, best, name, size);
	else
		snprintf(name, size, "%s", field->name);
}

unsigned field_size(const struct field *field, const struct tlv_map *map)
{
	if (!field_is_option(field))
		return field->size;
	return map ? map->size[field->offset] : 0;
}

unsigned field_bits(const struct field *field, const struct tlv_map *map)
{
	return field_is_option(field) ? 8 * field_size(field, map) : field->bits;
}

uint64_t field_number(const uint8_t *value, unsigned size)
{
	uint64_t number = 0;

	if (size == 4 || size == 8) {
		memcpy(&number, value, size);
		return __builtin_bswap64(number) >> (64 - 8 * size);
	}
	while (size--)
		number = number << 8 | *value++;
	return number;
}

void field_put_number(uint8_t *value, unsigned size, uint64_t number)
{
	while (size--) {
		value[size] = (uint8_t)number;
		number >>= 8;
	}
}

uint32_t field_port_from16(uint16_t port)
{
	return port < 0xff00 ? port : 0xffff0000U | port;
}

uint16_t field_port_to16(uint32_t port)
{
	if (port >= 0xffffff00U)
		return (uint16_t)port;
	return port < 0xff00 ? (uint16_t)port : 0xffff;
}

static uint64_t load_container(const struct field *field, const struct key *key)
{
	const uint8_t *at = (const uint8_t *)key + field->offset;
	uint64_t number = 0;

	if (!field->host)
		return field_number(at, field->width);
	memcpy(&number, at, field->width); /* NOLINT(*NonNullParamChecker): a key is never NULL */
	return number;
}

static void store_container(const struct field *field, struct key *key, uint64_t number)
{
	uint8_t *at = (uint8_t *)key + field->offset;

	if (field->host)
		memcpy(at, &number, field->width);
	else
		field_put_number(at, field->width, number);
}

/* The bits of the field that the container has room for, unshifted. */
static uint64_t field_ones(const struct field *field)
{
	unsigned bits = field->kind == FIELD_KIND_PORT16 ? 32 : field->bits;
	unsigned room = field->width * 8U - field->shift;
	uint64_t ones;

	if (bits > room)
		bits = room;
	ones = bits < 64 ? (1ULL << bits) - 1 : UINT64_MAX;
	return field->kind == FIELD_KIND_TOS ? ones & ~3ULL : ones;
}

/* Fields that are a run of whole bytes, the same in the key and on the wire. */
static uint8_t *field_bytes(const struct field *field, const struct tlv_map *map, struct key *key)
{
	if (field_is_option(field))
		return key->tunnel_options + (map ? 4 * map->offset[field->offset] : 0);
	if (field->width > 8 ||
	    (field->width == field->size && field->bits == 8 * field->size && !field->host &&
	     field->kind != FIELD_KIND_TOS))
		return (uint8_t *)key + field->offset;
	return NULL;
}

void field_get(
	const struct field *field, const struct tlv_map *map, const struct key *key, uint8_t *value
)
{
	const uint8_t *bytes = field_bytes(field, map, (struct key *)(uintptr_t)key);
	uint64_t number;

	if (bytes) {
		memcpy(value, bytes, field_size(field, map));
		return;
	}
	number = load_container(field, key) >> field->shift & field_ones(field);
	if (field->kind == FIELD_KIND_PORT16)
		number = field_port_to16((uint32_t)number);
	field_put_number(value, field->size, number);
}

void field_set(
	const struct field *field, const struct tlv_map *map, struct key *key, const uint8_t *value
)
{
	uint8_t *bytes = field_bytes(field, map, key);
	uint64_t ones, number;

	if (bytes) {
		memcpy(bytes, value, field_size(field, map));
		if (field_is_option(field) && field_size(field, map))
			key->tunnel.options_present |= 1ULL << field->offset;
		return;
	}
	ones = field_ones(field);
	number = field_number(value, field->size);
	if (field->kind == FIELD_KIND_PORT16)
		number = field_port_from16((uint16_t)number);
	number = (number & ones) << field->shift;
	store_container(
		field, key, (load_container(field, key) & ~(ones << field->shift)) | number
	);
}

void field_set_all(const struct field *field, const struct tlv_map *map, struct key *key)
{
	uint8_t *bytes = field_bytes(field, map, key);

	if (!bytes) {
		store_container(
			field, key, load_container(field, key) | field_ones(field) << field->shift
		);
		return;
	}
	memset(bytes, 0xff, field_size(field, map));
	if (field_is_option(field) && field_size(field, map))
		key->tunnel.options_present |= 1ULL << field->offset;
}

void field_all_ones(const struct field *field, const struct tlv_map *map, uint8_t *value)
{
	unsigned size = field_size(field, map);

	memset(value, 0xff, size);
	if (field->kind == FIELD_KIND_TOS)
		value[0] = 0xfc;
	else if (size <= 8 && field->bits < 8 * size)
		field_put_number(value, size, (1ULL << field->bits) - 1);
}

bool field_any(const struct field *field, const struct tlv_map *map, const struct key *mask)
{
	const uint8_t *bytes;

	if (field_is_option(field) && (mask->tunnel.options_present >> field->offset & 1))
		return true;
	bytes = field_bytes(field, map, (struct key *)(uintptr_t)mask);
	if (!bytes)
		return load_container(field, mask) >> field->shift & field_ones(field);
	for (unsigned i = 0; i < field_size(field, map); i++)
		if (bytes[i])
			return true;
	return false;
}

bool field_value_fits(const struct field *field, const struct tlv_map *map, const uint8_t *value)
{
	uint64_t number;

	if (field_size(field, map) > 8)
		return true;
	number = field_number(value, field_size(field, map));
	if (field->kind == FIELD_KIND_TOS)
		return !(number & 3);
	if (field_is_option(field) || field->kind == FIELD_KIND_PORT16)
		return true;
	return !(number & ~field_ones(field));
}
