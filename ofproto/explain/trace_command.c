/* SPDX-License-Identifier: Apache-2.0 */

/* ofproto/trace: a packet in words, in bytes, or the next real one.  */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "datapath/punt.h"
#include "lib/command.h"
#include "lib/flow/match.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/explain/port_names.h"
#include "ofproto/explain/tracer.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/keeper/watch.h"

enum {
	WAIT_MS = 60000,
	LOOK_MS = 200, /* how soon a client that left is noticed */
	BYTES_MAX = 65536,
};

/* Somebody waits for a packet. */
struct wait {
	struct watch watch;
	struct command_call *call;
	uv_timer_t timer;
	uint64_t end_ms;
};

static const struct view_port *
find_port(const struct bridge *bridge, const struct match *match, struct errbuf *err)
{
	const struct view_port *port = view_find_port(bridge->view, match->key.base.in_port);

	if (!port)
		errbuf_set(
			err,
			-EINVAL,
			"say through which port of %s the packet comes: in_port=NAME or a number",
			bridge->name
		);
	return port;
}

/* Digits of a packet, which may be grouped by spaces, dots or colons. Returns how many bytes. */
static int parse_hex(const char *text, uint8_t *bytes)
{
	unsigned n = 0;

	for (; *text; text++) {
		static const char digits[] = "0123456789abcdef";
		const char *digit = memchr(digits, *text | 0x20, 16);

		if (strchr(" .:", *text))
			continue;
		if (!digit || n == 2 * BYTES_MAX)
			return -EINVAL;
		bytes[n / 2] = (uint8_t)(bytes[n / 2] << 4 | (digit - digits));
		n++;
	}
	return n % 2 ? -EINVAL : (int)(n / 2);
}

static json_t *trace_bytes(
	const struct bridge *bridge, const struct match *match, const char *hex, struct errbuf *err
)
{
	const struct view_port *port = find_port(bridge, match, err);
	uint8_t *bytes = xcalloc(1, BYTES_MAX);
	json_t *answer = NULL;
	struct key key;
	int n = parse_hex(hex, bytes);

	if (!port)
		;
	else if (n < 0)
		errbuf_set(
			err,
			n,
			"the packet is not in hexadecimal digits, two for each byte: give it like "
			"ffffffffffff02000000000a0806…, or \"next\" to wait for one"
		);
	else if (punt_parse(bytes, (uint32_t)n, port->slot, &key))
		errbuf_set(err, -EINVAL, "%d bytes are too few for an Ethernet header", n);
	else
		answer = tracer_run(
			bridge, &key, &(struct tracer_frame){.bytes = bytes, .n = (uint32_t)n}
		);
	free(bytes);
	return answer;
}

static json_t *
trace_words(const struct bridge *bridge, const struct match *match, struct errbuf *err)
{
	const struct view_port *port = find_port(bridge, match, err);
	struct key key = match->key;

	if (!port)
		return NULL;
	key.base.in_port = port->slot;
	key.base.blocks = key_mask_blocks(&key) & ~1;
	if (key.tunnel.options_present)
		key.base.blocks |= KEY_HAS(KEY_BLOCK_TUNNEL_OPTIONS);
	return tracer_run(bridge, &key, NULL);
}

/* Waiting. */

static void free_wait(uv_handle_t *timer)
{
	free(container_of((uv_timer_t *)timer, struct wait, timer));
}

static void end_wait(struct watch *watch)
{
	struct wait *wait = container_of(watch, struct wait, watch);
	struct bridge *bridge = bridge_at(watch->bridge);
	json_t *answer = NULL;
	struct errbuf err;

	errbuf_init(&err);
	if (watch->seen && bridge)
		answer = tracer_run(bridge, &watch->packet, NULL);
	else
		errbuf_set(
			&err,
			-ETIMEDOUT,
			"no packet like that came within %d seconds",
			WAIT_MS / 1000
		);
	command_finish(wait->call, answer, answer ? NULL : &err);
	uv_close((uv_handle_t *)&wait->timer, free_wait);
}

static void look(uv_timer_t *timer)
{
	struct wait *wait = container_of(timer, struct wait, timer);

	if (wait->watch.cancelled)
		return;
	if (wait->call->cancelled || uv_now(timer->loop) >= wait->end_ms)
		watch_cancel(&wait->watch);
}

static json_t *trace_next(
	struct command_call *call,
	const struct bridge *bridge,
	const struct match *match,
	struct errbuf *err
)
{
	const struct view_port *port = NULL;

	if (match->mask.base.in_port) {
		port = find_port(bridge, match, err);
		if (!port)
			return NULL;
	}
	struct wait *wait = xalloc_aligned(CACHE_LINE, sizeof(*wait));

	wait->call = call;
	wait->watch.bridge = bridge->index;
	wait->watch.key = match->key;
	wait->watch.mask = match->mask;
	wait->watch.key.base.in_port = port ? port->slot : 0;
	wait->watch.done = end_wait;
	uv_timer_init(uv_default_loop(), &wait->timer);
	wait->end_ms = uv_now(uv_default_loop()) + WAIT_MS;
	uv_timer_start(&wait->timer, look, LOOK_MS, LOOK_MS);
	uv_unref((uv_handle_t *)&wait->timer);
	command_defer(call);
	watch_post(&wait->watch);
	return NULL;
}

static json_t *cmd_trace(struct command_call *call, struct errbuf *err)
{
	struct bridge *bridge = bridge_of_command(call->argv[0], err);
	const char *packet = call->argc > 2 ? call->argv[2] : NULL;
	struct match match;

	if (!bridge)
		return NULL;
	keeper_catch_up();
	match_init(&match, bridge_tlv_map(bridge));
	struct names names = port_names(bridge->view);

	if (match_parse(&match, call->argv[1], &names, err))
		return NULL;
	if (packet && !strcmp(packet, "next"))
		return trace_next(call, bridge, &match, err);
	if (packet)
		return trace_bytes(bridge, &match, packet, err);
	return trace_words(bridge, &match, err);
}

MGMT_COMMAND_TEXT(
	ofproto_trace,
	"ofproto/trace",
	"BRIDGE FLOW [PACKET|next]",
	2,
	3,
	cmd_trace,
	"What would happen to a packet, step by step, and why: to one with the headers of FLOW (as in "
	"ovs-fields(7)), to the bytes of PACKET (hexadecimal), or to the next real one that matches.",
	tracer_format
);
