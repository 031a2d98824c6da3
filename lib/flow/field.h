/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Match fields: the names, ids, widths and places of everything that can be matched or set.
 *
 * The rows stand in fields.def. A field's value travels as its bytes on the wire: 'size' bytes in
 * network order, the same that OXM carries.  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/flow/key.h"

struct errbuf;
struct tlv_map;

enum field_id {
#define FIELD(id, ...) FIELD_##id,
#include "lib/flow/fields.def"
#undef FIELD
	FIELDS
};

enum {
	FIELD_MAX_SIZE = 128, /* bytes that hold any field's value */
	FIELD_MAX_IDS = 3,
};

/* How values are written as text. */
enum field_kind {
	FIELD_KIND_DECIMAL,
	FIELD_KIND_HEX,
	FIELD_KIND_MAC,
	FIELD_KIND_IPV4,
	FIELD_KIND_IPV6,
	FIELD_KIND_PORT,
	FIELD_KIND_PORT16, /* an OpenFlow 1.0 port number, 32 bits wide in the key */
	FIELD_KIND_TOS, /* like decimal, the two low bits being none of its own */
	FIELD_KIND_FRAG,
	FIELD_KIND_TCP_FLAGS,
	FIELD_KIND_TUN_FLAGS,
	FIELD_KIND_CT_STATE,
	FIELD_KIND_PACKET_TYPE,
};

/* What a match must already say for the field to mean anything. */
enum field_needs {
	FIELD_NEEDS_NONE,
	FIELD_NEEDS_ETHERNET,
	FIELD_NEEDS_VLAN,
	FIELD_NEEDS_IPV4,
	FIELD_NEEDS_IPV6,
	FIELD_NEEDS_IP,
	FIELD_NEEDS_ARP,
	FIELD_NEEDS_MPLS,
	FIELD_NEEDS_PBB,
	FIELD_NEEDS_CT,
	FIELD_NEEDS_CT_IPV4,
	FIELD_NEEDS_CT_IPV6,
	FIELD_NEEDS_TCP,
	FIELD_NEEDS_UDP,
	FIELD_NEEDS_SCTP,
	FIELD_NEEDS_ICMP,
	FIELD_NEEDS_ICMPV6,
	FIELD_NEEDS_ND,
	FIELD_NEEDS_ND_SOLICIT,
	FIELD_NEEDS_ND_ADVERT,
};

enum field_flags {
	FIELD_MASK = 1, /* any bits of it may be matched or set alone */
	FIELD_WRITE = 2, /* actions may change it */
	FIELD_VIEW = 4, /* shows bits of another field, which stands for it in dumps */
	FIELD_SET =
		8, /* set_field may change it, as a whole: what is behind it is then read anew */
};

/* OXM classes, and experimenters behind class OXM_EXPERIMENTER. */
enum {
	OXM_CLASS_NXM = 0x0000,
	OXM_CLASS_NX = 0x0001,
	OXM_CLASS_ERICSSON = 0x1000,
	OXM_CLASS_OPENFLOW = 0x8000,
	OXM_CLASS_PACKET_REGS = 0x8001,
	OXM_CLASS_EXPERIMENTER = 0xffff,
	OXM_VENDOR_NICIRA = 0x00002320,
	OXM_VENDOR_ONF = 0x4f4e4600,
};

struct field_oxm {
	uint16_t class;
	uint8_t number;
	bool since_of15; /* earlier versions use the next id */
	uint32_t vendor; /* with OXM_CLASS_EXPERIMENTER, else 0 */
};

struct field {
	const char *name;
	const char *other_name; /* or "" */
	const char *shown_name; /* in dumps */
	const char *help;
	struct field_oxm oxm[FIELD_MAX_IDS];
	uint16_t bits; /* that may be set, from the least significant */
	uint16_t offset; /* of the container in the key; of a tunnel option: its number */
	uint8_t n_oxm;
	uint8_t size; /* bytes on the wire */
	uint8_t kind; /* FIELD_KIND_* */
	uint8_t needs; /* FIELD_NEEDS_* */
	uint8_t flags; /* FIELD_MASK and so on */
	uint8_t width; /* bytes of the container; 0: a tunnel option */
	uint8_t shift; /* of the lowest bit in the container */
	bool host; /* the container is in host order */
};

extern const struct field fields[FIELDS];

#define FIELDS_FOREACH(field)                                                                      \
	for (const struct field *field = fields; field < fields + FIELDS; field++)

/* Any thread. */

static inline enum field_id field_id(const struct field *field)
{
	return (enum field_id)(field - fields);
}

static inline bool field_is_option(const struct field *field)
{
	return !field->width;
}

/* Whether the field is in one of 'blocks' (key_mask_blocks()): a quick way past most of them. */
static inline bool field_in_blocks(const struct field *field, uint16_t blocks)
{
	unsigned block = field_is_option(field) ? KEY_BLOCK_TUNNEL : field->offset / KEY_BLOCK_SIZE;

	return blocks >> block & 1;
}

/* By either name, or by an OXM or NXM name such as "NXM_OF_ETH_SRC"; NULL if unknown. */
const struct field *field_find(const char *name);
/* As field_find(); says in 'err' what is wrong with the name, and which known one is nearest. */
const struct field *field_find_or_explain(const char *name, struct errbuf *err);
/* As field_find_or_explain(), for messages: also refuses fields that have no number there. OpenFlow
 * 1.0's names for parts of a VLAN tag stand for the fields that have those bits. */
const struct field *field_find_numbered(const char *name, struct errbuf *err);
/* The field with an OXM header's class and number ('vendor' 0 but for experimenters), or NULL. */
const struct field *field_find_oxm(uint16_t class, uint8_t number, uint32_t vendor);
/* "NXM_OF_ETH_SRC", "OXM_OF_METADATA"…: the name by which dumps of actions call it. Up to 40 bytes.
 */
void field_oxm_name(const struct field *field, char *name, size_t size);

/* The bytes that 'field' has in a match with 'map': its size but for tunnel options. */
unsigned field_size(const struct field *field, const struct tlv_map *map);
unsigned field_bits(const struct field *field, const struct tlv_map *map);

/* Copies the field out of a key (or a mask) and into one. 'map' is needed for tunnel options only,
 * which read as zero and are not written where they are not bound. Bits beyond the field's are
 * ignored. */
void field_get(
	const struct field *field, const struct tlv_map *map, const struct key *key, uint8_t *value
);
void field_set(
	const struct field *field, const struct tlv_map *map, struct key *key, const uint8_t *value
);
/* All bits that the field has, as a value. */
/* Sets all bits of the field, for masks. */
void field_set_all(const struct field *field, const struct tlv_map *map, struct key *key);
void field_all_ones(const struct field *field, const struct tlv_map *map, uint8_t *value);
/* Whether 'mask' has any bit of the field. */
bool field_any(const struct field *field, const struct tlv_map *map, const struct key *mask);
/* Whether 'value' has no bit that the field cannot have. */
bool field_value_fits(const struct field *field, const struct tlv_map *map, const uint8_t *value);

/* Values of up to 8 bytes as numbers. */
uint64_t field_number(const uint8_t *value, unsigned size);
void field_put_number(uint8_t *value, unsigned size, uint64_t number);

/* OpenFlow 1.0's 16-bit port numbers to 32 bits and back; reserved ones move along. */
uint32_t field_port_from16(uint16_t port);
uint16_t field_port_to16(uint32_t port);
