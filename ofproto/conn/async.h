/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Asynchronous messages: what a controller is told without asking, and which of it it wants.
 *
 * Every connection has a mask of reasons for each kind of message, one for when it is in the
 * secondary role and one for when it is not.  */

#include <stdbool.h>
#include <stdint.h>

struct bridge;
struct conn;
struct message_type;

/* In the order of OpenFlow 1.4's properties. */
enum async_kind {
	ASYNC_PACKET_IN,
	ASYNC_PORT_STATUS,
	ASYNC_FLOW_REMOVED,
	ASYNC_ROLE_STATUS,
	ASYNC_TABLE_STATUS,
	ASYNC_REQUESTFORWARD,
	ASYNC_KINDS,
};

struct async_config {
	uint32_t reasons[ASYNC_KINDS][2]; /* bits; [1]: in the secondary role */
};

/* Main thread. */

/* What a controller gets that has not said anything; 'quiet': nothing. */
void async_init(struct async_config *config, bool quiet);
/* All reasons that OpenFlow 1.4 knows for the kind. */
uint32_t async_known_reasons(enum async_kind kind);
bool async_wants(const struct conn *conn, enum async_kind kind, unsigned reason);
/* Sends it now. A peer that lets too much of this pile up is disconnected. */
void async_send(struct conn *conn, const struct message_type *type, const void *body);
/* Sends it to all connections of the bridge that want it and have it in their version, but 'but'. */
void async_send_all(
	struct bridge *bridge,
	enum async_kind kind,
	unsigned reason,
	const struct message_type *type,
	const void *body,
	const struct conn *but
);
