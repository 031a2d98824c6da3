/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/capture/capture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <uv.h>

#include "datapath/capture/remains.h"
#include "datapath/capture/sink.h"
#include "datapath/capture/take.h"
#include "lib/epoch.h"
#include "lib/errbuf.h"
#include "lib/xmalloc.h"

enum {
	CAPTURES_MAX = 8, /* at a time */
};

static struct capture *all;
static unsigned n_all;
static uv_async_t async;
static bool has_async;

static bool is_for(const struct capture *capture, const struct port *port)
{
	return !capture->hidden && (capture->config.ways & (CAPTURE_RX | CAPTURE_TX)) &&
		(!strcmp(capture->config.port, "any") || !strcmp(capture->config.port, port->name));
}

static bool mourns(const struct capture *capture, const struct port *unused)
{
	return !capture->hidden && (capture->config.ways & CAPTURE_DROPPED);
}

static void set_list(
	const struct capture_list **place,
	bool (*wants)(const struct capture *capture, const struct port *port),
	const struct port *port
)
{
	const struct capture_list *old = *place;
	struct capture_list *list = xcalloc(1, sizeof(*list) + n_all * sizeof(list->captures[0]));

	for (struct capture *capture = all; capture; capture = capture->next)
		if (wants(capture, port))
			list->captures[list->n++] = capture;
	if (!list->n) {
		free(list);
		list = NULL;
	}
	epoch_store(place, list);
	epoch_free((void *)old, free);
}

static void set_port(struct port *port, void *unused)
{
	set_list(&port->captures, is_for, port);
}

/* Workers see the captures there are now. */
static void publish(void)
{
	port_foreach(set_port, NULL);
	set_list(&capture_mourners, mourns, NULL);
}

static void hide(struct capture *capture)
{
	if (capture->hidden)
		return;
	capture->hidden = true;
	publish();
	epoch_wait();
	__atomic_store_n(&capture->state, CAPTURE_HIDDEN, __ATOMIC_RELEASE);
}

static void end(struct capture *capture)
{
	struct capture **at = &all;

	while (*at != capture)
		at = &(*at)->next;
	*at = capture->next;
	n_all--;
	/* It has nothing left to do but to return. */
	pthread_join(capture->thread, NULL);
	capture->done(capture);
}

/* Some thread has come to its next state. */
static void look(uv_async_t *unused)
{
	struct capture *next;

	for (struct capture *capture = all; capture; capture = next) {
		next = capture->next;
		if (capture_reached(capture, CAPTURE_DONE))
			end(capture);
		else if (capture_reached(capture, CAPTURE_ENOUGH))
			hide(capture);
	}
}

static void wake_main(void)
{
	uv_async_send(&async);
}

static bool find_port(const struct capture_config *config, struct errbuf *err)
{
	if (!strcmp(config->port, "any") || port_find(config->port))
		return true;
	errbuf_set(
		err,
		-ENOENT,
		"there is no port named '%s' with packets of its own: \"any\" stands for all; what goes "
		"through a patch port is seen where it comes in and leaves",
		config->port
	);
	return false;
}

void capture_free(struct capture *capture)
{
	for (unsigned i = 0; i < WORKERS_MAX; i++)
		capture_ring_free(capture->rings[i]);
	close(capture->fd);
	free(capture);
}

struct capture *capture_start(
	const struct capture_config *config,
	int take_fd,
	void (*done)(struct capture *capture),
	void *context,
	struct errbuf *err
)
{
	struct capture *capture = xalloc_aligned(CACHE_LINE, sizeof(*capture));
	int error = -EBUSY;

	capture->config = *config;
	capture->fd = take_fd;
	capture->done = done;
	capture->context = context;
	for (unsigned i = 0; i < WORKERS_MAX; i++)
		capture->rings[i] = capture_ring_new();
	if (!find_port(config, err)) {
		capture_free(capture);
		return NULL;
	}
	if (!has_async) {
		uv_async_init(uv_default_loop(), &async, look);
		uv_unref((uv_handle_t *)&async);
		has_async = true;
	}
	if (n_all < CAPTURES_MAX)
		error = sink_start(capture, wake_main);
	if (error) {
		capture_free(capture);
		errbuf_set(
			err,
			error,
			"no more than %d captures run at a time (capture/show lists them)",
			CAPTURES_MAX
		);
		return NULL;
	}
	capture->next = all;
	all = capture;
	n_all++;
	publish();
	return capture;
}

uint64_t capture_lost(const struct capture *capture)
{
	uint64_t lost = 0;

	for (unsigned i = 0; i < WORKERS_MAX; i++)
		lost += __atomic_load_n(&capture->rings[i]->lost, __ATOMIC_RELAXED);
	return lost;
}

void capture_foreach(void (*visit)(const struct capture *capture, void *context), void *context)
{
	for (const struct capture *capture = all; capture; capture = capture->next)
		visit(capture, context);
}

void captures_stop(void)
{
	while (all) {
		struct capture *capture = all;

		hide(capture);
		/* A reader that takes nothing is not waited for. */
		shutdown(capture->fd, SHUT_RDWR);
		epoch_offline();
		pthread_join(capture->thread, NULL);
		epoch_online();
		all = capture->next;
		n_all--;
		capture->done(capture);
	}
	if (has_async)
		uv_close((uv_handle_t *)&async, NULL);
	has_async = false;
}

void captures_add_port(struct port *port)
{
	remains_forget_port(port->id);
	set_port(port, NULL);
}

void captures_del_port(struct port *port)
{
	free((void *)port->captures);
	port->captures = NULL;
}
