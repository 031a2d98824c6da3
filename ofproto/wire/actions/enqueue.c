/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/actions/enqueue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/flow/names.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/action_codec.h"

enum {
	SET_QUEUE = 21,
	POP_QUEUE = 5, /* Nicira's */
};

static void
decode(struct wire_in *in,
       const struct action_type *type,
       const struct action_wire *wire,
       struct action_list *list)
{
	struct action_enqueue *enqueue = action_add(list, type, 0);

	enqueue->port = wire_port(in);
	wire_skip(in, 6);
	enqueue->queue = wire_u32(in);
}

/* OpenFlow 1.1 and later say it in three actions. */
static void encode(struct wire_out *out, const struct action *action)
{
	const struct action_enqueue *enqueue = (const struct action_enqueue *)action;
	const struct action_wire set_queue = {.number = SET_QUEUE}, output = {.number = 0};
	size_t start;

	if (out->version == OF10) {
		start = action_put_begin(out, action_wire_for(action->type, OF10));
		wire_put_port(out, enqueue->port);
		wire_put_zeros(out, 6);
		wire_put_u32(out, enqueue->queue);
		action_put_end(out, start);
		return;
	}
	start = action_put_begin(out, &set_queue);
	wire_put_u32(out, enqueue->queue);
	action_put_end(out, start);
	start = action_put_begin(out, &output);
	wire_put_port(out, enqueue->port);
	wire_put_u16(out, 0);
	action_put_end(out, start);
	action_put_end(out, action_put_nx(out, POP_QUEUE));
}

static int
parse(const struct action_type *type,
      const char *text,
      const struct names *names,
      struct action_list *list,
      struct errbuf *err)
{
	char *copy = xstrdup(text), *queue = strpbrk(copy, ":,");
	struct action_enqueue *enqueue;
	uint64_t number = 0;
	uint32_t port = 0;
	int error = 0;

	if (queue)
		*queue++ = '\0';
	if (!queue || !names_parse_port(names, copy, &port))
		error = errbuf_set(err, -EINVAL, "enqueue: write enqueue:PORT:QUEUE");
	else
		error = action_number("queue", queue, UINT32_MAX - 1, &number, err);
	free(copy);
	if (error)
		return error;
	enqueue = action_add(list, type, 0);
	enqueue->port = port;
	enqueue->queue = (uint32_t)number;
	return 0;
}

static void format(const struct action *action, const struct names *names, struct strbuf *out)
{
	const struct action_enqueue *enqueue = (const struct action_enqueue *)action;

	strbuf_add(out, "enqueue:");
	names_format_port(names, enqueue->port, out);
	strbuf_addf(out, ":%u", enqueue->queue);
}

static enum of_error check(const struct action *action, struct action_check *check)
{
	uint32_t port = ((const struct action_enqueue *)action)->port;

	if (port == PORT_IN_PORT || port == PORT_LOCAL)
		return OF_OK;
	return port && port < check->max_ports ? OF_OK : OF_BAC_BAD_OUT_PORT;
}

static const struct action_type action_enqueue = {
	.name = "enqueue",
	.help = "enqueue:PORT:QUEUE",
	.wires = {ACTION_OF(OF10, OF10, 11)},
	.size = sizeof(struct action_enqueue),
	.decode = decode,
	.encode = encode,
	.parse = parse,
	.format = format,
	.check = check,
};
REGISTRY_ADD(action_type, action_enqueue);
