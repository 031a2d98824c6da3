/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A set of remotes that follows a wanted list, as the Manager table gives it.
 *
 * remotes_set() opens what is new, closes what is gone and adjusts the rest without disturbing its
 * connections. One that cannot be opened (its address is not there yet, say) is tried again, and
 * its status says why.  */

#include <stddef.h>

#include "lib/jsonrpc/remote.h"

struct remotes;

struct remotes_wanted {
	const char *target; /* the remote's name; the first of equal ones counts */
	int probe_ms; /* 0: none; negative: the default */
	int max_backoff_ms; /* 0 or negative: the default */
	unsigned dscp; /* of what is sent */
};

/* Main thread. */

/* 'config' serves all of them, and is copied. */
struct remotes *remotes_new(struct uv_loop_s *loop, const struct remote_config *config);
void remotes_free(struct remotes *remotes); /* NULL is fine */

void remotes_set(struct remotes *remotes, const struct remotes_wanted *wanted, size_t n);

/* False when 'target' is not in the set. One that could not be opened is in "BACKOFF". */
bool remotes_get_status(
	const struct remotes *remotes, const char *target, struct remote_status *status
);
