/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Streams as endpoints see them: how they begin, and who keeps count of them.  */

#include <urcu/list.h>

#include "lib/stream/stream.h"

struct address;
struct errbuf;
struct tls;
struct uv_loop_s;

struct stream_watcher {
	/* Ready for its user: at once, with TLS after the handshake. Called from the loop. */
	void (*up)(void *context, struct stream *stream);
	/* Gone, perhaps without having been up ('was_up' false: its handshake failed). The user's
	 * 'closed' has been called. */
	void (*ended)(void *context, struct stream *stream, bool was_up, const char *reason);
};

/* Main thread. */

/* Takes 'take_fd', a connected, non-blocking socket of the kind that 'address' says. What fails is
 * told by 'ended', later. */
struct stream *stream_new(
	struct uv_loop_s *loop,
	int take_fd,
	const struct address *address,
	struct tls *tls,
	const struct stream_watcher *watcher,
	void *context
);

/* Lets it go: from the loop, because a stream without TLS is up at once. */
void stream_start(struct stream *stream);

/* The watcher's link. */
struct cds_list_head *stream_link(struct stream *stream);
struct stream *stream_of_link(struct cds_list_head *link);
