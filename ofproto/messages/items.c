/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/messages/items.h"

#include <stdlib.h>

#include "lib/xmalloc.h"
#include "ofproto/conn/conn.h"

struct items {
	const struct message_type *type;
	item_put_fn *put;
	uint32_t xid;
	uint32_t *ids;
	unsigned n, at;
};

static bool tell_more(struct conn *conn, void *items_)
{
	struct items *items = items_;
	struct message_parts parts;
	bool goes_on = true;

	message_parts_begin(&parts, &conn->out, items->type, items->xid);
	while (goes_on && items->at < items->n) {
		size_t start = conn->out.n;

		if (!items->put(conn, items->ids[items->at++])) {
			goes_on = answer_spend(1);
			continue;
		}
		goes_on = answer_spend_told(conn->out.n - start);
		message_parts_next(&parts);
	}
	if (items->at < items->n)
		message_parts_pause(&parts);
	else
		message_parts_end(&parts);
	return items->at < items->n;
}

static void end_items(void *items_)
{
	struct items *items = items_;

	free(items->ids);
	free(items);
}

static const struct answer_type answer_items = {.more = tell_more, .end = end_items};

void items_answer(
	struct conn *conn,
	const struct message_head *head,
	const struct message_type *type,
	item_put_fn *put,
	uint32_t *take_ids,
	unsigned n
)
{
	struct items *items = XNEW(struct items);

	items->type = type;
	items->put = put;
	items->xid = head->xid;
	items->ids = take_ids;
	items->n = n;
	answer_begin(conn, &answer_items, items);
}

void items_answer_one(
	struct conn *conn,
	const struct message_head *head,
	const struct message_type *type,
	item_put_fn *put,
	uint32_t id
)
{
	uint32_t *ids = XNEW(uint32_t);

	*ids = id;
	items_answer(conn, head, type, put, ids, 1);
}
