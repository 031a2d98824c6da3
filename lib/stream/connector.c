/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/stream/connector.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <uv.h>

#include "lib/stream/address.h"
#include "lib/xmalloc.h"

enum {
	CONNECT_MS = 10000
};

struct connector {
	uv_poll_t poll;
	uv_timer_t timer;
	unsigned n_handles;
	int fd;
	int error; /* found at once, told from the loop */
	connector_done_fn *done;
	void *context;
};

static void handle_closed(uv_handle_t *handle)
{
	struct connector *connector = handle->data;

	if (!--connector->n_handles)
		free(connector);
}

static void release(struct connector *connector)
{
	if (connector->n_handles == 2)
		uv_close((uv_handle_t *)&connector->poll, handle_closed);
	uv_close((uv_handle_t *)&connector->timer, handle_closed);
}

static void finish(struct connector *connector, int error)
{
	connector_done_fn *done = connector->done;
	void *context = connector->context;
	int fd = connector->fd;

	if (connector->n_handles == 2)
		uv_poll_stop(&connector->poll);
	release(connector);
	if (error && fd >= 0) {
		close(fd);
		fd = -1;
	}
	done(context, fd, error);
}

static void poll_cb(uv_poll_t *poll, int status, int events)
{
	struct connector *connector = poll->data;
	socklen_t length = sizeof(int);
	int error = 0;

	getsockopt(connector->fd, SOL_SOCKET, SO_ERROR, &error, &length);
	finish(connector, -error);
}

static void timer_cb(uv_timer_t *timer)
{
	struct connector *connector = timer->data;

	finish(connector, connector->error ? connector->error : -ETIMEDOUT);
}

static int begin(struct connector *connector, struct uv_loop_s *loop, const struct address *address)
{
	int fd = socket(address->sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	connector->fd = fd;
	if (connect(fd, &address->sa, address->length) && errno != EINPROGRESS)
		return -errno;
	int error = uv_poll_init(loop, &connector->poll, fd);

	if (error)
		return error;
	connector->n_handles++;
	connector->poll.data = connector;
	uv_poll_start(&connector->poll, UV_WRITABLE, poll_cb);
	return 0;
}

struct connector *connector_start(
	struct uv_loop_s *loop,
	const struct address *address,
	connector_done_fn *done,
	void *context
)
{
	struct connector *connector = XNEW(struct connector);

	connector->fd = -1;
	connector->done = done;
	connector->context = context;
	connector->n_handles = 1;
	uv_timer_init(loop, &connector->timer);
	connector->timer.data = connector;
	connector->error = begin(connector, loop, address);
	uv_timer_start(&connector->timer, timer_cb, connector->error ? 0 : CONNECT_MS, 0);
	return connector;
}

void connector_cancel(struct connector *connector)
{
	if (!connector)
		return;
	release(connector);
	if (connector->fd >= 0)
		close(connector->fd);
}
