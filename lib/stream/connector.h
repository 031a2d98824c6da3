/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Connectors: one try to connect a socket, without waiting for it.  */

struct address;
struct connector;
struct uv_loop_s;

/* 'take_fd' is connected, or -1 and 'error' (negative errno) says why not. */
typedef void connector_done_fn(void *context, int take_fd, int error);

/* Main thread. */

/* 'done' is called from the loop, once, within 10 s; the connector is gone then. */
struct connector *connector_start(
	struct uv_loop_s *loop,
	const struct address *address,
	connector_done_fn *done,
	void *context
);
/* Gives up; 'done' is not called. NULL is fine. */
void connector_cancel(struct connector *connector);
