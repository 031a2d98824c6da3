/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Items: answers about many things that have numbers, such as groups. They are made in parts, and tell
 * of what is still there when its turn comes.  */

#include <stdbool.h>
#include <stdint.h>

struct conn;
struct message_head;
struct message_type;

/* Appends the item to conn->out. False: there is no such item any more. */
typedef bool item_put_fn(struct conn *conn, uint32_t id);

/* Main thread. */

/* Answers with the items of these numbers, in this order. */
void items_answer(
	struct conn *conn,
	const struct message_head *head,
	const struct message_type *type,
	item_put_fn *put,
	uint32_t *take_ids,
	unsigned n
);
/* With one of them. */
void items_answer_one(
	struct conn *conn,
	const struct message_head *head,
	const struct message_type *type,
	item_put_fn *put,
	uint32_t id
);
