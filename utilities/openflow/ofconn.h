/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A client's connection to an OpenFlow switch that waits: what ofctl is made of.  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ofproto/wire/wire.h"

struct errbuf;
struct ofconn;

/* Opens "tcp:IP[:PORT]", "unix:PATH", a socket's path, or a bridge's name (its management socket in
 * 'rundir'; 'suffix' is "mgmt" or "snoop"), and agrees on the highest version in 'versions' (bits
 * 1 << OF10 and so on). */
struct ofconn *ofconn_open(
	const char *target,
	const char *suffix,
	const char *rundir,
	uint32_t versions,
	unsigned timeout_ms,
	struct errbuf *err
);
void ofconn_close(struct ofconn *conn); /* NULL is fine */

uint8_t ofconn_version(const struct ofconn *conn);
uint32_t ofconn_xid(struct ofconn *conn); /* a new one */

/* Sends all that the writer holds and empties it. */
int ofconn_send(struct ofconn *conn, struct wire_out *out, struct errbuf *err);
/* The next message; it is good until the next call. Echo requests are answered meanwhile. 0, or a
 * negative errno; -ECONNRESET without a text when the switch closed. */
int ofconn_receive(struct ofconn *conn, const uint8_t **data, size_t *n, struct errbuf *err);
