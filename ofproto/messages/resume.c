/* SPDX-License-Identifier: Apache-2.0 */

/* Packets that were paused and come back from their controller (Nicira's).  */

#include <stdlib.h>
#include <string.h>

#include "lib/flow/match.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_changes.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/conn.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/tables/rule.h"
#include "ofproto/wire/messages.h"
#include "ofproto/wire/oxm.h"
#include "ofproto/xlate/pause.h"

/* Properties of a packet_in in Nicira's second format, of which this is one on its way back. */
enum {
	PACKET,
	METADATA = 6,
	CONTINUATION = 8,
	LAST = CONTINUATION,
	CONTINUATION_OURS = 0xf000,
};

struct parts {
	struct wire_bytes packet, note;
	struct match match;
};

static enum of_error read_continuation(struct wire_in *in, struct wire_bytes *note)
{
	struct wire_in body;
	uint16_t type;

	wire_skip(in, 4);
	while (wire_property(in, &type, &body)) {
		if (type != CONTINUATION_OURS)
			return OF_NXR_STALE;
		*note = wire_rest(&body);
	}
	return in->error;
}

static enum of_error read_parts(const struct of_resume *message, struct parts *parts)
{
	const struct wire_bytes *bytes = &message->properties;
	struct wire_in list = wire_in(bytes->data, bytes->n, bytes->version), body;
	enum of_error error = OF_OK;
	uint16_t type;

	while (!error && wire_property(&list, &type, &body)) {
		if (type == PACKET) {
			parts->packet = wire_rest(&body);
		} else if (type == METADATA) {
			/* Its padding is the property's. */
			struct wire_out whole;

			wire_out_init(&whole, body.version);
			wire_put(&whole, body.p, wire_left(&body));
			wire_pad8(&whole, 0);
			struct wire_in in = wire_in(whole.data, whole.n, body.version);

			nxm_decode_match(&in, wire_left(&body), &parts->match, NULL, NULL);
			error = in.error;
			wire_out_fini(&whole);
		} else if (type == CONTINUATION) {
			error = read_continuation(&body, &parts->note);
		} else if (type > LAST) {
			error = OF_BPC_BAD_TYPE;
		}
	}
	return error ? error : list.error;
}

static void send_on(struct conn *conn, const struct parts *parts, struct resumption *take)
{
	struct packet_out *packet = packet_out_new(parts->packet.data, parts->packet.n);

	packet->bridge = conn->bridge->index;
	packet->in_port = parts->match.key.base.in_port;
	packet->resumption = take;
	packet->key = xalloc_aligned(CACHE_LINE, sizeof(*packet->key));
	*packet->key = parts->match.key;
	bridge_changes_flush();
	keeper_send_packet(packet);
}

static enum of_error
handle_resume(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	static struct parts parts; /* large */
	struct resumption *resumption;
	enum of_error error;

	memset(&parts, 0, sizeof(parts));
	match_init(&parts.match, NULL);
	error = read_parts(&body->resume, &parts);
	if (error)
		return error;
	if (!parts.note.n)
		return OF_NXR_STALE;
	resumption = XNEW(struct resumption);
	error = resumption_read(resumption, &parts.note);
	if (!error && resumption->bridge != conn->bridge->index) {
		resumption_fini(resumption);
		error = OF_NXR_STALE;
	}
	if (error) {
		free(resumption);
		return error;
	}
	send_on(conn, &parts, resumption);
	return OF_OK;
}

static const struct message_room message_room_resume = {
	.id = MESSAGE_RESUME,
	.handle = handle_resume,
	.changes = true,
};
REGISTRY_ADD(message_room, message_room_resume);
