/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Remotes: the addresses JSON-RPC is served on or connected to.
 *
 * "punix:PATH", "ptcp:PORT[:IP]" and "pssl:PORT[:IP]" listen; "unix:PATH", "tcp:IP[:PORT]" and
 * "ssl:IP[:PORT]" connect, again and again with back-off; the port is 6640 unless given. Each
 * connection that comes up is handed to 'connected', which says who shall own it.  */

#include <stdbool.h>
#include <stdint.h>

#include "lib/jsonrpc/jsonrpc.h"

struct errbuf;
struct remote;
struct tls;
struct uv_loop_s;

struct remote_config {
	const struct jsonrpc_handler *handler;
	const struct jsonrpc_limits *limits; /* NULL: the defaults */
	/* Returns the 'owner' for the handler's callbacks. May send, may not close. */
	void *(*connected)(void *context, struct jsonrpc *conn);
	void *context;
	struct tls *tls; /* borrowed; NULL: no "ssl:" and "pssl:" */
	unsigned max_connections; /* of a listener; 0: 1,000 */
};

struct remote_status {
	bool connected; /* active: the connection; passive: at least one */
	unsigned n_connections;
	const char *state; /* "ACTIVE", "BACKOFF", "CONNECTING" or "LISTENING" */
	const char *last_error; /* or NULL */
	int64_t since_ms; /* how long the state has lasted */
	int64_t connected_ms; /* how long ago a connection last came up, or -1 */
	int64_t disconnected_ms; /* how long ago one last ended, or -1 */
	uint16_t bound_port; /* of ptcp:0 and pssl:0 */
};

/* Main thread. */

/* Fails with a sentence when the name is malformed or cannot be listened on. 'connected' is called
 * from the loop, never from here. */
struct remote *remote_open(
	struct uv_loop_s *loop,
	const char *name,
	const struct remote_config *config,
	struct errbuf *err
);
/* Stops listening or connecting and closes its connections (handler.closed is called for each
 * before this returns). NULL is fine. */
void remote_close(struct remote *remote);
void remote_get_status(const struct remote *remote, struct remote_status *status);
const char *remote_name(const struct remote *remote);
/* Milliseconds between probes of idle connections; 0: none. At first 5,000, 0 for unix sockets. */
void remote_set_probe(struct remote *remote, unsigned probe_ms);
void remote_set_dscp(struct remote *remote, unsigned dscp);
/* At first 8,000. */
void remote_set_max_backoff(struct remote *remote, unsigned backoff_ms);
