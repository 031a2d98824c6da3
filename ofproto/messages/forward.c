/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/messages/forward.h"

#include "ofproto/bridge_priv.h"
#include "ofproto/conn/async.h"
#include "ofproto/conn/conn.h"
#include "ofproto/wire/messages.h"

/* The request is written anew in the version of whom it is shown to. */
static void
show(struct conn *to,
     const struct message_head *head,
     const struct message_type *type,
     const void *body)
{
	struct of_requestforward forward;
	struct wire_out request;

	wire_out_init(&request, to->version);
	message_encode(&request, type, head->xid, body);
	forward.request = (struct wire_bytes){
		.data = request.data,
		.n = (uint32_t)request.n,
		.version = to->version,
	};
	async_send(to, &of_requestforward_type, &forward);
	wire_out_fini(&request);
}

void forward_request(
	const struct conn *conn,
	enum forward_reason reason,
	const struct message_head *head,
	const struct message_type *type,
	const void *body
)
{
	struct conn *to;

	cds_list_for_each_entry(to, &conn->bridge->conns, in_bridge)
		/* Parts of it stay the bytes they were. */
		if (to != conn && to->version == conn->version && to->version >= OF14 &&
		    async_wants(to, ASYNC_REQUESTFORWARD, reason))
			show(to, head, type, body);
}
