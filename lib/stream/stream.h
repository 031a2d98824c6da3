/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Streams: bytes to and from one peer, over a unix socket, TCP or TLS.
 *
 * A stream comes up in an endpoint (endpoint.h), which hands it to its user; the user says with
 * stream_set_handler() who shall hear of it. What is sent queues up without bound here: whoever
 * sends looks at stream_backlog() and closes (or stops producing) when the peer does not read.
 *
 * Handlers run on the loop. They may close the stream they are given. Sending never calls back;
 * stream_close() calls 'closed' before it returns, after which the stream is gone for its owner. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stream;

struct stream_handler {
	/* Bytes arrived; they are valid during the call only. */
	void (*data)(void *owner, const char *bytes, size_t n);
	/* The backlog has become empty. May be NULL. */
	void (*drained)(void *owner);
	/* Nothing has arrived for the probe interval: send something that the peer will answer. If
	 * nothing comes for another interval the stream is closed. May be NULL: no probes. */
	void (*idle)(void *owner);
	/* The stream ended, by whomever, for 'reason'. It is freed later, by itself. */
	void (*closed)(void *owner, const char *reason);
};

/* Main thread. */

void stream_set_handler(struct stream *stream, const struct stream_handler *handler, void *owner);

/* Copies the bytes. On a stream that has failed this does nothing: 'closed' follows. */
void stream_send(struct stream *stream, const void *bytes, size_t n);

/* Bytes accepted by stream_send() and not yet by the kernel. */
size_t stream_backlog(const struct stream *stream);

/* Stops and resumes reading: for a user that cannot keep up with its peer. A stream that is paused
 * is not probed. */
void stream_pause(struct stream *stream);
void stream_resume(struct stream *stream);

/* Closes at once. */
void stream_close(struct stream *stream, const char *reason);
/* Reads nothing more, sends what is queued (for a few seconds at most), then closes. 'closed' is
 * called from the loop. */
void stream_finish(struct stream *stream, const char *reason);
/* Closes from the loop, with nothing more delivered or sent: for callers that must not be called
 * back now. */
void stream_fail(struct stream *stream, const char *reason);

/* Milliseconds of silence before a probe; 0: none. */
void stream_set_probe(struct stream *stream, unsigned probe_ms);
/* The DSCP (0 to 63) of the packets that are sent from now on; unix sockets have none. */
void stream_set_dscp(struct stream *stream, unsigned dscp);

/* For logs and status: "unix:4711" (the peer's process), "tcp:192.0.2.1:4711", "ssl:…". */
const char *stream_peer(const struct stream *stream);
/* Of TLS: the common name in the peer's certificate; else NULL. */
const char *stream_peer_subject(const struct stream *stream);
