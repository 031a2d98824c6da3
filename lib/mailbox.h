/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Mailboxes: how any thread asks another one to do something.
 *
 * A letter is embedded in what it carries and says which function the owner of the box shall call
 * with it. Posting never waits; letters of one sender are opened in the order they were sent. The
 * box itself wakes nobody: the sender does that with whatever the receiver sleeps on.  */

#include <stdbool.h>

#include <urcu/wfcqueue.h>

struct letter {
	struct cds_wfcq_node node;
	void (*open)(struct letter *letter); /* runs in the receiver; owns the letter */
};

struct mailbox {
	struct __cds_wfcq_head head; /* receiver writes */
	struct cds_wfcq_tail tail; /* senders write */
};

/* The receiver. */

void mailbox_init(struct mailbox *box);
/* Opens all letters that are there now. Returns how many. */
unsigned mailbox_open_all(struct mailbox *box);

/* Any thread. */

void mailbox_post(struct mailbox *box, struct letter *letter);
