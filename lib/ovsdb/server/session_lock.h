/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Locks: names that at most one session of a server owns (RFC 7047 §4.1.8).
 *
 * Who asks for an owned lock queues up and is told when it is its turn; who steals goes to the
 * front and the former owner becomes the next in line.  */

#include <stdbool.h>

#include "lib/hmap.h"

struct session_locks {
	struct hmap map;
};

/* 'method' is "locked" or "stolen"; 'session' is whom to tell. */
typedef void session_lock_fn(void *session, const char *method, const char *lock);

/* Main thread. */

void session_locks_init(struct session_locks *locks);
void session_locks_fini(struct session_locks *locks);

/* Asks for a lock. False if the session has or waits for it already; else *owned says which. */
bool session_lock_add(struct session_locks *locks, void *session, const char *name, bool *owned);
bool session_lock_steal(
	struct session_locks *locks, void *session, const char *name, session_lock_fn *tell
);
/* False if the session neither has nor waits for it. */
bool session_lock_del(
	struct session_locks *locks, void *session, const char *name, session_lock_fn *tell
);
/* The session ends. */
void session_lock_del_all(struct session_locks *locks, void *session, session_lock_fn *tell);
bool session_lock_owns(const struct session_locks *locks, const void *session, const char *name);
