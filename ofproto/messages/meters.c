/* SPDX-License-Identifier: Apache-2.0 */

/* Messages about meters.  */

#include "ofproto/meters/meters.h"

#include "datapath/meter/meter.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/conn.h"
#include "ofproto/messages/forward.h"
#include "ofproto/messages/items.h"
#include "ofproto/wire/messages.h"

enum {
	BAND_TYPES = 1 << METER_BAND_DROP | 1 << METER_BAND_REMARK,
	CAPABILITIES = METER_KBPS | METER_PACKETS | METER_BURST | METER_STATS,
};

static bool put_config(struct conn *conn, uint32_t id)
{
	const struct meter_row *row = meters_find(conn->bridge->meters, id);

	if (row)
		meter_row_put_config(row, &conn->out);
	return row;
}

static bool put_stats(struct conn *conn, uint32_t id)
{
	const struct meter_row *row = meters_find(conn->bridge->meters, id);

	if (row)
		meter_row_put_stats(row, &conn->out);
	return row;
}

/* Answers with the meters that the request means. */
static enum of_error
answer(struct conn *conn,
       const struct message_head *head,
       uint32_t id,
       const struct message_type *type,
       item_put_fn *put)
{
	const struct meters *meters = conn->bridge->meters;

	if (meters_find(meters, id)) {
		items_answer_one(conn, head, type, put, id);
	} else if (id == METER_ID_ALL) {
		unsigned n;
		uint32_t *ids = meters_list(meters, &n);

		items_answer(conn, head, type, put, ids, n);
	} else {
		return OF_MMFC_UNKNOWN_METER;
	}
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
	uint32_t id = body->meter_config_request.meter_id;

	return answer(conn, head, id, &of_meter_config_reply_type, put_config);
}

static enum of_error
handle_stats(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	uint32_t id = body->meter_stats_request.meter_id;

	return answer(conn, head, id, &of_meter_stats_reply_type, put_stats);
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
