/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/stream/endpoint.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <urcu/list.h>
#include <uv.h>

#include "lib/errbuf.h"
#include "lib/log.h"
#include "lib/stream/address.h"
#include "lib/stream/connector.h"
#include "lib/stream/listener.h"
#include "lib/stream/resolver.h"
#include "lib/stream/stream_priv.h"
#include "lib/xmalloc.h"

LOG_TOPIC(stream);

enum {
	MAX_STREAMS = 1000,
	SOCKET_MODE = 0660,
	PROBE_MS = 5000,
	MIN_BACKOFF_MS = 1000,
	MAX_BACKOFF_MS = 8000,
	ADDRESSES_MAX = 8, /* of a host, that are tried */
};

struct endpoint {
	struct uv_loop_s *loop;
	char *name;
	struct address address;
	char *host; /* active: its name, looked up before each try; NULL: the address is known */
	struct endpoint_config config;
	struct listener *listener; /* passive */
	struct resolver *resolver; /* active, while its host is looked up */
	struct connector *connector; /* active, while connecting */
	struct address *more; /* of the host, to be tried if this one does not answer */
	unsigned n_more;
	uv_timer_t timer; /* active, until the next try */
	struct cds_list_head streams;
	unsigned n_streams;
	unsigned probe_ms, backoff_ms, max_backoff_ms;
	int dscp; /* -1: nobody has said */
	enum endpoint_state state;
	uint64_t n_accepted;
	uint64_t since, connected_at, disconnected_at; /* uv_now(); 0: never */
	char *last_error;
	bool closing;
};

static void set_state(struct endpoint *endpoint, enum endpoint_state state)
{
	if (endpoint->state == state)
		return;
	endpoint->state = state;
	endpoint->since = uv_now(endpoint->loop);
}

static void set_error(struct endpoint *endpoint, const char *text)
{
	char *error = text ? xstrdup(text) : NULL;

	free(endpoint->last_error);
	endpoint->last_error = error;
}

static void timer_cb(uv_timer_t *timer);

static unsigned min_backoff(const struct endpoint *endpoint)
{
	return endpoint->max_backoff_ms < MIN_BACKOFF_MS ? endpoint->max_backoff_ms
							 : MIN_BACKOFF_MS;
}

static void back_off(struct endpoint *endpoint)
{
	unsigned wait_ms = endpoint->backoff_ms, next_ms = wait_ms * 2;

	endpoint->backoff_ms =
		next_ms > endpoint->max_backoff_ms ? endpoint->max_backoff_ms : next_ms;
	set_state(endpoint, ENDPOINT_BACKOFF);
	uv_timer_start(&endpoint->timer, timer_cb, wait_ms, 0);
}

static void stream_is_up(void *context, struct stream *stream)
{
	struct endpoint *endpoint = context;

	endpoint->n_accepted++;
	endpoint->connected_at = uv_now(endpoint->loop);
	if (endpoint->connector == NULL && !endpoint->address.passive) {
		set_state(endpoint, ENDPOINT_ACTIVE);
		set_error(endpoint, NULL);
		log_info("%s: connected", endpoint->name);
	}
	stream_set_probe(stream, endpoint->probe_ms);
	endpoint->config.connected(endpoint->config.context, stream);
}

static void active_ended(struct endpoint *endpoint, const char *reason)
{
	bool was_up = endpoint->state == ENDPOINT_ACTIVE;

	if (was_up && uv_now(endpoint->loop) - endpoint->since >= endpoint->max_backoff_ms)
		endpoint->backoff_ms = min_backoff(endpoint);
	/* A peer that stays away is worth one line, not one for every try. */
	if (was_up)
		log_info("%s: connection ended: %s", endpoint->name, reason);
	else if (!endpoint->last_error || strcmp(endpoint->last_error, reason))
		log_info("%s: cannot connect: %s; trying again", endpoint->name, reason);
	set_error(endpoint, reason);
	back_off(endpoint);
}

static void stream_has_ended(void *context, struct stream *stream, bool was_up, const char *reason)
{
	struct endpoint *endpoint = context;

	cds_list_del(stream_link(stream));
	endpoint->n_streams--;
	endpoint->disconnected_at = uv_now(endpoint->loop);
	if (endpoint->closing)
		return;
	if (!endpoint->address.passive) {
		active_ended(endpoint, reason);
		return;
	}
	set_error(endpoint, reason);
	if (was_up)
		log_dbg("%s: %s: %s", endpoint->name, stream_peer(stream), reason);
	else
		log_warn("%s: %s: refused: %s", endpoint->name, stream_peer(stream), reason);
}

static const struct stream_watcher watcher = {
	.up = stream_is_up,
	.ended = stream_has_ended,
};

static void add_stream(struct endpoint *endpoint, int fd)
{
	struct stream *stream = stream_new(
		endpoint->loop, fd, &endpoint->address, endpoint->config.tls, &watcher, endpoint
	);

	cds_list_add_tail(stream_link(stream), &endpoint->streams);
	endpoint->n_streams++;
	if (endpoint->dscp >= 0)
		stream_set_dscp(stream, (unsigned)endpoint->dscp);
	stream_start(stream);
}

static void accepted(void *context, int take_fd)
{
	struct endpoint *endpoint = context;

	if (endpoint->n_streams >= endpoint->config.max_streams) {
		log_warn(
			"%s: refused a client: there are %u connections already",
			endpoint->name,
			endpoint->n_streams
		);
		close(take_fd);
		return;
	}
	add_stream(endpoint, take_fd);
}

static void try_next(struct endpoint *endpoint);

static void connect_done(void *context, int take_fd, int error)
{
	struct endpoint *endpoint = context;

	endpoint->connector = NULL;
	if (!error)
		add_stream(endpoint, take_fd);
	else if (endpoint->n_more)
		try_next(endpoint);
	else
		active_ended(endpoint, strerror(-error));
}

static void try_address(struct endpoint *endpoint)
{
	endpoint->connector =
		connector_start(endpoint->loop, &endpoint->address, connect_done, endpoint);
}

static void try_next(struct endpoint *endpoint)
{
	endpoint->address = endpoint->more[0];
	endpoint->n_more--;
	memmove(endpoint->more, endpoint->more + 1, endpoint->n_more * sizeof(endpoint->more[0]));
	try_address(endpoint);
}

static void resolve_done(void *context, const struct addrinfo *found, const char *reason)
{
	struct endpoint *endpoint = context;

	endpoint->resolver = NULL;
	endpoint->n_more = 0;
	for (; found && endpoint->n_more < ADDRESSES_MAX; found = found->ai_next) {
		if (found->ai_family != AF_INET && found->ai_family != AF_INET6)
			continue;
		endpoint->more[endpoint->n_more] = endpoint->address;
		address_set_ip(
			&endpoint->more[endpoint->n_more++], found->ai_addr, found->ai_addrlen
		);
	}
	if (endpoint->n_more)
		try_next(endpoint);
	else
		active_ended(endpoint, *reason ? reason : "the host has no IP address");
}

static void resolve(struct endpoint *endpoint)
{
	struct errbuf err;

	endpoint->resolver =
		resolver_start(endpoint->loop, endpoint->host, resolve_done, endpoint, &err);
	if (!endpoint->resolver)
		active_ended(endpoint, err.text);
}

static void timer_cb(uv_timer_t *timer)
{
	struct endpoint *endpoint = timer->data;

	set_state(endpoint, ENDPOINT_CONNECTING);
	if (endpoint->host)
		resolve(endpoint);
	else
		try_address(endpoint);
}

static int start(struct endpoint *endpoint, struct errbuf *err)
{
	const struct listener_config config = {
		.accept = accepted,
		.context = endpoint,
		.mode = endpoint->config.mode,
	};

	uv_timer_init(endpoint->loop, &endpoint->timer);
	endpoint->timer.data = endpoint;
	if (!endpoint->address.passive) {
		endpoint->state = ENDPOINT_CONNECTING;
		uv_timer_start(&endpoint->timer, timer_cb, 0, 0);
		return 0;
	}
	endpoint->state = ENDPOINT_LISTENING;
	endpoint->listener = listener_open(endpoint->loop, &endpoint->address, &config, err);
	return endpoint->listener ? 0 : err->error;
}

static void timer_closed(uv_handle_t *handle)
{
	struct endpoint *endpoint = handle->data;

	free(endpoint->last_error);
	free(endpoint->more);
	free(endpoint->host);
	free(endpoint->name);
	free(endpoint);
}

struct endpoint *endpoint_open(
	struct uv_loop_s *loop,
	const char *name,
	const struct endpoint_config *config,
	struct errbuf *err
)
{
	struct address address;
	char host[ADDRESS_HOST_SIZE];

	if (address_parse_host(name, config->default_port, &address, host, err))
		return NULL;
	if (address.tls && !config->tls) {
		errbuf_set(err, -ENOTSUP, "%s: TLS is not available here", name);
		return NULL;
	}
	/* libuv writes to sockets that the peer may have closed. */
	signal(SIGPIPE, SIG_IGN);

	struct endpoint *endpoint = XNEW(struct endpoint);

	endpoint->loop = loop;
	endpoint->name = xstrdup(name);
	endpoint->address = address;
	if (*host) {
		endpoint->host = xstrdup(host);
		endpoint->more = XNEW_N(struct address, ADDRESSES_MAX);
	}
	endpoint->config = *config;
	if (!config->max_streams)
		endpoint->config.max_streams = MAX_STREAMS;
	if (!config->mode)
		endpoint->config.mode = SOCKET_MODE;
	endpoint->probe_ms = address.sa.sa_family == AF_UNIX ? 0 : PROBE_MS;
	endpoint->backoff_ms = MIN_BACKOFF_MS;
	endpoint->max_backoff_ms = MAX_BACKOFF_MS;
	endpoint->dscp = -1;
	endpoint->since = uv_now(loop);
	CDS_INIT_LIST_HEAD(&endpoint->streams);
	if (start(endpoint, err)) {
		endpoint_close(endpoint);
		return NULL;
	}
	return endpoint;
}

void endpoint_close(struct endpoint *endpoint)
{
	if (!endpoint || endpoint->closing)
		return;
	endpoint->closing = true;
	listener_close(endpoint->listener);
	resolver_cancel(endpoint->resolver);
	connector_cancel(endpoint->connector);
	while (!cds_list_empty(&endpoint->streams))
		stream_close(stream_of_link(endpoint->streams.next), "the endpoint was closed");
	uv_close((uv_handle_t *)&endpoint->timer, timer_closed);
}

const char *endpoint_name(const struct endpoint *endpoint)
{
	return endpoint->name;
}

const char *endpoint_state_name(enum endpoint_state state)
{
	static const char *const names[] = {"LISTENING", "CONNECTING", "ACTIVE", "BACKOFF"};

	return names[state];
}

static int64_t age(const struct endpoint *endpoint, uint64_t at)
{
	return at ? (int64_t)(uv_now(endpoint->loop) - at) : -1;
}

void endpoint_get_status(const struct endpoint *endpoint, struct endpoint_status *status)
{
	*status = (struct endpoint_status){
		.state = endpoint->state,
		.n_streams = endpoint->n_streams,
		.n_accepted = endpoint->n_accepted,
		.last_error = endpoint->last_error,
		.since_ms = (int64_t)(uv_now(endpoint->loop) - endpoint->since),
		.connected_ms = age(endpoint, endpoint->connected_at),
		.disconnected_ms = age(endpoint, endpoint->disconnected_at),
		.bound_port = endpoint->listener ? listener_port(endpoint->listener) : 0,
	};
}

void endpoint_set_probe(struct endpoint *endpoint, unsigned probe_ms)
{
	struct cds_list_head *link;

	endpoint->probe_ms = probe_ms;
	cds_list_for_each(link, &endpoint->streams)
		stream_set_probe(stream_of_link(link), probe_ms);
}

void endpoint_set_dscp(struct endpoint *endpoint, unsigned dscp)
{
	struct cds_list_head *link;

	endpoint->dscp = (int)dscp;
	cds_list_for_each(link, &endpoint->streams)
		stream_set_dscp(stream_of_link(link), dscp);
}

void endpoint_set_max_backoff(struct endpoint *endpoint, unsigned backoff_ms)
{
	endpoint->max_backoff_ms = backoff_ms ? backoff_ms : 1;
	if (endpoint->backoff_ms > endpoint->max_backoff_ms)
		endpoint->backoff_ms = endpoint->max_backoff_ms;
}

void endpoint_retry(struct endpoint *endpoint)
{
	if (endpoint->state == ENDPOINT_BACKOFF)
		uv_timer_start(&endpoint->timer, timer_cb, 0, 0);
}
