/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers that may be long: they are made in parts, in several turns of the main loop.
 *
 * All connections together have so much work in a turn, and take turns. While a connection is being
 * answered its later messages wait, so that it hears everything in order; it is not answered further
 * as long as it has not read what it was told. What happens meanwhile (packets, rules that end, other
 * connections) goes its way between the parts.  */

#include <stdbool.h>
#include <stddef.h>

#include <urcu/list.h>

struct conn;

struct answer_type {
	/* Appends to conn->out as long as answer_spend() says so. False: that was all. */
	bool (*more)(struct conn *conn, void *context);
	/* Frees the context, which may have told all or not. */
	void (*end)(void *context);
};

/* A connection's part. */
struct answer {
	struct cds_list_head in_turn; /* of those who go on when it is their turn, if it does */
	const struct answer_type *type; /* of what is under way; NULL: nothing */
	void *context;
};

/* Main thread. */

void answer_init(struct answer *answer);
/* With the first bridge, and after the last. */
void answers_start(void);
void answers_stop(void);

/* Answers the message that is being handled, or goes on to tell on its own account what may be long.
 * The connection must have no other answer under way. */
void answer_begin(struct conn *conn, const struct answer_type *type, void *take_context);
/* For more(): some work was done, 1 being a look at one rule. Whether there may be more in this turn. */
bool answer_spend(unsigned work);
/* The same for an item that was told and is now the last in conn->out, 'n' bytes long. */
bool answer_spend_told(size_t n);

/* Lets the connection go on when its turn comes: with its answer, or with messages that wait. */
void answer_wait(struct conn *conn);
/* Its turn: some more of its answer, if there is one under way. */
void answer_continue(struct conn *conn);
/* What is under way is not told any more. */
void answer_cancel(struct conn *conn);
/* The connection ends. */
void answer_forget(struct conn *conn);
