/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Listeners: a socket that accepts connections. The file of a unix socket that nobody serves any
 * more is replaced; one that somebody serves is left alone. Out of file descriptors a listener
 * pauses for a moment, and the clients wait in the kernel's queue.  */

#include <stdbool.h>
#include <stdint.h>

struct address;
struct errbuf;
struct listener;
struct uv_loop_s;

typedef void listener_accept_fn(void *context, int take_fd);

struct listener_config {
	listener_accept_fn *accept; /* called from the loop */
	void *context;
	unsigned mode; /* of a unix socket's file */
};

/* Main thread. */

struct listener *listener_open(
	struct uv_loop_s *loop,
	const struct address *address,
	const struct listener_config *config,
	struct errbuf *err
);
void listener_close(struct listener *listener); /* NULL is fine */
/* Is 'path' a unix socket, or a link to one, that nobody serves any more? */
bool listener_is_abandoned(const char *path);
uint16_t listener_port(const struct listener *listener);
