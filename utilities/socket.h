/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A client's socket, with or without TLS, that never blocks.  */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct errbuf;
struct socket;

/* PEM files for "ssl:" addresses. */
struct socket_tls {
	const char *private_key, *certificate, *ca_cert;
};

/* Opens a stream to an address, where 'default_port' stands in for one that is missing. Completing a
 * TLS handshake is part of it, within 'timeout_ms' (negative: any time). Errors other than -EINVAL do
 * not name the address. */
struct socket *socket_open(
	const char *name,
	uint16_t default_port,
	const struct socket_tls *tls,
	int timeout_ms,
	struct errbuf *err
);
void socket_close(struct socket *socket); /* NULL is fine */

/* Waits until something can be read or (if 'send') sent. 1; 0 when the time is over; or a negative
 * errno. */
int socket_wait(struct socket *socket, int send, int timeout_ms);
/* Bytes moved, 0 if none can be just now, or a negative errno (-ECONNRESET at the end). */
ssize_t socket_send(struct socket *socket, const void *data, size_t n);
ssize_t socket_receive(struct socket *socket, void *data, size_t n);
