/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Endpoints: an address (address.h) that is listened on or connected to, for as long as it is open.
 *
 * A passive endpoint accepts streams; out of file descriptors it pauses and tries again. An active
 * one connects, and when the stream ends connects again, with growing pauses (1 s up to the
 * maximum); the name of a host is looked up each time, and each of its addresses tried. Each stream that is up (with TLS: after the handshake) is handed to 'connected', which
 * calls stream_set_handler().  */

#include <stdbool.h>
#include <stdint.h>

struct endpoint;
struct errbuf;
struct stream;
struct tls;
struct uv_loop_s;

struct endpoint_config {
	void (*connected)(void *context, struct stream *stream);
	void *context;
	struct tls *tls; /* borrowed; NULL: "ssl:" and "pssl:" are refused */
	uint16_t default_port; /* 0: the name must have one */
	unsigned max_streams; /* of a passive endpoint; 0: 1,000 */
	unsigned mode; /* of a "punix:" socket; 0: 0660 */
};

enum endpoint_state {
	ENDPOINT_LISTENING,
	ENDPOINT_CONNECTING,
	ENDPOINT_ACTIVE,
	ENDPOINT_BACKOFF,
};

struct endpoint_status {
	enum endpoint_state state;
	unsigned n_streams;
	uint64_t n_accepted; /* or times connected, since it was opened */
	const char *last_error; /* or NULL */
	int64_t since_ms; /* how long the state has lasted */
	int64_t connected_ms; /* how long ago a stream last came up, or -1 */
	int64_t disconnected_ms; /* how long ago a stream last ended, or -1 */
	uint16_t bound_port; /* of ptcp:0 and pssl:0 */
};

/* Main thread. */

/* Fails with a sentence when the name is malformed or cannot be listened on. Connecting begins on
 * the loop: 'connected' is never called from here. */
struct endpoint *endpoint_open(
	struct uv_loop_s *loop,
	const char *name,
	const struct endpoint_config *config,
	struct errbuf *err
);
/* Stops listening or connecting and closes its streams (their 'closed' is called). NULL is fine. */
void endpoint_close(struct endpoint *endpoint);

const char *endpoint_name(const struct endpoint *endpoint);
void endpoint_get_status(const struct endpoint *endpoint, struct endpoint_status *status);
/* "LISTENING", "CONNECTING", "ACTIVE" or "BACKOFF", as status columns say it. */
const char *endpoint_state_name(enum endpoint_state state);

/* Probes of its streams, now and later; 0: none. At first 5,000 ms, 0 for unix sockets. */
void endpoint_set_probe(struct endpoint *endpoint, unsigned probe_ms);
/* The DSCP of its streams' packets, now and later; at first the kernel's choice. */
void endpoint_set_dscp(struct endpoint *endpoint, unsigned dscp);
/* The longest pause between tries to connect; at first 8,000 ms. */
void endpoint_set_max_backoff(struct endpoint *endpoint, unsigned backoff_ms);
/* Connects now, if it was waiting. */
void endpoint_retry(struct endpoint *endpoint);
