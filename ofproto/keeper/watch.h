/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Watches: waiting for the next real packet of some kind.
 *
 * A watch goes to the keeper, which lets go of the flows that such packets hit and makes no others
 * while it waits: so the next one misses, is seen, and the watch comes back with it.  */

#include <stdbool.h>
#include <stdint.h>

#include <urcu/list.h>

#include "lib/flow/key.h"
#include "lib/mailbox.h"

struct watch {
	struct letter letter, cancel;
	struct cds_list_head node;
	uint32_t bridge; /* packets that come into this one … */
	struct key key, mask; /* … and match; in_port is a slot */
	bool waits; /* the keeper's: in its list */
	bool cancelled; /* main's */
	/* What has come back: the packet's key, if one was seen. */
	bool seen;
	struct key packet;
	void (*done)(struct watch *watch);
};

/* Main thread. */

/* Until 'done' is called, the watch belongs to the keeper. */
void watch_post(struct watch *watch);
/* It comes back soon, seen or not. Once only. */
void watch_cancel(struct watch *watch);

/* The keeper. */

bool watch_is_waiting(void);
/* A packet came by. */
void watch_see(const struct key *packet);
/* Whether packets that some watch waits for would hit a flow of this mask, made for this key. */
bool watch_forbids(const struct key *key, const struct key *mask);
/* Gives up all. */
void watch_end(void);
