/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Resolvers: one look-up each of a host's addresses, which the main thread does not wait for.
 *
 * The asking is done by a thread of libuv's pool, the way the host is set up for it (/etc/hosts,
 * /etc/resolv.conf). libuv gives look-ups no more than half of the pool.  */

#include <stdbool.h>
#include <stdint.h>

struct addrinfo;
struct errbuf;
struct resolver;
struct uv_loop_s;

/* 'found' is NULL, and 'reason' a sentence, if there is no address; both are valid during the call
 * only. */
typedef void resolver_done_fn(void *context, const struct addrinfo *found, const char *reason);

/* Main thread. */

/* 'done' is called from the loop, once; the resolver is gone then. NULL, and a sentence in 'err', if
 * that is no name anybody could be asked for: 'done' is not called. */
struct resolver *resolver_start(
	struct uv_loop_s *loop,
	const char *host,
	resolver_done_fn *done,
	void *context,
	struct errbuf *err
);
/* Gives up; 'done' is not called. NULL is fine. */
void resolver_cancel(struct resolver *resolver);
/* Whether a thread is still at a look-up, given up or not. */
bool resolvers_are_busy(void);
