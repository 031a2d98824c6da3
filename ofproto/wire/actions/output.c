/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/actions/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/flow/names.h"
#include "lib/near.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/actions/output_reg.h"
#include "ofproto/wire/actions/output_trunc.h"

static void
decode(struct wire_in *in,
       const struct action_type *type,
       const struct action_wire *wire,
       struct action_list *list)
{
	struct action_output *output = action_add(list, type, 0);

	output->port = wire_port(in);
	output->max_len = wire_u16(in);
}

static void encode(struct wire_out *out, const struct action *action)
{
	const struct action_output *output = (const struct action_output *)action;
	size_t start = action_put_begin(out, action_wire_for(action->type, out->version));

	wire_put_port(out, output->port);
	wire_put_u16(out, output->max_len);
	action_put_end(out, start);
}

/* output(port=…,max_len=…) */
static int parse_trunc(
	const char *text, const struct names *names, struct action_list *list, struct errbuf *err
)
{
	char *copy = xstrdup(text), *rest = copy, *key, *value;
	uint64_t max_len = 0;
	uint32_t port = PORT_ANY;
	int error = 0;

	while (!error && action_next_argument(&rest, &key, &value)) {
		if (!strcmp(key, "port") && value)
			error = names_parse_port(names, value, &port)
				? 0
				: errbuf_set(err, -EINVAL, "output: no port is named %s", value);
		else if (!strcmp(key, "max_len"))
			error = action_number("max_len", value, UINT32_MAX, &max_len, err);
		else
			error = errbuf_set(
				err, -EINVAL, "output: unknown key '%s' (port, max_len)", key
			);
	}
	if (!error && (port == PORT_ANY || max_len < 14))
		error = errbuf_set(
			err, -EINVAL, "output: port and max_len (14 at least) are required"
		);
	free(copy);
	if (!error)
		output_trunc_add(list, port, (uint32_t)max_len);
	return error;
}

static int no_port(const char *text, const struct names *names, struct errbuf *err)
{
	struct near near;

	near_init(&near, text);
	if (names && names->port_near)
		names->port_near(names->context, &near);
	FIELDS_FOREACH(field)
		near_add(&near, field->name);
	return near_refuse(&near, err, -EINVAL, "output: '%s' is not a port or field", text);
}

static int
parse(const struct action_type *type,
      const char *text,
      const struct names *names,
      struct action_list *list,
      struct errbuf *err)
{
	struct action_output *output;
	struct subfield source;
	uint64_t max_len = 0;
	uint32_t port;

	if (strchr(text, '='))
		return parse_trunc(text, names, list, err);
	if (!strncasecmp(text, "controller:", 11)) {
		int error = action_number("max_len", text + 11, 65535, &max_len, err);

		if (error)
			return error;
		port = PORT_CONTROLLER;
	} else if (names_parse_port(names, text, &port)) {
		max_len = port == PORT_CONTROLLER ? 65535 : 0;
	} else if (!subfield_parse(&source, text, NULL)) {
		output_reg_add(list, &source);
		return 0;
	} else {
		return no_port(text, names, err);
	}
	output = action_add(list, type, 0);
	output->port = port;
	output->max_len = (uint16_t)max_len;
	return 0;
}

static void format(const struct action *action, const struct names *names, struct strbuf *out)
{
	const struct action_output *output = (const struct action_output *)action;
	bool ordinary = output->port < PORT_MAX;

	if (ordinary)
		strbuf_add(out, "output:");
	names_format_port(names, output->port, out);
	if (output->port == PORT_CONTROLLER)
		strbuf_addf(out, ":%u", output->max_len);
}

static enum of_error check(const struct action *action, struct action_check *check)
{
	uint32_t port = ((const struct action_output *)action)->port;

	if (port >= PORT_IN_PORT && port < PORT_ANY)
		return OF_OK;
	return port && port < check->max_ports ? OF_OK : OF_BAC_BAD_OUT_PORT;
}

static const struct action_type action_output;

void output_add(struct action_list *list, uint32_t port, uint16_t max_len)
{
	struct action_output *output = action_add(list, &action_output, 0);

	output->port = port;
	output->max_len = max_len;
}

static const struct action_type action_output = {
	.name = "output",
	.help = "output:PORT, output:FIELD[FIRST..LAST] or output(port=PORT,max_len=BYTES)",
	.wires = {ACTION_OF(OF10, OF15, 0)},
	.size = sizeof(struct action_output),
	.set_slot = ACTION_SET_OUTPUT,
	.decode = decode,
	.encode = encode,
	.parse = parse,
	.format = format,
	.check = check,
};
REGISTRY_ADD(action_type, action_output);
