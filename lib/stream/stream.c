/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/stream/stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <uv.h>

#include "lib/errbuf.h"
#include "lib/strbuf.h"
#include "lib/stream/address.h"
#include "lib/stream/stream_priv.h"
#include "lib/stream/tls_priv.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

enum {
	READ_SIZE = 65536,
	HANDSHAKE_MS = 10000,
	FINISH_MS = 5000,
	/* After a stall of ours, what the peer sent in time is read before it is judged. */
	GRACE_MS = 50,
	/* An output buffer that grew beyond this is given back when it is empty. */
	KEEP_SIZE = 65536
};

enum state {
	STREAM_HANDSHAKE,
	STREAM_OPEN,
	STREAM_FINISHING, /* sends the rest, then closes */
	STREAM_FAILED, /* closes when the loop comes by */
	STREAM_CLOSED
};

struct stream {
	union {
		uv_handle_t handle;
		uv_stream_t stream;
		uv_pipe_t pipe;
		uv_tcp_t tcp;
	} uv;
	uv_timer_t timer; /* by state: handshake, probe, finish or fail */
	unsigned n_handles; /* not closed yet */
	enum state state;
	bool was_up;
	bool reading, paused, probed, grace;
	bool corked; /* what is sent waits for the end of the handler */
	bool writing; /* 'in_flight' belongs to libuv */
	uv_write_t write;
	char *in_flight;
	struct strbuf pending; /* to be written after 'in_flight' */
	struct tls_session *tls;
	const struct stream_handler *handler;
	void *owner;
	const struct stream_watcher *watcher;
	void *context;
	struct cds_list_head link;
	unsigned probe_ms;
	uint64_t last_received; /* uv_now() */
	char *reason;
	char peer[ADDRESS_TEXT_SIZE];
};

/* The main thread has one loop and handlers consume what they are given: one buffer is enough. */
static char read_buffer[READ_SIZE];

static void timer_cb(uv_timer_t *timer);

static void handle_closed(uv_handle_t *handle)
{
	struct stream *stream = handle->data;

	if (--stream->n_handles)
		return;
	tls_session_free(stream->tls);
	strbuf_fini(&stream->pending);
	free(stream->in_flight);
	free(stream->reason);
	free(stream);
}

void stream_close(struct stream *stream, const char *reason)
{
	if (stream->state == STREAM_CLOSED)
		return;
	stream->state = STREAM_CLOSED;
	char *text = xstrdup(reason);

	if (stream->handler)
		stream->handler->closed(stream->owner, text);
	stream->watcher->ended(stream->context, stream, stream->was_up, text);
	free(text);
	uv_close(&stream->uv.handle, handle_closed);
	uv_close((uv_handle_t *)&stream->timer, handle_closed);
}

static void set_reason(struct stream *stream, const char *reason)
{
	char *text = xstrdup(reason);

	free(stream->reason);
	stream->reason = text;
}

static void stop_reading(struct stream *stream)
{
	if (stream->reading)
		uv_read_stop(&stream->uv.stream);
	stream->reading = false;
}

void stream_fail(struct stream *stream, const char *reason)
{
	if (stream->state >= STREAM_FAILED)
		return;
	stream->state = STREAM_FAILED;
	set_reason(stream, reason);
	stop_reading(stream);
	uv_timer_start(&stream->timer, timer_cb, 0, 0);
}

size_t stream_backlog(const struct stream *stream)
{
	size_t queued = stream->writing ? uv_stream_get_write_queue_size(&stream->uv.stream) : 0;

	return queued + stream->pending.length;
}

static void write_cb(uv_write_t *write, int status);

static void start_write(struct stream *stream, size_t skip)
{
	size_t n = stream->pending.length - skip;

	free(stream->in_flight);
	stream->in_flight = strbuf_steal(&stream->pending);
	uv_buf_t buf = uv_buf_init(stream->in_flight + skip, n);
	int error = uv_write(&stream->write, &stream->uv.stream, &buf, 1, write_cb);

	if (error) {
		stream_fail(stream, uv_strerror(error));
		return;
	}
	stream->writing = true;
}

/* Hands what is pending to the kernel or, as far as that is full, to libuv. Never calls back. */
static void flush(struct stream *stream)
{
	if (stream->writing || stream->corked || !stream->pending.length)
		return;
	uv_buf_t buf = uv_buf_init(stream->pending.text, stream->pending.length);
	int n = uv_try_write(&stream->uv.stream, &buf, 1);

	if (n == UV_EAGAIN)
		n = 0;
	if (n < 0) {
		strbuf_fini(&stream->pending);
		stream_fail(stream, uv_strerror(n));
	} else if ((size_t)n < stream->pending.length) {
		start_write(stream, n);
	} else if (stream->pending.size > KEEP_SIZE) {
		strbuf_fini(&stream->pending);
	} else {
		strbuf_clear(&stream->pending);
	}
}

/* Everything has gone out. */
static void emptied(struct stream *stream)
{
	if (stream->state == STREAM_FINISHING)
		stream_close(stream, stream->reason);
	else if (stream->state == STREAM_OPEN && stream->handler && stream->handler->drained)
		stream->handler->drained(stream->owner);
}

static void write_cb(uv_write_t *write, int status)
{
	struct stream *stream = write->data;

	stream->writing = false;
	free(stream->in_flight);
	stream->in_flight = NULL;
	if (stream->state >= STREAM_FAILED)
		return;
	if (status < 0) {
		stream_close(stream, uv_strerror(status));
		return;
	}
	flush(stream);
	if (!stream_backlog(stream))
		emptied(stream);
}

static void uncork(struct stream *stream)
{
	bool had_output = stream->pending.length > 0;

	stream->corked = false;
	if (stream->state >= STREAM_FAILED)
		return;
	flush(stream);
	if ((had_output || stream->state == STREAM_FINISHING) && !stream_backlog(stream))
		emptied(stream);
}

void stream_send(struct stream *stream, const void *bytes, size_t n)
{
	struct errbuf err;

	if (stream->state != STREAM_OPEN || !n)
		return;
	if (!stream->tls)
		strbuf_add_n(&stream->pending, bytes, n);
	else if (tls_session_send(stream->tls, bytes, n, &stream->pending, &err))
		stream_fail(stream, err.text);
	flush(stream);
}

void stream_finish(struct stream *stream, const char *reason)
{
	if (stream->state >= STREAM_FINISHING)
		return;
	if (stream->state == STREAM_HANDSHAKE) {
		stream_fail(stream, reason);
		return;
	}
	set_reason(stream, reason);
	if (stream->tls)
		tls_session_shutdown(stream->tls, &stream->pending);
	stop_reading(stream);
	flush(stream);
	if (stream->state != STREAM_OPEN)
		return;
	if (!stream_backlog(stream)) {
		stream_fail(stream, reason);
		return;
	}
	stream->state = STREAM_FINISHING;
	uv_timer_start(&stream->timer, timer_cb, FINISH_MS, 0);
}

static void arm_probe(struct stream *stream, uint64_t after_ms)
{
	if (stream->state != STREAM_OPEN)
		return;
	bool wanted =
		stream->probe_ms && !stream->paused && stream->handler && stream->handler->idle;

	if (wanted)
		uv_timer_start(&stream->timer, timer_cb, after_ms, 0);
	else
		uv_timer_stop(&stream->timer);
}

static void probe(struct stream *stream)
{
	char reason[80];
	uint64_t silent = uv_now(stream->timer.loop) - stream->last_received;

	if (silent < stream->probe_ms) {
		arm_probe(stream, stream->probe_ms - silent);
	} else if (!stream->probed) {
		stream->probed = true;
		arm_probe(stream, stream->probe_ms);
		stream->handler->idle(stream->owner);
	} else if (!stream->grace) {
		stream->grace = true;
		arm_probe(stream, GRACE_MS);
	} else {
		snprintf(
			reason,
			sizeof(reason),
			"the peer has been silent for %llu ms and does not answer a probe",
			(unsigned long long)silent
		);
		stream_close(stream, reason);
	}
}

static void timer_cb(uv_timer_t *timer)
{
	struct stream *stream = timer->data;

	switch (stream->state) {
	case STREAM_HANDSHAKE:
		stream_close(stream, "the TLS handshake was not completed in 10 s");
		break;
	case STREAM_OPEN:
		probe(stream);
		break;
	case STREAM_FINISHING:
	case STREAM_FAILED:
		stream_close(stream, stream->reason);
		break;
	case STREAM_CLOSED:
		break;
	}
}

static void opened(struct stream *stream)
{
	stream->state = STREAM_OPEN;
	stream->was_up = true;
	uv_timer_stop(&stream->timer);
	stream->last_received = uv_now(stream->timer.loop);
	stream->watcher->up(stream->context, stream);
}

static void deliver(struct stream *stream, const char *bytes, size_t n)
{
	if (stream->handler && n)
		stream->handler->data(stream->owner, bytes, n);
}

static void receive_tls(struct stream *stream, const char *bytes, size_t n)
{
	struct strbuf plain = STRBUF_INIT;
	struct errbuf err;
	int error = tls_session_receive(stream->tls, bytes, n, &plain, &stream->pending, &err);

	if (!error && stream->state == STREAM_HANDSHAKE && tls_session_is_up(stream->tls))
		opened(stream);
	if (stream->state == STREAM_OPEN)
		deliver(stream, plain.text, plain.length);
	strbuf_fini(&plain);
	if (error == -ESHUTDOWN) {
		stream_finish(stream, err.text);
	} else if (error && stream->state < STREAM_FAILED) {
		/* An alert may be on its way out: it tells the peer what it did wrong. */
		stream->corked = false;
		flush(stream);
		stream_fail(stream, err.text);
	}
}

static void alloc_cb(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	*buf = uv_buf_init(read_buffer, sizeof(read_buffer));
}

static void read_cb(uv_stream_t *uv, ssize_t n, const uv_buf_t *buf)
{
	struct stream *stream = uv->data;

	if (n == 0 || stream->state >= STREAM_FINISHING)
		return;
	if (n == UV_EOF) {
		stream_finish(stream, "closed by the peer");
		return;
	}
	if (n < 0) {
		stream_close(stream, uv_strerror(n));
		return;
	}
	stream->last_received = uv_now(stream->timer.loop);
	stream->probed = false;
	stream->grace = false;
	stream->corked = true;
	if (stream->tls)
		receive_tls(stream, buf->base, n);
	else
		deliver(stream, buf->base, n);
	uncork(stream);
}

static void start_reading(struct stream *stream)
{
	if (stream->reading || stream->paused || stream->state > STREAM_OPEN)
		return;
	stream->reading = true;
	uv_read_start(&stream->uv.stream, alloc_cb, read_cb);
}

void stream_pause(struct stream *stream)
{
	stream->paused = true;
	stop_reading(stream);
	arm_probe(stream, 0);
}

void stream_resume(struct stream *stream)
{
	if (!stream->paused)
		return;
	stream->paused = false;
	stream->probed = false;
	stream->last_received = uv_now(stream->timer.loop);
	start_reading(stream);
	arm_probe(stream, stream->probe_ms);
}

void stream_set_handler(struct stream *stream, const struct stream_handler *handler, void *owner)
{
	stream->handler = handler;
	stream->owner = owner;
	arm_probe(stream, stream->probe_ms);
}

void stream_set_probe(struct stream *stream, unsigned probe_ms)
{
	stream->probe_ms = probe_ms;
	arm_probe(stream, probe_ms);
}

void stream_set_dscp(struct stream *stream, unsigned dscp)
{
	int tos = (int)(dscp << 2), fd;

	if (uv_fileno(&stream->uv.handle, &fd))
		return;
	/* One of them is the socket's own family, the other fails. */
	setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof(tos));
	setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof(tos));
}

const char *stream_peer(const struct stream *stream)
{
	return stream->peer;
}

const char *stream_peer_subject(const struct stream *stream)
{
	return stream->tls ? tls_session_subject(stream->tls) : NULL;
}

static void name_peer(struct stream *stream, int fd, bool tls)
{
	struct address address = {.tls = tls, .length = sizeof(address.storage)};
	struct ucred cred;
	socklen_t length = sizeof(cred);

	if (getpeername(fd, &address.sa, &address.length))
		snprintf(stream->peer, sizeof(stream->peer), "unknown");
	else if (address.sa.sa_family != AF_UNIX)
		address_format(&address, stream->peer, sizeof(stream->peer));
	else if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &length))
		snprintf(stream->peer, sizeof(stream->peer), "unix");
	else
		snprintf(stream->peer, sizeof(stream->peer), "unix:%d", (int)cred.pid);
}

static void init_handles(struct stream *stream, struct uv_loop_s *loop, int fd, bool local)
{
	if (local) {
		uv_pipe_init(loop, &stream->uv.pipe, 0);
		uv_pipe_open(&stream->uv.pipe, fd);
	} else {
		uv_tcp_init(loop, &stream->uv.tcp);
		uv_tcp_open(&stream->uv.tcp, fd);
		/* These fail on a connection that is gone already; reading will say so. */
		uv_tcp_nodelay(&stream->uv.tcp, 1);
		uv_tcp_keepalive(&stream->uv.tcp, 1, 60);
	}
	uv_timer_init(loop, &stream->timer);
	stream->n_handles = 2;
	stream->uv.handle.data = stream;
	stream->timer.data = stream;
	stream->write.data = stream;
	stream->last_received = uv_now(loop);
}

struct stream *stream_new(
	struct uv_loop_s *loop,
	int take_fd,
	const struct address *address,
	struct tls *tls,
	const struct stream_watcher *watcher,
	void *context
)
{
	struct stream *stream = XNEW(struct stream);
	struct errbuf err;

	stream->watcher = watcher;
	stream->context = context;
	CDS_INIT_LIST_HEAD(&stream->link);
	name_peer(stream, take_fd, address->tls);
	init_handles(stream, loop, take_fd, address->sa.sa_family == AF_UNIX);
	uv_timer_start(&stream->timer, timer_cb, HANDSHAKE_MS, 0);
	if (address->tls) {
		stream->tls = tls_session_new(tls, address->passive, &stream->pending, &err);
		if (!stream->tls)
			stream_fail(stream, err.text);
	}
	return stream;
}

void stream_start(struct stream *stream)
{
	if (!stream->tls && stream->state == STREAM_HANDSHAKE)
		opened(stream);
	flush(stream);
	start_reading(stream);
}

struct cds_list_head *stream_link(struct stream *stream)
{
	return &stream->link;
}

struct stream *stream_of_link(struct cds_list_head *link)
{
	return container_of(link, struct stream, link);
}
