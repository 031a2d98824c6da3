/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/oxm.h"

#include <string.h>
#include <threads.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/flow/match.h"
#include "ofproto/wire/wire.h"

enum {
	MATCH_OXM = 1,
	NXM_COOKIE = 30, /* with 8 or 16 bytes; with 1 byte it is an MPLS field */
	OXS_CLASS = 0x8002,
	OXS_DURATION = 0,
	OXS_FLOW_COUNT = 3,
	OXS_PACKET_COUNT = 4,
	OXS_BYTE_COUNT = 5,
	ICMPV6 = 58, /* IP's number */
};

struct oxm_header oxm_take_header(struct wire_in *in)
{
	struct oxm_header header = {0};
	uint16_t class = wire_u16(in);
	uint8_t number = wire_u8(in);
	uint32_t vendor = 0;

	header.length = wire_u8(in);
	header.has_mask = number & 1;
	number >>= 1;
	if (class == OXM_CLASS_EXPERIMENTER) {
		vendor = wire_u32(in);
		if (header.length < 4)
			wire_fail(in, OF_BMC_BAD_LEN);
		else
			header.length -= 4;
	}
	header.is_cookie = class == OXM_CLASS_NX && number == NXM_COOKIE &&
		header.length == (header.has_mask ? 16 : 8);
	if (!in->error && !header.is_cookie)
		header.field = field_find_oxm(class, number, vendor);
	return header;
}

/* The id that a version's peers expect: OpenFlow's own from 1.2 on, Nicira's before. */
static const struct field_oxm *choose_id(const struct field *field, uint8_t version)
{
	const struct field_oxm *best = NULL;

	for (unsigned i = 0; i < field->n_oxm; i++) {
		const struct field_oxm *oxm = &field->oxm[i];

		if (oxm->since_of15 && version < OF15)
			continue;
		if (version < OF12 && oxm->class <= OXM_CLASS_NX)
			return oxm;
		if (!best)
			best = oxm;
	}
	return best;
}

unsigned oxm_header_size(const struct field *field, uint8_t version)
{
	const struct field_oxm *id = choose_id(field, version);

	return id && id->class == OXM_CLASS_EXPERIMENTER ? 8 : 4;
}

static void
put_header(struct wire_out *out, const struct field *field, bool has_mask, unsigned size)
{
	const struct field_oxm *id = choose_id(field, out->version);

	if (!id)
		return;
	if (has_mask)
		size *= 2;
	if (id->vendor)
		size += 4;
	wire_put_u16(out, id->class);
	wire_put_u8(out, (uint8_t)(id->number << 1 | has_mask));
	wire_put_u8(out, (uint8_t)size);
	if (id->vendor)
		wire_put_u32(out, id->vendor);
}

void oxm_put_header(struct wire_out *out, const struct field *field, bool has_mask)
{
	put_header(out, field, has_mask, field->size);
}

void nxm_put_header(struct wire_out *out, const struct field *field)
{
	uint8_t version = out->version;

	out->version = OF10;
	oxm_put_header(out, field, false);
	out->version = version;
}

/* Decoding. */

static bool is_odd_vlan(const struct field *field, const uint8_t *value)
{
	return field == &fields[FIELD_VLAN_VID] && value[0] < 0x10 && (value[0] || value[1]);
}

static enum of_error check_value(
	const struct field *field,
	const struct match *match,
	const uint8_t *value,
	const uint8_t *mask,
	unsigned size
)
{
	uint8_t ones[FIELD_MAX_SIZE];
	bool exact = true;

	field_all_ones(field, &match->tlv, ones);
	if (!memcmp(mask, ones, size) && !field_value_fits(field, &match->tlv, value))
		return OF_BMC_BAD_VALUE;
	for (unsigned i = 0; i < size; i++) {
		if (value[i] & ~mask[i])
			return OF_BMC_BAD_WILDCARDS;
		exact &= !(ones[i] & ~mask[i]);
	}
	if (!exact && !(field->flags & FIELD_MASK))
		return OF_BMC_BAD_MASK;
	if (!field_value_fits(field, &match->tlv, value))
		return OF_BMC_BAD_VALUE;
	if (exact && is_odd_vlan(field, value))
		return OF_BMC_BAD_VALUE;
	return OF_OK;
}

/* Value and mask, at the right of buffers of the field's size. */
static enum of_error take_value(
	struct wire_in *in,
	const struct oxm_header *header,
	struct match *match,
	uint8_t *value,
	uint8_t *mask
)
{
	const struct field *field = header->field;
	unsigned length = header->has_mask ? header->length / 2U : header->length;
	unsigned size;
	struct wire_bytes bytes;

	if (header->has_mask && header->length % 2)
		return OF_BMC_BAD_LEN;
	/* A peer without a table of options to share tells their sizes by example. */
	if (field_is_option(field) && !in->tlv && (length || !header->has_mask))
		tlv_bind(&match->tlv, field->offset, length ? length : 1);
	size = field_size(field, &match->tlv);
	if (field_is_option(field) && !size && in->tlv)
		return OF_NXFMFC_INVALID_TLV_FIELD;
	/* Who does not know its size may still want it to be there (a mask of no bytes), or to be zero. */
	if (field_is_option(field) ? length > size : length != size)
		return OF_BMC_BAD_LEN;
	memset(value, 0, size);
	memset(mask, 0, size);
	bytes = wire_take(in, length, OF_BMC_BAD_LEN);
	memcpy(value + size - length, bytes.data, bytes.n);
	if (!header->has_mask) {
		field_all_ones(field, &match->tlv, mask);
		return in->error;
	}
	bytes = wire_take(in, length, OF_BMC_BAD_LEN);
	memcpy(mask + size - length, bytes.data, bytes.n);
	return in->error;
}

/* Most fields let others be matched besides; these can mean that some that came before are not there. */
static bool denies_others(const struct field *field)
{
	return field == &fields[FIELD_PACKET_TYPE] || field == &fields[FIELD_IP_FRAG];
}

static enum of_error
put_value(struct match *match, const struct field *field, const uint8_t *value, const uint8_t *mask)
{
	struct errbuf err;

	if (match_has(match, field))
		return OF_BMC_DUP_FIELD;
	if (!match_allows(match, field))
		return OF_BMC_BAD_PREREQ;
	match_set(match, field, value, mask);
	if (denies_others(field) && match_check(match, &err))
		return OF_BMC_BAD_PREREQ;
	return OF_OK;
}

/* A field of which all bits are matched: the most frequent by far. */
static enum of_error
decode_exact(struct wire_in *in, const struct oxm_header *header, struct match *match)
{
	const struct field *field = header->field;
	struct wire_bytes value;

	if (header->length != field->size)
		return OF_BMC_BAD_LEN;
	value = wire_take(in, field->size, OF_BMC_BAD_LEN);
	if (in->error)
		return in->error;
	if (!field_value_fits(field, NULL, value.data) || is_odd_vlan(field, value.data))
		return OF_BMC_BAD_VALUE;
	return put_value(match, field, value.data, NULL);
}

static enum of_error
decode_field(struct wire_in *in, const struct oxm_header *header, struct match *match)
{
	uint8_t value[FIELD_MAX_SIZE], mask[FIELD_MAX_SIZE];
	const struct field *field = header->field;
	enum of_error error;

	if (!header->has_mask && !field_is_option(field))
		return decode_exact(in, header, match);
	error = take_value(in, header, match, value, mask);
	if (error)
		return error;
	error = check_value(field, match, value, mask, field_size(field, &match->tlv));
	if (error)
		return error;
	return put_value(match, field, value, header->has_mask ? mask : NULL);
}

static void
decode_fields(struct wire_in *in, struct match *match, uint64_t *cookie, uint64_t *cookie_mask)
{
	while (!in->error && wire_left(in)) {
		struct oxm_header header = oxm_take_header(in);
		enum of_error error;

		if (in->error) {
			in->error = OF_BMC_BAD_LEN;
			return;
		}
		if (header.is_cookie && cookie && cookie_mask) {
			*cookie = wire_u64(in);
			*cookie_mask = header.has_mask ? wire_u64(in) : UINT64_MAX;
			continue;
		}
		if (!header.field) {
			wire_fail(in, OF_BMC_BAD_FIELD);
			return;
		}
		error = decode_field(in, &header, match);
		if (error)
			wire_fail(in, error);
	}
}

void oxm_decode_match(struct wire_in *in, struct match *match)
{
	struct wire_in list;
	uint16_t type, length;

	match_init(match, in->tlv);
	type = wire_u16(in);
	length = wire_u16(in);
	if (in->error)
		return;
	if (type != MATCH_OXM || length < 4) {
		wire_fail(in, type != MATCH_OXM ? OF_BMC_BAD_TYPE : OF_BMC_BAD_LEN);
		return;
	}
	list = wire_sub(in, length - 4U, OF_BMC_BAD_LEN);
	wire_take(in, -length & 7U, OF_BMC_BAD_LEN);
	if (!in->error)
		decode_fields(&list, match, NULL, NULL);
	if (list.error)
		wire_fail(in, list.error);
}

void nxm_decode_match(
	struct wire_in *in,
	size_t length,
	struct match *match,
	uint64_t *cookie,
	uint64_t *cookie_mask
)
{
	struct wire_in list;

	match_init(match, in->tlv);
	if (cookie_mask)
		*cookie_mask = 0;
	list = wire_sub(in, length, OF_BMC_BAD_LEN);
	wire_take(in, -length & 7U, OF_BMC_BAD_LEN);
	if (!in->error)
		decode_fields(&list, match, cookie, cookie_mask);
	if (list.error)
		wire_fail(in, list.error);
}

/* Encoding. */

static void put_field(struct wire_out *out, const struct match *match, const struct field *field)
{
	uint8_t value[FIELD_MAX_SIZE] = {0}, mask[FIELD_MAX_SIZE] = {0};
	unsigned size = field_size(field, &match->tlv);
	bool exact = size && match_is_exact(match, field);

	if (!choose_id(field, out->version))
		return;
	match_get(match, field, value, mask);
	put_header(out, field, !exact, size);
	wire_put(out, value, size);
	if (!exact)
		wire_put(out, mask, size);
}

/* The field that goes out for one of NXM's where peers speak OXM. */
static const struct field *oxm_twin(const struct field *field)
{
	if (field == &fields[FIELD_IN_PORT])
		return &fields[FIELD_IN_PORT_OXM];
	return field == &fields[FIELD_NW_TOS] ? &fields[FIELD_IP_DSCP] : field;
}

/* OXM knows a tag as id and priority; what they cannot say goes as Nicira's field. */
static void put_vlan(struct wire_out *out, const struct match *match)
{
	uint16_t mask = be16_to(match->mask.base.vlan_tci), tci = be16_to(match->key.base.vlan_tci);
	unsigned pcp_mask = mask >> 13;
	bool untagged = !tci && (mask & 0x1fff) == 0x1fff;
	bool has_pcp = pcp_mask == 7 && tci & KEY_VLAN_PRESENT;

	if (out->version < OF12 || (pcp_mask && !untagged && !has_pcp)) {
		put_field(out, match, &fields[FIELD_VLAN_TCI]);
		return;
	}
	put_field(out, match, &fields[FIELD_VLAN_VID]);
	if (has_pcp)
		put_field(out, match, &fields[FIELD_VLAN_PCP]);
}

static void put_as(struct wire_out *out, const struct match *match, const struct field *field)
{
	if (field == &fields[FIELD_VLAN_TCI])
		put_vlan(out, match);
	else
		put_field(out, match, out->version >= OF12 ? oxm_twin(field) : field);
}

static bool is_matched(const struct match *match, const struct field *field)
{
	if (field->flags & FIELD_VIEW)
		return false;
	if (field_is_option(field))
		return match->mask.tunnel.options_present >> field->offset & 1;
	if (field == &fields[FIELD_VLAN_TCI])
		return match->mask.base.vlan_tci;
	return match_has(match, field) && match_allows(match, field);
}

enum {
	RANK_OXM = 1,
	RANK_OTHERS = RANK_OXM + 128,
};

/* A field comes after those that it needs. OpenFlow's own come by their numbers, which see to that
 * and are what controllers expect who compare dumps with what they sent. */
static unsigned rank(const struct field *field)
{
	const struct field *twin =
		field == &fields[FIELD_VLAN_TCI] ? &fields[FIELD_VLAN_VID] : oxm_twin(field);

	if (field == &fields[FIELD_PACKET_TYPE])
		return 0;
	for (unsigned i = 0; i < twin->n_oxm; i++)
		if (twin->oxm[i].class == OXM_CLASS_OPENFLOW)
			return RANK_OXM + twin->oxm[i].number;
	if (field->needs <= FIELD_NEEDS_ETHERNET)
		return RANK_OTHERS;
	return field->needs <= FIELD_NEEDS_CT_IPV6 ? RANK_OTHERS + 1 : RANK_OTHERS + 2;
}

/* The fields of a match in the order in which they go out. Dumps have many matches of the same mask
 * in a row, so the last answer is kept. */
struct chosen {
	struct key mask;
	/* Whether fields mean anything depends on these values too. */
	be16 eth_type, vlan;
	uint16_t ct_state;
	be32 packet_type;
	uint8_t ip_proto, ip_frag;
	unsigned n;
	uint16_t fields[FIELDS];
};

static bool is_chosen(const struct chosen *chosen, const struct match *match)
{
	const struct key *key = &match->key;

	/* What ICMPv6 carries depends on its type. */
	return chosen->n && key->base.ip_proto != ICMPV6 && !match->mask.tunnel.options_present &&
		key->base.eth_type == chosen->eth_type && key->base.vlan_tci == chosen->vlan &&
		key->base.ct_state == chosen->ct_state && key->base.ip_proto == chosen->ip_proto &&
		key->base.ip_frag == chosen->ip_frag &&
		key->extra.packet_type == chosen->packet_type &&
		!memcmp(&chosen->mask, &match->mask, sizeof(chosen->mask));
}

static void choose_fields(struct chosen *chosen, const struct match *match)
{
	uint16_t blocks = key_mask_blocks(&match->mask);
	uint16_t ranks[FIELDS];

	chosen->n = 0;
	FIELDS_FOREACH(field) {
		unsigned at = chosen->n;

		if (!field_in_blocks(field, blocks) || !is_matched(match, field))
			continue;
		for (; at && ranks[at - 1] > rank(field); at--) {
			ranks[at] = ranks[at - 1];
			chosen->fields[at] = chosen->fields[at - 1];
		}
		ranks[at] = (uint16_t)rank(field);
		chosen->fields[at] = (uint16_t)field_id(field);
		chosen->n++;
	}
	chosen->mask = match->mask;
	chosen->eth_type = match->key.base.eth_type;
	chosen->vlan = match->key.base.vlan_tci;
	chosen->ct_state = match->key.base.ct_state;
	chosen->ip_proto = match->key.base.ip_proto;
	chosen->ip_frag = match->key.base.ip_frag;
	chosen->packet_type = match->key.extra.packet_type;
}

static void put_fields(struct wire_out *out, const struct match *match)
{
	static thread_local struct chosen last;

	if (!is_chosen(&last, match))
		choose_fields(&last, match);
	for (unsigned i = 0; i < last.n; i++)
		put_as(out, match, &fields[last.fields[i]]);
}

void oxm_encode_match(struct wire_out *out, const struct match *match)
{
	size_t start = wire_property_begin(out, MATCH_OXM);

	put_fields(out, match);
	wire_property_end(out, start);
}

void nxm_encode_match(
	struct wire_out *out, const struct match *match, uint64_t cookie, uint64_t cookie_mask
)
{
	uint8_t version = out->version;

	/* Nicira's messages speak NXM in every version. */
	out->version = OF10;
	put_fields(out, match);
	out->version = version;
	if (!cookie_mask)
		return;
	wire_put_u16(out, OXM_CLASS_NX);
	wire_put_u8(out, NXM_COOKIE << 1 | 1);
	wire_put_u8(out, 16);
	wire_put_u64(out, cookie & cookie_mask);
	wire_put_u64(out, cookie_mask);
}

/* OXS. */

void oxs_decode(struct wire_in *in, const struct oxs *oxs)
{
	struct wire_in list;
	uint16_t length;

	wire_skip(in, 2);
	length = wire_u16(in);
	if (in->error || length < 4) {
		wire_fail(in, OF_BRC_BAD_LEN);
		return;
	}
	list = wire_sub(in, length - 4U, OF_BRC_BAD_LEN);
	wire_skip(in, -length & 7U);
	while (!in->error && !list.error && wire_left(&list)) {
		uint16_t class = wire_u16(&list);
		uint8_t number = wire_u8(&list) >> 1;
		struct wire_in value = wire_sub(&list, wire_u8(&list), OF_BRC_BAD_LEN);

		if (class != OXS_CLASS)
			continue;
		if (number == OXS_DURATION) {
			*oxs->duration_sec = wire_u32(&value);
			*oxs->duration_nsec = wire_u32(&value);
		} else if (number == OXS_FLOW_COUNT) {
			*oxs->flow_count = wire_u32(&value);
		} else if (number == OXS_PACKET_COUNT) {
			*oxs->packet_count = wire_u64(&value);
		} else if (number == OXS_BYTE_COUNT) {
			*oxs->byte_count = wire_u64(&value);
		}
		if (value.error)
			wire_fail(&list, value.error);
	}
	if (list.error)
		wire_fail(in, list.error);
}

static void put_stat(struct wire_out *out, uint8_t number, uint8_t size)
{
	wire_put_u16(out, OXS_CLASS);
	wire_put_u8(out, (uint8_t)(number << 1));
	wire_put_u8(out, size);
}

void oxs_encode(struct wire_out *out, const struct oxs *oxs)
{
	size_t start = wire_property_begin(out, 0);

	put_stat(out, OXS_DURATION, 8);
	wire_put_u32(out, *oxs->duration_sec);
	wire_put_u32(out, *oxs->duration_nsec);
	/* Sums have no duration; they must say that they are of no flows. */
	if (*oxs->flow_count || (!*oxs->duration_sec && !*oxs->duration_nsec)) {
		put_stat(out, OXS_FLOW_COUNT, 4);
		wire_put_u32(out, *oxs->flow_count);
	}
	put_stat(out, OXS_PACKET_COUNT, 8);
	wire_put_u64(out, *oxs->packet_count);
	put_stat(out, OXS_BYTE_COUNT, 8);
	wire_put_u64(out, *oxs->byte_count);
	wire_property_end(out, start);
}
