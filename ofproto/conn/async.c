/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/conn/async.h"

#include <string.h>

#include "lib/stream/stream.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/conn.h"
#include "ofproto/conn/controllers.h"

enum {
	BACKLOG_MAX = 16 << 20,
};

static const uint32_t known[ASYNC_KINDS] = {
	[ASYNC_PACKET_IN] = 0x3f,
	[ASYNC_PORT_STATUS] = 0x7,
	[ASYNC_FLOW_REMOVED] = 0x3f,
	[ASYNC_ROLE_STATUS] = 0x7,
	[ASYNC_TABLE_STATUS] = 0x18,
	[ASYNC_REQUESTFORWARD] = 0x3,
};

/* Expired TTLs and requests of others only go to those who ask for them. */
static const uint32_t defaults[ASYNC_KINDS][2] = {
	[ASYNC_PACKET_IN] = {0x3f & ~(1 << 2), 0},
	[ASYNC_PORT_STATUS] = {0x7, 0x7},
	[ASYNC_FLOW_REMOVED] = {0x3f, 0},
	[ASYNC_ROLE_STATUS] = {0x7, 0x7},
	[ASYNC_TABLE_STATUS] = {0x18, 0},
};

void async_init(struct async_config *config, bool quiet)
{
	memset(config, 0, sizeof(*config));
	if (!quiet)
		memcpy(config->reasons, defaults, sizeof(defaults));
}

uint32_t async_known_reasons(enum async_kind kind)
{
	return known[kind];
}

bool async_wants(const struct conn *conn, enum async_kind kind, unsigned reason)
{
	bool primary = conn->controller && conn->controller->primary;

	/* Who only came to help must have said how much of packets it wants. */
	if (!conn->version || (!primary && !conn->configured))
		return false;
	return conn->async.reasons[kind][conn->role == CONN_ROLE_SECONDARY] >> reason & 1;
}

void async_send(struct conn *conn, const struct message_type *type, const void *body)
{
	const struct message_head head = {.xid = 0};

	conn_reply(conn, &head, type, body);
	conn_flush(conn);
	if (conn_backlog(conn) > BACKLOG_MAX)
		stream_fail(conn->stream, "it does not read what it is told");
}

void async_send_all(
	struct bridge *bridge,
	enum async_kind kind,
	unsigned reason,
	const struct message_type *type,
	const void *body,
	const struct conn *but
)
{
	struct conn *conn;

	cds_list_for_each_entry(conn, &bridge->conns, in_bridge)
		if (conn != but && async_wants(conn, kind, reason) &&
		    message_has_version(type, conn->version))
			async_send(conn, type, body);
}
