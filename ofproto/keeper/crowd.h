/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Crowds: ports whose packets ask for more masks than are good for it.
 *
 * Who knows which rules there are can craft packets each of which needs a mask of its own (tuple-space
 * explosion), and a packet without a flow looks under every mask of its port. So a port gets so many;
 * what would need another one then gets a flow of a single connection, and there is but a handful of
 * masks for those.  */

#include <jansson.h>

struct key;
struct xlate;

/* The keeper. */

/* If what was translated for 'key' asks for a mask too many: translates it again for its connection
 * alone. */
void crowd_limit(struct xlate *x, const struct key *key);

/* Main thread. */

/* Says in Interface.status that this has been necessary. */
void crowd_add_status(const char *name, json_t *status);
