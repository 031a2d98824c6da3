/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A client of the daemon's JSON-RPC sockets that waits: what appctl and vsctl are made of.  */

#include <jansson.h>

struct client;
struct errbuf;
struct socket_tls;

/* The run directory: 'given' (--rundir) if not NULL, else $WEIR_RUNDIR, else /run/weir; for a program
 * that was called by a name of Open vSwitch's, $OVS_RUNDIR or /run/openvswitch instead of the last. */
const char *client_rundir(const char *given);

/* Connects to "unix:PATH", "tcp:HOST:PORT", "ssl:HOST:PORT" or a path. 'timeout_ms' (0: none) bounds
 * everything that is done with the client, from now on. Errors name the socket and what to do. */
struct client *client_open(
	const char *address, const struct socket_tls *tls, unsigned timeout_ms, struct errbuf *err
);

/* Connects to the control socket of the daemon 'target' ("vswitchd", or the absolute path of a
 * socket) in 'rundir'. The daemon's pidfile must be held by a living process. */
struct client *
client_open_target(const char *rundir, const char *target, unsigned timeout_ms, struct errbuf *err);
void client_close(struct client *client); /* NULL is fine */

/* Calls 'method'. Returns 0 with the result in 'answer', 1 with the daemon's error in 'answer' (a
 * new reference in both cases), or a negative errno and 'err' when there was no answer. */
int client_call(
	struct client *client,
	const char *method,
	json_t *take_params,
	json_t **answer,
	struct errbuf *err
);

/* client_call() with n strings as parameters. */
int client_call_strings(
	struct client *client,
	const char *method,
	char *const *words,
	int n,
	json_t **answer,
	struct errbuf *err
);
