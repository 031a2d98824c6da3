/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/actions/output_trunc.h"

#include <errno.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/flow/names.h"
#include "lib/strbuf.h"
#include "ofproto/wire/action_codec.h"

static void
decode(struct wire_in *in,
       const struct action_type *type,
       const struct action_wire *wire,
       struct action_list *list)
{
	struct action_output_trunc *output = action_add(list, type, 0);

	output->port = field_port_from16(wire_u16(in));
	output->max_len = wire_u32(in);
	if (!in->error && output->max_len < 14)
		wire_fail(in, OF_BAC_BAD_ARGUMENT);
}

static void encode(struct wire_out *out, const struct action *action)
{
	const struct action_output_trunc *output = (const struct action_output_trunc *)action;
	size_t start = action_put_nx(out, 39);

	wire_put_u16(out, field_port_to16(output->port));
	wire_put_u32(out, output->max_len);
	action_put_end(out, start);
}

static int
parse(const struct action_type *type,
      const char *text,
      const struct names *names,
      struct action_list *list,
      struct errbuf *err)
{
	return errbuf_set(err, -EINVAL, "write output(port=PORT,max_len=BYTES)");
}

static void format(const struct action *action, const struct names *names, struct strbuf *out)
{
	const struct action_output_trunc *output = (const struct action_output_trunc *)action;

	strbuf_add(out, "output(port=");
	names_format_port(names, output->port, out);
	strbuf_addf(out, ",max_len=%u)", output->max_len);
}

static enum of_error check(const struct action *action, struct action_check *check)
{
	uint32_t port = ((const struct action_output_trunc *)action)->port;

	if (port == PORT_IN_PORT || port == PORT_LOCAL)
		return OF_OK;
	return port && port < check->max_ports ? OF_OK : OF_BAC_BAD_OUT_PORT;
}

static const struct action_type action_output_trunc = {
	.name = "output_trunc",
	.help = "output(port=PORT,max_len=BYTES)",
	.wires = {ACTION_NX(39)},
	.size = sizeof(struct action_output_trunc),
	.set_slot = ACTION_SET_OUTPUT,
	.decode = decode,
	.encode = encode,
	.parse = parse,
	.format = format,
	.check = check,
};
REGISTRY_ADD(action_type, action_output_trunc);

void output_trunc_add(struct action_list *list, uint32_t port, uint32_t max_len)
{
	struct action_output_trunc *output = action_add(list, &action_output_trunc, 0);

	output->port = port;
	output->max_len = max_len;
}
