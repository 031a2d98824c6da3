/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The metrics over HTTP: GET /metrics, at an address such as "ptcp:9475:127.0.0.1" or
 * "punix:/run/weir/metrics.sock".
 *
 * HTTP itself is libmicrohttpd's, on the loop of the main thread. A client costs little: there are
 * few connections at a time, each with little memory and a time limit, and the text is made at most
 * once a second, however often it is asked for. When all connections are taken, whoever has most of
 * them loses one (clients.h).  */

#include <stddef.h>

struct errbuf;
struct http;
struct strbuf;
struct uv_loop_s;

/* Main thread. */

/* 'format' appends the text. */
struct http *http_open(
	struct uv_loop_s *loop,
	const char *name,
	void (*format)(struct strbuf *out),
	struct errbuf *err
);
void http_close(struct http *http); /* NULL is fine */
