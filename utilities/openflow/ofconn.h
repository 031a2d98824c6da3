/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A client's connection to an OpenFlow switch that waits: what ofctl is made of.  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ofproto/wire/wire.h"

struct errbuf;
struct ofconn;
struct socket_tls;

struct ofconn_target {
	/* "tcp:HOST[:PORT]", "ssl:HOST[:PORT]", "unix:PATH", a socket's path, or a bridge's name: its socket
	 * in 'rundir', which ends in ".mgmt" or whatever 'suffix' says. */
	const char *name;
	const char *suffix;
	const char *rundir;
	const struct socket_tls *tls;
};

/* Opens the connection and agrees on the highest version in 'versions' (bits 1 << OF10 and so on).
 * -EPROTO in 'err' when there is none. */
struct ofconn *ofconn_open(
	const struct ofconn_target *target,
	uint32_t versions,
	unsigned timeout_ms,
	struct errbuf *err
);
void ofconn_close(struct ofconn *conn); /* NULL is fine */
/* Calls 'add' with the name of each bridge that has a socket of this suffix in 'rundir'. */
void ofconn_switches(
	const char *rundir,
	const char *suffix,
	void (*add)(void *context, const char *name),
	void *context
);

uint8_t ofconn_version(const struct ofconn *conn);
uint32_t ofconn_xid(struct ofconn *conn); /* a new one */
/* Forgets the time limit: from now on the switch may take as long as it likes. */
void ofconn_wait_forever(struct ofconn *conn);

/* Sends all that the writer holds and empties it; what comes meanwhile is kept for
 * ofconn_receive(). */
int ofconn_send(struct ofconn *conn, struct wire_out *out, struct errbuf *err);
/* The next message; it is good until the next call. Echo requests are answered meanwhile. 0, or a
 * negative errno. */
int ofconn_receive(struct ofconn *conn, const uint8_t **data, size_t *n, struct errbuf *err);
