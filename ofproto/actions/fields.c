/* SPDX-License-Identifier: Apache-2.0 */

/* Actions that write header fields, registers and metadata.  */

#include "ofproto/actions/fields.h"

#include <string.h>

#include "datapath/ops/set_proto.h"
#include "datapath/ops/set_type.h"
#include "lib/flow/field.h"
#include "ofproto/actions/room.h"
#include "ofproto/actions/tunnel_option.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/actions/move.h"
#include "ofproto/wire/actions/set_field.h"
#include "ofproto/wire/actions/write_metadata.h"
#include "ofproto/xlate/commit.h"
#include "ofproto/xlate/xlate.h"

enum {
	TPID_8021Q = 0x8100
};

/* Tags are counted by looking at them, so that what is written can be compared with what is there.
 * A packet without a tag gets one, as OpenFlow 1.0 wants; later versions require that it has one. */
static void write_vlan(struct xlate *x, be16 value, be16 mask)
{
	struct key_base *key = &x->key.base;
	bool tagged = key->vlan_tci;

	xlate_look_vlan(x, UINT16_MAX);
	key->vlan_tci = (key->vlan_tci & ~mask) | (value & mask);
	if (key->vlan_tci || mask != UINT16_MAX)
		key->vlan_tci |= be16_from(KEY_VLAN_PRESENT);
	/* The type of a tag that is there matters to nobody. */
	if (key->vlan_tci && !tagged) {
		commit_look_tag_types(x);
		key->vlan_tpid = be16_from(TPID_8021Q);
	}
}

/* 'to' and 'bits' are keys that are zero but for the field. */
static void
write_key(struct xlate *x, const struct field *field, const struct key *to, const struct key *bits)
{
	if (field_is_option(field))
		tunnel_option_write(x, field, to, bits);
	else if (field->offset == offsetof(struct key, base.vlan_tci))
		write_vlan(x, to->base.vlan_tci, bits->base.vlan_tci);
	else
		xlate_write(
			x,
			field->offset,
			(const uint8_t *)to + field->offset,
			(const uint8_t *)bits + field->offset,
			field->width
		);
}

static void
write_field(struct xlate *x, const struct field *field, const uint8_t *value, const uint8_t *mask)
{
	struct key to, bits;

	memset(&to, 0, sizeof(to));
	memset(&bits, 0, sizeof(bits));
	field_set(field, tunnel_option_map(x), &to, value);
	field_set(field, tunnel_option_map(x), &bits, mask);
	write_key(x, field, &to, &bits);
}

void fields_write(struct xlate *x, const struct subfield *sub, const uint8_t *value)
{
	struct key to, bits;
	uint8_t ones[FIELD_MAX_SIZE];

	memset(ones, 0xff, sizeof(ones));
	memset(&to, 0, sizeof(to));
	memset(&bits, 0, sizeof(bits));
	subfield_set(sub, tunnel_option_map(x), &to, value);
	subfield_set(sub, tunnel_option_map(x), &bits, ones);
	write_key(x, sub->field, &to, &bits);
}

void fields_read(struct xlate *x, const struct subfield *sub, uint8_t *value)
{
	memset(value, 0, FIELD_MAX_SIZE);
	if (field_is_option(sub->field))
		tunnel_option_look(x, sub->field);
	else
		xlate_look(x, sub->field->offset, sub->field->width);
	subfield_get(sub, tunnel_option_map(x), &x->key, value);
}

uint64_t fields_read_number(struct xlate *x, const struct subfield *sub)
{
	uint8_t value[FIELD_MAX_SIZE];

	fields_read(x, sub, value);
	return field_number(value + FIELD_MAX_SIZE - sizeof(uint64_t), sizeof(uint64_t));
}

void fields_write_number(struct xlate *x, const struct subfield *sub, uint64_t number)
{
	uint8_t value[FIELD_MAX_SIZE] = {0};

	field_put_number(value + FIELD_MAX_SIZE - sizeof(number), sizeof(number), number);
	fields_write(x, sub, value);
}

static void move(struct xlate *x, const void *args)
{
	const struct action_move *move = args;
	uint8_t value[FIELD_MAX_SIZE];

	fields_read(x, &move->src, value);
	fields_write(x, &move->dst, value);
}

/* Fields that say what comes next. It is read anew when somebody wants to know. */

static void forget_inside(struct xlate *x)
{
	x->pushed = 0;
	if (x->sight == XLATE_SEES_ALL)
		x->sight = XLATE_SEES_ETHERNET;
}

static void write_type(struct xlate *x, be16 type)
{
	XLATE_LOOK(x, base.eth_type);
	xlate_commit(x);
	struct op_set_type *op = program_add(&x->program, &op_set_type);

	op->eth_type = type;
	x->key.base.eth_type = x->base.base.eth_type = type;
	XLATE_WROTE(x, base.eth_type);
	x->done.base.eth_type = UINT16_MAX;
}

static void write_proto(struct xlate *x, uint8_t proto)
{
	XLATE_LOOK(x, base.eth_type);
	XLATE_LOOK(x, base.ip_proto);
	xlate_commit(x);
	struct op_set_proto *op = program_add(&x->program, &op_set_proto);

	op->ip_proto = proto;
	x->key.base.ip_proto = x->base.base.ip_proto = proto;
	XLATE_WROTE(x, base.ip_proto);
	x->done.base.ip_proto = UINT8_MAX;
}

static void write_next(struct xlate *x, const struct field *field, const uint8_t *value)
{
	be16 type;

	if (field == &fields[FIELD_ETH_TYPE]) {
		memcpy(&type, value, sizeof(type));
		write_type(x, type);
	} else if (field == &fields[FIELD_IP_PROTO]) {
		write_proto(x, *value);
	} else {
		uint8_t mask[FIELD_MAX_SIZE];

		field_all_ones(field, NULL, mask);
		write_field(x, field, value, mask);
		xlate_commit(x);
	}
	forget_inside(x);
}

static uint8_t set_field_flags(const void *args)
{
	const struct action_set_field *set = args;

	return set->field->flags & FIELD_SET ? ACTION_ROOM_RESHAPES : 0;
}

/* The value of a tunnel option may be written with fewer bytes than it has, and a load has more. */
static void write_set(struct xlate *x, const struct action_set_field *set)
{
	uint8_t value[FIELD_MAX_SIZE] = {0}, mask[FIELD_MAX_SIZE] = {0};
	unsigned size = field_size(set->field, tunnel_option_map(x));
	unsigned n = set->size < size ? set->size : size;

	if (set->whole)
		memset(mask, 0xff, size);
	memcpy(value + size - n, set_field_value(set) + set->size - n, n);
	memcpy(mask + size - n, set_field_mask(set) + set->size - n, n);
	write_field(x, set->field, value, mask);
}

static void write_set_field(struct xlate *x, const void *args)
{
	const struct action_set_field *set = args;

	if (set->field->flags & FIELD_SET)
		write_next(x, set->field, set_field_value(set));
	else
		write_set(x, set);
}

static void write_value(struct xlate *x, const void *args)
{
	const struct action_value *value = args;
	const struct field *field = &fields[value->action.type->field];
	uint8_t bytes[FIELD_MAX_SIZE], mask[FIELD_MAX_SIZE];

	field_put_number(bytes, field->size, value->value);
	field_all_ones(field, NULL, mask);
	write_field(x, field, bytes, mask);
}

static void write_metadata(struct xlate *x, const void *args)
{
	const struct action_write_metadata *write = args;
	be64 value = be64_from(write->value), mask = be64_from(write->mask);

	xlate_write(x, offsetof(struct key, pipeline.metadata), &value, &mask, sizeof(value));
}

static const struct action_room action_room_set_field = {
	.name = "set_field",
	.translate = write_set_field,
	.more_flags = set_field_flags,
};
REGISTRY_ADD(action_room, action_room_set_field);
ACTION_ROOM(load, write_set_field);
ACTION_ROOM(mod_dl_dst, write_value);
ACTION_ROOM(mod_dl_src, write_value);
ACTION_ROOM(mod_nw_dst, write_value);
ACTION_ROOM(mod_nw_src, write_value);
ACTION_ROOM(mod_nw_ecn, write_value);
ACTION_ROOM(mod_nw_tos, write_value);
ACTION_ROOM(mod_nw_ttl, write_value);
ACTION_ROOM(mod_tp_dst, write_value);
ACTION_ROOM(mod_tp_src, write_value);
ACTION_ROOM(mod_vlan_pcp, write_value);
ACTION_ROOM(mod_vlan_vid, write_value);
ACTION_ROOM(set_tunnel, write_value);
ACTION_ROOM(set_tunnel64, write_value);
ACTION_ROOM(set_mpls_label, write_value);
ACTION_ROOM(set_mpls_tc, write_value);
ACTION_ROOM(set_mpls_ttl, write_value);
ACTION_ROOM(write_metadata, write_metadata);
ACTION_ROOM(move, move);
