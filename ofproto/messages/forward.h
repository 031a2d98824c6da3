/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Forwarding of requests: what one controller changes about groups and meters the others may ask to
 * be shown (OpenFlow 1.4).  */

struct conn;
struct message_head;
struct message_type;

enum forward_reason {
	FORWARD_GROUP_MOD,
	FORWARD_METER_MOD,
};

/* Main thread. */

/* Shows the others a request of 'conn' that was obeyed. */
void forward_request(
	const struct conn *conn,
	enum forward_reason reason,
	const struct message_head *head,
	const struct message_type *type,
	const void *body
);
