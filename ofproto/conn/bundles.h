/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Bundles: messages that a controller collects at the switch and then has done at once, in order,
 * all or none.
 *
 * A bundle keeps the bytes of messages; each was decoded once, so that what is plainly wrong is
 * refused when it comes.  */

#include <stdint.h>

#include "ofproto/wire/error.h"
#include "ofproto/wire/wire.h"

struct bridge;
struct conn;

enum {
	BUNDLES_MAX = 64, /* of one connection */
	BUNDLE_BYTES_MAX = 512 << 20,
};

enum bundle_flags {
	BUNDLE_ATOMIC = 1,
	BUNDLE_ORDERED = 2,
};

/* Main thread. */

enum of_error bundle_open(struct conn *conn, uint32_t id, uint16_t flags);
/* Nothing more may come in. */
enum of_error bundle_close(struct conn *conn, uint32_t id, uint16_t flags);
enum of_error bundle_discard(struct conn *conn, uint32_t id);
/* Does all of it, or nothing; then an error about the message at fault has been sent. */
enum of_error bundle_commit(struct conn *conn, uint32_t id, uint16_t flags);
/* Adds a message, whose xid must be the one given; opens the bundle if it is not there. */
enum of_error bundle_add(
	struct conn *conn,
	uint32_t id,
	uint16_t flags,
	uint32_t xid,
	const struct wire_bytes *message
);
/* How long a bundle may stand open while nothing is said about it; at first 10 s. */
void bundles_set_patience(int64_t ms);
/* Discards those for which that was too long, and says so. */
void bundles_poll(const struct bridge *bridge);
/* Discards all bundles of a connection that ends. */
void bundles_free(struct conn *conn);
