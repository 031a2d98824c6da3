/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/capture/sink.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "datapath/capture/capture.h"
#include "datapath/capture/pcapng.h"
#include "datapath/drop.h"
#include "datapath/fast/parse.h"
#include "datapath/port_priv.h"
#include "lib/epoch.h"
#include "lib/flow/dptext.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"

enum {
	NAP_MS = 2, /* how often empty rings are looked at */
	WRITE_AT = 65536, /* bytes that are sent together */
	INTERFACES = 1024, /* told apart in a file */
	TIME_SIZE = 64,
};

struct sink {
	struct capture *capture;
	void (*changed)(void);
	struct strbuf out;
	bool broken; /* nobody takes it any more */
	uint64_t lost_told;
	unsigned n_interfaces;
	char (*names)[PORT_NAME_SIZE]; /* of interfaces; the first is the capture's own */
};

static void flush(struct sink *sink)
{
	const char *at = sink->out.text;
	size_t left = sink->out.length;

	while (left && !sink->broken) {
		ssize_t n = send(sink->capture->fd, at, left, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		sink->broken = n < 0;
		at += n > 0 ? n : 0;
		left -= n > 0 ? (size_t)n : 0;
	}
	strbuf_clear(&sink->out);
}

static void name_of(uint16_t port_id, char name[PORT_NAME_SIZE])
{
	epoch_online();
	const struct port *port = epoch_load(&ports_by_id[port_id % PORT_IDS]);

	snprintf(name, PORT_NAME_SIZE, "%s", port ? port->name : "(none)");
	epoch_offline();
}

static uint32_t interface_of(struct sink *sink, const char *name)
{
	for (unsigned i = 0; i < sink->n_interfaces; i++)
		if (!strcmp(sink->names[i], name))
			return i;
	if (sink->n_interfaces == INTERFACES)
		return 0;
	snprintf(sink->names[sink->n_interfaces], PORT_NAME_SIZE, "%s", name);
	pcapng_add_interface(&sink->out, name, sink->capture->config.snaplen);
	return sink->n_interfaces++;
}

static void add_block(struct sink *sink, const struct captured *packet, const char *port)
{
	uint32_t interface = interface_of(sink, port);
	char comment[256];

	if (packet->reason)
		snprintf(
			comment,
			sizeof(comment),
			"dropped at %s: %s (%s)",
			port,
			packet->reason->name,
			packet->reason->help
		);
	pcapng_add_packet(&sink->out, interface, packet, packet->reason ? comment : NULL);
}

/* "12:34:56.123456789" */
static void format_time(uint64_t ns, char text[TIME_SIZE])
{
	time_t seconds = (time_t)(ns / 1000000000);
	struct tm tm;
	size_t n;

	localtime_r(&seconds, &tm);
	n = strftime(text, TIME_SIZE, "%H:%M:%S", &tm);
	snprintf(text + n, TIME_SIZE - n, ".%09llu", (unsigned long long)(ns % 1000000000));
}

static void add_line(struct sink *sink, const struct captured *packet, const char *port)
{
	static const char *const ways[] = {
		[CAPTURE_RX] = "rx", [CAPTURE_TX] = "tx", [CAPTURE_DROPPED] = "dropped"};
	struct strbuf words = STRBUF_INIT;
	char when[TIME_SIZE];
	struct key key;

	format_time(packet->ns, when);
	strbuf_addf(
		&sink->out, "%s %s %s %u bytes: ", when, port, ways[packet->way], packet->total
	);
	if (parse_frame(packet + 1, packet->length, packet->total, 0, &key))
		strbuf_add(&words, "(no Ethernet header)");
	else
		dptext_format(&key, NULL, NULL, &words);
	/* The port has been said. */
	strbuf_add(&sink->out, dptext_headers(strbuf_text(&words)));
	if (packet->reason)
		strbuf_addf(&sink->out, " [%s: %s]", packet->reason->name, packet->reason->help);
	strbuf_add_char(&sink->out, '\n');
	strbuf_fini(&words);
}

static bool has_enough(const struct sink *sink)
{
	const struct capture *capture = sink->capture;

	return sink->broken || (capture->config.count && capture->written >= capture->config.count);
}

/* The ring with the oldest packet, or NULL. */
static struct capture_ring *oldest(const struct capture *capture, const struct captured **first)
{
	struct capture_ring *ring = NULL;

	for (unsigned i = 0; i < WORKERS_MAX; i++) {
		const struct captured *one = capture_ring_first(capture->rings[i]);

		if (one && (!ring || one->ns < (*first)->ns)) {
			*first = one;
			ring = capture->rings[i];
		}
	}
	return ring;
}

/* False if there was nothing. */
static bool write_one(struct sink *sink)
{
	struct capture *capture = sink->capture;
	const struct captured *first = NULL;
	struct capture_ring *ring = oldest(capture, &first);
	char port[PORT_NAME_SIZE];

	if (!ring || has_enough(sink))
		return false;
	name_of(first->port, port);
	if (capture->config.pcapng)
		add_block(sink, first, port);
	else
		add_line(sink, first, port);
	capture_ring_take(ring, first);
	__atomic_store_n(&capture->written, capture->written + 1, __ATOMIC_RELAXED);
	if (sink->out.length >= WRITE_AT)
		flush(sink);
	return true;
}

/* Sleeps a moment. The reader says that it has seen enough by closing its direction. */
static void nap(struct sink *sink)
{
	struct pollfd set = {.fd = sink->capture->fd, .events = POLLIN};
	char byte;

	flush(sink);
	if (poll(&set, 1, NAP_MS) > 0 && recv(sink->capture->fd, &byte, 1, MSG_DONTWAIT) <= 0)
		sink->broken = true;
}

/* Unless main was first, whose word stands. */
static void tell_enough(struct sink *sink)
{
	uint32_t runs = CAPTURE_RUNS;

	__atomic_compare_exchange_n(
		&sink->capture->state,
		&runs,
		CAPTURE_ENOUGH,
		false,
		__ATOMIC_ACQ_REL,
		__ATOMIC_ACQUIRE
	);
	sink->changed();
}

static void begin(struct sink *sink)
{
	sink->names = xcalloc(INTERFACES, PORT_NAME_SIZE);
	if (!sink->capture->config.pcapng)
		return;
	pcapng_add_section(&sink->out);
	interface_of(sink, sink->capture->config.port);
	flush(sink);
}

static void end(struct sink *sink)
{
	struct capture *capture = sink->capture;

	if (capture->config.pcapng)
		pcapng_add_statistics(&sink->out, 0, capture->written, capture_lost(capture));
	flush(sink);
	free(sink->names);
	strbuf_fini(&sink->out);
}

static void *run(void *take_sink)
{
	struct sink *sink = take_sink;

	pthread_setname_np(pthread_self(), "capture");
	epoch_register();
	epoch_offline();
	begin(sink);
	/* Main hides it without being asked when the daemon ends. */
	while (!has_enough(sink) && !capture_reached(sink->capture, CAPTURE_HIDDEN))
		if (!write_one(sink))
			nap(sink);
	tell_enough(sink);
	while (!capture_reached(sink->capture, CAPTURE_HIDDEN))
		poll(NULL, 0, NAP_MS);
	/* A reader that closed its direction still takes what was captured until then. */
	sink->broken = false;
	while (write_one(sink))
		;
	end(sink);
	epoch_online();
	epoch_unregister();
	__atomic_store_n(&sink->capture->state, CAPTURE_DONE, __ATOMIC_RELEASE);
	sink->changed();
	free(sink);
	return NULL;
}

int sink_start(struct capture *capture, void (*changed)(void))
{
	struct sink *sink = XNEW(struct sink);

	sink->capture = capture;
	sink->changed = changed;
	int error = pthread_create(&capture->thread, NULL, run, sink);

	if (error)
		free(sink);
	return -error;
}
