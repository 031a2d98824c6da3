/* SPDX-License-Identifier: Apache-2.0 */

/* Messages about meters.  */

#include "ofproto/meters/meters.h"

#include "datapath/meter/meter.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/conn.h"
#include "ofproto/messages/forward.h"
#include "ofproto/wire/messages.h"

enum {
	BAND_TYPES = 1 << METER_BAND_DROP | 1 << METER_BAND_REMARK,
	CAPABILITIES = METER_KBPS | METER_PACKETS | METER_BURST | METER_STATS,
};

struct dump {
	struct message_parts parts;
	void (*put)(const struct meter_row *row, struct wire_out *out);
};

static void dump_row(const struct meter_row *row, void *dump_)
{
	struct dump *dump = dump_;

	dump->put(row, dump->parts.out);
	message_parts_next(&dump->parts);
}

static enum of_error dump_meters(
	struct conn *conn,
	const struct message_head *head,
	uint32_t id,
	const struct message_type *type,
	struct dump *dump
)
{
	const struct meters *meters = conn->bridge->meters;
	const struct meter_row *row = meters_find(meters, id);

	if (!row && id != METER_ID_ALL)
		return OF_MMFC_UNKNOWN_METER;
	message_parts_begin(&dump->parts, &conn->out, type, head->xid);
	if (row)
		dump_row(row, dump);
	else
		meters_foreach(meters, dump_row, dump);
	message_parts_end(&dump->parts);
	return OF_OK;
}

static enum of_error
handle_mod(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	return meters_mod(conn->bridge, &body->meter_mod);
}

static enum of_error
tell_mod(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	forward_request(conn, FORWARD_METER_MOD, head, head->type, &body->meter_mod);
	return OF_OK;
}

static enum of_error
handle_config(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	struct dump dump = {.put = meter_row_put_config};
	uint32_t id = body->meter_config_request.meter_id;

	return dump_meters(conn, head, id, &of_meter_config_reply_type, &dump);
}

static enum of_error
handle_stats(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	struct dump dump = {.put = meter_row_put_stats};
	uint32_t id = body->meter_stats_request.meter_id;

	return dump_meters(conn, head, id, &of_meter_stats_reply_type, &dump);
}

static enum of_error
handle_features(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	struct of_meter_features_reply reply = {
		.max_meter = METERS_MAX - 1,
		.band_types = BAND_TYPES,
		.capabilities = CAPABILITIES,
		.max_bands = METER_BANDS,
	};

	conn_reply(conn, head, &of_meter_features_reply_type, &reply);
	return OF_OK;
}

MESSAGE_ROOM(mod, MESSAGE_METER_MOD, .changes = true, .bundled = true, .tell = tell_mod);
MESSAGE_ROOM(config, MESSAGE_METER_CONFIG_REQUEST);
MESSAGE_ROOM(stats, MESSAGE_METER_STATS_REQUEST);
MESSAGE_ROOM(features, MESSAGE_METER_FEATURES_REQUEST);
