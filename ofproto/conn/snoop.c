/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/conn/snoop.h"

#include <stdlib.h>

#include "lib/stream/stream.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/wire/wire.h"

enum {
	BACKLOG_MAX = 4 << 20
};

struct snoop {
	struct cds_list_head in_bridge;
	struct stream *stream;
};

/* It need not say anything but hello, which is of no interest. */
static void on_data(void *snoop, const char *bytes, size_t n) {}

static void on_closed(void *snoop_, const char *reason)
{
	struct snoop *snoop = snoop_;

	cds_list_del(&snoop->in_bridge);
	free(snoop);
}

static const struct stream_handler handler = {
	.data = on_data,
	.closed = on_closed,
};

void snoop_open(struct bridge *bridge, struct stream *stream)
{
	/* All versions, by a bitmap: messages of any may follow. */
	static const uint8_t hello[] = {OF15, 0, 0, 16, 0, 0, 0, 0, 0, 1, 0, 8, 0, 0, 0, 0x7e};
	struct snoop *snoop = XNEW(struct snoop);

	snoop->stream = stream;
	cds_list_add_tail(&snoop->in_bridge, &bridge->snoops);
	stream_set_handler(stream, &handler, snoop);
	stream_send(stream, hello, sizeof(hello));
}

void snoop_show(struct bridge *bridge, const uint8_t *messages, size_t n)
{
	struct snoop *snoop;

	cds_list_for_each_entry(snoop, &bridge->snoops, in_bridge)
		if (stream_backlog(snoop->stream) < BACKLOG_MAX)
			stream_send(snoop->stream, messages, n);
}

void snoop_stop(struct bridge *bridge)
{
	struct snoop *snoop, *next;

	cds_list_for_each_entry_safe(snoop, next, &bridge->snoops, in_bridge)
		stream_close(snoop->stream, "the bridge is gone");
}
