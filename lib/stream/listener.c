/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/stream/listener.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <uv.h>

#include "lib/errbuf.h"
#include "lib/log.h"
#include "lib/stream/address.h"
#include "lib/xmalloc.h"

LOG_TOPIC(listener);

enum {
	QUEUE_LENGTH = 512,
	ACCEPTS_PER_TURN = 32, /* so that a storm of clients leaves the loop time for others */
	PAUSE_MS = 250
};

struct listener {
	uv_poll_t poll;
	uv_timer_t timer; /* runs while paused */
	unsigned n_handles;
	int fd;
	struct address address;
	struct listener_config config;
	dev_t dev; /* of the unix socket's file as we made it */
	ino_t ino;
};

static int explain(const struct address *address, int error, struct errbuf *err)
{
	char name[ADDRESS_TEXT_SIZE];
	const char *hint = "";

	address_format(address, name, sizeof(name));
	switch (error) {
	case EACCES:
	case EPERM:
		hint = address->sa.sa_family == AF_UNIX
			? ": run as a user who may write to that directory, or choose another"
			: ": ports below 1024 need root";
		break;
	case ENOENT:
		hint = ": create the directory first";
		break;
	case EADDRNOTAVAIL:
		hint = ": no interface of this machine has that address";
		break;
	case EADDRINUSE:
		hint = ": another process listens there";
		break;
	default:
		break;
	}
	return errbuf_set(err, -error, "%s: cannot listen: %s%s", name, strerror(error), hint);
}

/* 0: it is served; -ECONNREFUSED or -ENOENT: nobody is there. */
static int probe(const struct address *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	int error = connect(fd, &address->sa, address->length) ? -errno : 0;

	close(fd);
	/* Somebody listens and has a full queue. */
	return error == -EAGAIN ? 0 : error;
}

bool listener_is_abandoned(const char *path)
{
	struct address address;
	struct stat st;

	if (lstat(path, &st) || !(S_ISSOCK(st.st_mode) || S_ISLNK(st.st_mode)) ||
	    strlen(path) >= sizeof(address.un.sun_path))
		return false;
	address = (struct address){.length = sizeof(address.un), .un.sun_family = AF_UNIX};
	snprintf(address.un.sun_path, sizeof(address.un.sun_path), "%s", path);
	int error = probe(&address);

	return error == -ECONNREFUSED || error == -ENOENT;
}

/* Makes room for a socket file: removes what nobody serves. */
static int remove_stale(const struct address *address, struct errbuf *err)
{
	const char *path = address->un.sun_path;
	struct stat st;

	if (lstat(path, &st))
		return errno == ENOENT ? 0 : explain(address, errno, err);
	if (!S_ISSOCK(st.st_mode))
		return errbuf_set(
			err,
			-EEXIST,
			"punix:%s: cannot listen: the file exists and is not a socket; remove it",
			path
		);
	int error = probe(address);

	if (error == -ECONNREFUSED || error == -ENOENT)
		return unlink(path) && errno != ENOENT ? explain(address, errno, err) : 0;
	if (error)
		return explain(address, -error, err);
	return errbuf_set(
		err,
		-EADDRINUSE,
		"punix:%s: cannot listen: another process serves this socket; stop it or choose "
		"another directory",
		path
	);
}

static int bind_socket(struct listener *listener, struct errbuf *err)
{
	const struct address *address = &listener->address;
	bool local = address->sa.sa_family == AF_UNIX;
	const int on = 1;
	struct stat st;

	if (local) {
		int error = remove_stale(address, err);

		if (error)
			return error;
		/* The file gets these rights at birth, so that nobody slips in before chmod(). */
		fchmod(listener->fd, 0600);
	} else {
		setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	}
	if (bind(listener->fd, &address->sa, address->length))
		return explain(address, errno, err);
	if (local) {
		if (chmod(address->un.sun_path, listener->config.mode) ||
		    stat(address->un.sun_path, &st))
			return explain(address, errno, err);
		listener->dev = st.st_dev;
		listener->ino = st.st_ino;
	}
	if (listen(listener->fd, QUEUE_LENGTH))
		return explain(address, errno, err);
	return 0;
}

static void poll_cb(uv_poll_t *poll, int status, int events);

static void timer_cb(uv_timer_t *timer)
{
	struct listener *listener = timer->data;

	uv_poll_start(&listener->poll, UV_READABLE, poll_cb);
}

static void pause_accepting(struct listener *listener, int error)
{
	char name[ADDRESS_TEXT_SIZE];

	address_format(&listener->address, name, sizeof(name));
	log_warn("%s: cannot accept: %s; new clients wait", name, strerror(error));
	uv_poll_stop(&listener->poll);
	uv_timer_start(&listener->timer, timer_cb, PAUSE_MS, 0);
}

static void poll_cb(uv_poll_t *poll, int status, int events)
{
	struct listener *listener = poll->data;

	/* A callback may close the listener. */
	for (int i = 0; i < ACCEPTS_PER_TURN && listener->fd >= 0; i++) {
		int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			listener->config.accept(listener->config.context, fd);
		} else if (errno == EAGAIN) {
			return;
		} else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			pause_accepting(listener, errno);
			return;
		}
		/* Anything else concerns that one client, who is gone. */
	}
}

struct listener *listener_open(
	struct uv_loop_s *loop,
	const struct address *address,
	const struct listener_config *config,
	struct errbuf *err
)
{
	struct listener *listener = XNEW(struct listener);

	listener->address = *address;
	listener->config = *config;
	listener->fd = socket(address->sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (listener->fd < 0) {
		explain(address, errno, err);
		goto err_free;
	}
	if (bind_socket(listener, err))
		goto err_close;
	int error = uv_poll_init(loop, &listener->poll, listener->fd);

	if (error) {
		explain(address, -error, err);
		goto err_close;
	}
	uv_timer_init(loop, &listener->timer);
	listener->n_handles = 2;
	listener->poll.data = listener;
	listener->timer.data = listener;
	uv_poll_start(&listener->poll, UV_READABLE, poll_cb);
	return listener;

err_close:
	close(listener->fd);
err_free:
	free(listener);
	return NULL;
}

static void handle_closed(uv_handle_t *handle)
{
	struct listener *listener = handle->data;

	if (!--listener->n_handles)
		free(listener);
}

void listener_close(struct listener *listener)
{
	struct stat st;

	if (!listener)
		return;
	const char *path = listener->address.un.sun_path;

	uv_close((uv_handle_t *)&listener->poll, handle_closed);
	uv_close((uv_handle_t *)&listener->timer, handle_closed);
	close(listener->fd);
	listener->fd = -1;
	/* Somebody may have put another socket there. */
	if (listener->address.sa.sa_family == AF_UNIX && !stat(path, &st) &&
	    st.st_dev == listener->dev && st.st_ino == listener->ino)
		unlink(path);
}

uint16_t listener_port(const struct listener *listener)
{
	struct address bound = {.length = sizeof(bound.storage)};

	if (getsockname(listener->fd, &bound.sa, &bound.length))
		return 0;
	return address_port(&bound);
}
