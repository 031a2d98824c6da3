/* SPDX-License-Identifier: Apache-2.0 */

/* Messages about tables: how full they are, and what they can do.  */

#include "ofproto/tables/tables.h"

#include <stdio.h>

#include "lib/flow/field.h"
#include "ofproto/actions/room.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/conn.h"
#include "ofproto/tables/limits.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/messages.h"
#include "ofproto/wire/oxm.h"

enum {
	ALL_WILDCARDS = 0x3fffff, /* OpenFlow 1.0 */
	CAPABILITIES = 4 | 8, /* eviction and vacancy events */
	ACTION_NUMBERS = 64,
};

/* Properties of table features. */
enum {
	INSTRUCTIONS = 0,
	NEXT_TABLES = 2,
	WRITE_ACTIONS = 4,
	APPLY_ACTIONS = 6,
	MATCH = 8,
	WILDCARDS = 10,
	WRITE_SETFIELD = 12,
	APPLY_SETFIELD = 14,
};

static void set_name(char *name, const struct conn *conn, unsigned table)
{
	snprintf(name, LIMITS_NAME_SIZE, "%s", limits_name(conn->bridge->limits, (uint8_t)table));
}

static enum of_error
handle_stats(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	struct message_parts parts;

	message_parts_begin(&parts, &conn->out, &of_table_stats_reply_type, head->xid);
	for (unsigned i = 0; i < TABLES_N - 1; i++) {
		struct tables_counts counts = tables_get_counts(conn->bridge->tables, (uint8_t)i);
		struct of_table_stats stats = {
			.table_id = (uint8_t)i,
			.wildcards = ALL_WILDCARDS,
			.max_entries = limits_get(conn->bridge->limits, (uint8_t)i),
			.active_count = tables_count(conn->bridge->tables, (uint8_t)i),
			.lookup_count = counts.lookups,
			.matched_count = counts.matches,
		};

		set_name(stats.name, conn, i);
		of_table_stats_encode(&conn->out, &stats);
		message_parts_next(&parts);
	}
	message_parts_end(&parts);
	return OF_OK;
}

/* Table features: the same for all tables but for those that may come next. */

/* Instructions and actions are named by their headers. */
static void put_numbers(struct wire_out *out, uint16_t type, const uint16_t *numbers, unsigned n)
{
	size_t start = wire_property_begin(out, type);

	for (unsigned i = 0; i < n; i++) {
		wire_put_u16(out, numbers[i]);
		wire_put_u16(out, 4);
	}
	wire_property_end(out, start);
}

static void put_fields(struct wire_out *out, uint16_t type, unsigned flags)
{
	size_t start = wire_property_begin(out, type);

	FIELDS_FOREACH(field) {
		const struct field_oxm *oxm = &field->oxm[0];
		bool ours = field->n_oxm && oxm->class == OXM_CLASS_OPENFLOW &&
			(!oxm->since_of15 || out->version == OF15);

		if (ours && (!flags || field->flags & flags))
			oxm_put_header(out, field, false);
	}
	wire_property_end(out, start);
}

/* The numbers of OpenFlow's own actions, in order, that an action set may have or a list. */
static unsigned list_actions(uint16_t numbers[ACTION_NUMBERS], uint8_t version, bool in_set)
{
	unsigned n = 0;
	uint64_t found = 0;

	REGISTRY_FOREACH(action_type, type) {
		const struct action_wire *wire = action_wire_for(type, version);

		if (!wire || wire->vendor || wire->instruction || wire->number >= 64)
			continue;
		if (in_set && !type->set_slot)
			continue;
		if (action_room_exists(type))
			found |= 1ULL << wire->number;
	}
	for (unsigned i = 0; i < ACTION_NUMBERS; i++)
		if (found >> i & 1)
			numbers[n++] = (uint16_t)i;
	return n;
}

static void put_properties(struct wire_out *out, unsigned table)
{
	static const uint16_t instructions[] = {1, 2, 3, 4, 5, 6};
	uint16_t actions[ACTION_NUMBERS];
	unsigned n;
	size_t start;

	/* OpenFlow 1.5 has made an action of the meter. */
	n = ARRAY_LENGTH(instructions) - (out->version >= OF15);
	put_numbers(out, INSTRUCTIONS, instructions, n);
	start = wire_property_begin(out, NEXT_TABLES);
	for (unsigned next = table + 1; next < TABLES_N - 1; next++)
		wire_put_u8(out, (uint8_t)next);
	wire_property_end(out, start);
	n = list_actions(actions, out->version, true);
	put_numbers(out, WRITE_ACTIONS, actions, n);
	n = list_actions(actions, out->version, false);
	put_numbers(out, APPLY_ACTIONS, actions, n);
	put_fields(out, MATCH, 0);
	put_fields(out, WILDCARDS, 0);
	put_fields(out, WRITE_SETFIELD, FIELD_WRITE | FIELD_SET);
	put_fields(out, APPLY_SETFIELD, FIELD_WRITE | FIELD_SET);
}

static enum of_error
handle_features(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	struct message_parts parts;

	/* Nobody may change them. */
	if (body->table_features_request.tables.n)
		return OF_TFFC_EPERM;
	message_parts_begin(&parts, &conn->out, &of_table_features_reply_type, head->xid);
	for (unsigned i = 0; i < TABLES_N - 1; i++) {
		struct of_table_features features = {
			.table_id = (uint8_t)i,
			.metadata_match = UINT64_MAX,
			.metadata_write = UINT64_MAX,
			.config = conn->version >= OF14 ? CAPABILITIES : 0,
			.max_entries = limits_get(conn->bridge->limits, (uint8_t)i),
		};
		struct wire_out properties;

		set_name(features.name, conn, i);

		wire_out_init(&properties, conn->version);
		put_properties(&properties, i);
		features.properties = (struct wire_bytes){
			.data = properties.data,
			.n = (uint32_t)properties.n,
			.version = conn->version,
		};
		of_table_features_encode(&conn->out, &features);
		message_parts_next(&parts);
		wire_out_fini(&properties);
	}
	message_parts_end(&parts);
	return OF_OK;
}

static enum of_error
handle_desc(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	struct message_parts parts;

	message_parts_begin(&parts, &conn->out, &of_table_desc_reply_type, head->xid);
	for (unsigned i = 0; i < TABLES_N - 1; i++) {
		struct of_table_desc desc;
		struct wire_out properties;

		wire_out_init(&properties, conn->version);
		limits_describe(conn->bridge, (uint8_t)i, &desc, &properties);
		of_table_desc_encode(&conn->out, &desc);
		message_parts_next(&parts);
		wire_out_fini(&properties);
	}
	message_parts_end(&parts);
	return OF_OK;
}

static enum of_error
handle_mod(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	return limits_mod(conn->bridge, &body->table_mod, conn->version);
}

MESSAGE_ROOM(mod, MESSAGE_TABLE_MOD, .changes = true, .bundled = true);
MESSAGE_ROOM(stats, MESSAGE_TABLE_STATS_REQUEST);
MESSAGE_ROOM(features, MESSAGE_TABLE_FEATURES_REQUEST);
MESSAGE_ROOM(desc, MESSAGE_TABLE_DESC_REQUEST);
