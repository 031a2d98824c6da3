/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/metrics/http.h"

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <uv.h>

#include "lib/errbuf.h"
#include "lib/strbuf.h"
#include "lib/stream/address.h"
#include "lib/stream/listener.h"
#include "lib/types.h"
#include "lib/xmalloc.h"
#include "vswitchd/metrics/clients.h"

enum {
	CLIENT_MEMORY = 16384, /* bytes for what a client says */
	PATIENCE_S = 5, /* with a client that says nothing, or does not read */
	FRESH_MS = 1000, /* how long a text serves all who ask */
};

struct http {
	struct MHD_Daemon *daemon;
	struct listener *listener;
	void (*format)(struct strbuf *out);
	uv_poll_t poll; /* of the daemon's epoll */
	uv_timer_t timer; /* when it wants to be called */
	unsigned n_handles;
	struct clients clients;
	struct strbuf text;
	uint64_t made_ms; /* 0: never */
};

static void on_closed(uv_handle_t *handle)
{
	struct http *http = handle->data;

	if (!--http->n_handles)
		free(http);
}

static void on_timer(uv_timer_t *timer);

static void run(struct http *http)
{
	MHD_UNSIGNED_LONG_LONG timeout;

	MHD_run(http->daemon);
	if (MHD_get_timeout(http->daemon, &timeout) == MHD_YES)
		uv_timer_start(&http->timer, on_timer, timeout, 0);
	else
		uv_timer_stop(&http->timer);
}

static void on_timer(uv_timer_t *timer)
{
	run(timer->data);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
	run(poll->data);
}

/* Of the library: a connection begins or ends. */
static void on_client(
	void *http_,
	struct MHD_Connection *client,
	void **state,
	enum MHD_ConnectionNotificationCode code
)
{
	struct http *http = http_;
	int fd = MHD_get_connection_info(client, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;

	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		clients_add(&http->clients, fd, clients_peer(fd));
	else
		clients_del(&http->clients, fd);
}

/* The library finds the connection ended by its client, and forgets it. */
static void make_room(struct http *http, int fd)
{
	int loser = clients_find_loser(&http->clients, clients_peer(fd));

	if (loser < 0)
		return;
	shutdown(loser, SHUT_RDWR);
	MHD_run(http->daemon);
	MHD_run(http->daemon);
}

static void on_accept(void *http_, int take_fd)
{
	static const struct sockaddr_un nobody = {.sun_family = AF_UNIX};
	struct http *http = http_;

	make_room(http, take_fd);
	/* Takes the socket over, and closes it if there are too many. */
	fcntl(take_fd, F_SETFL, fcntl(take_fd, F_GETFL) | O_NONBLOCK);
	MHD_add_connection(
		http->daemon, take_fd, (const struct sockaddr *)&nobody, sizeof(sa_family_t)
	);
	run(http);
}

static const struct strbuf *get_text(struct http *http)
{
	uint64_t now = uv_hrtime() / 1000000;

	if (!http->made_ms || now - http->made_ms >= FRESH_MS) {
		strbuf_clear(&http->text);
		http->format(&http->text);
		http->made_ms = now;
	}
	return &http->text;
}

static enum MHD_Result
answer(struct MHD_Connection *client, unsigned status, const char *text, size_t size)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(size, (void *)text, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	MHD_add_response_header(
		response,
		MHD_HTTP_HEADER_CONTENT_TYPE,
		status == MHD_HTTP_OK ? "text/plain; version=0.0.4; charset=utf-8" : "text/plain"
	);
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	result = MHD_queue_response(client, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result answer_text(struct MHD_Connection *client, unsigned status, const char *text)
{
	return answer(client, status, text, strlen(text));
}

/* NOLINTNEXTLINE(readability-function-size): the library wants so many parameters. */
static enum MHD_Result on_request(
	void *http,
	struct MHD_Connection *client,
	const char *path,
	const char *method,
	const char *version,
	const char *body,
	size_t *body_size,
	void **state
)
{
	/* The first call comes before the body, which nobody wants: it is skipped. */
	if (!*state) {
		*state = http;
		return MHD_YES;
	}
	if (*body_size) {
		*body_size = 0;
		return MHD_YES;
	}
	if (strcmp(method, MHD_HTTP_METHOD_GET) && strcmp(method, MHD_HTTP_METHOD_HEAD))
		return answer_text(
			client, MHD_HTTP_METHOD_NOT_ALLOWED, "there is only GET /metrics\n"
		);
	if (strcmp(path, "/metrics"))
		return answer_text(client, MHD_HTTP_NOT_FOUND, "there is only /metrics\n");
	const struct strbuf *text = get_text(http);

	return answer(client, MHD_HTTP_OK, text->text, text->length);
}

static void watch(struct http *http, struct uv_loop_s *loop)
{
	int fd = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;

	uv_poll_init(loop, &http->poll, fd);
	uv_timer_init(loop, &http->timer);
	http->poll.data = http->timer.data = http;
	http->n_handles = 2;
	uv_poll_start(&http->poll, UV_READABLE, on_ready);
}

/* Without a log: what clients do wrong is theirs. */
static void ignore(void *context, const char *format, va_list args) {}

static struct MHD_Daemon *start(struct http *http)
{
	return MHD_start_daemon(
		MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ERROR_LOG,
		0,
		NULL,
		NULL,
		on_request,
		http,
		MHD_OPTION_EXTERNAL_LOGGER,
		ignore,
		NULL,
		MHD_OPTION_NOTIFY_CONNECTION,
		on_client,
		http,
		MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)CLIENTS_MAX,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)CLIENT_MEMORY,
		MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)PATIENCE_S,
		MHD_OPTION_END
	);
}

struct http *http_open(
	struct uv_loop_s *loop,
	const char *name,
	void (*format)(struct strbuf *out),
	struct errbuf *err
)
{
	struct http *http = XNEW(struct http);
	struct listener_config config = {.accept = on_accept, .context = http, .mode = 0660};
	struct address address;
	int error = address_parse(name, 0, &address, err);

	if (!error && (!address.passive || address.tls))
		error = errbuf_set(
			err,
			-EINVAL,
			"%s: metrics are served at punix:PATH or ptcp:PORT:IP, such as "
			"ptcp:9475:127.0.0.1",
			name
		);
	http->format = format;
	http->daemon = error ? NULL : start(http);
	if (!error && !http->daemon)
		error = errbuf_set(err, -ENOMEM, "%s: HTTP cannot be started", name);
	if (!error)
		http->listener = listener_open(loop, &address, &config, err);
	if (http->listener) {
		watch(http, loop);
		return http;
	}
	if (http->daemon)
		MHD_stop_daemon(http->daemon);
	free(http);
	return NULL;
}

void http_close(struct http *http)
{
	if (!http)
		return;
	listener_close(http->listener);
	uv_poll_stop(&http->poll);
	uv_close((uv_handle_t *)&http->poll, on_closed);
	uv_close((uv_handle_t *)&http->timer, on_closed);
	MHD_stop_daemon(http->daemon);
	strbuf_fini(&http->text);
}
