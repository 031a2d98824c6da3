/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/actions/write_metadata.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/action_codec.h"

static void
decode(struct wire_in *in,
       const struct action_type *type,
       const struct action_wire *wire,
       struct action_list *list)
{
	struct action_write_metadata *write = action_add(list, type, 0);

	wire_skip(in, wire->pad);
	write->value = wire_u64(in);
	write->mask = wire_u64(in);
}

static void encode(struct wire_out *out, const struct action *action)
{
	const struct action_write_metadata *write = (const struct action_write_metadata *)action;
	const struct action_wire *wire = action_wire_for(action->type, out->version);
	size_t start = action_put_begin(out, wire);

	wire_put_zeros(out, wire->pad);
	wire_put_u64(out, write->value);
	wire_put_u64(out, write->mask);
	action_put_end(out, start);
}

static int
parse(const struct action_type *type,
      const char *text,
      const struct names *names,
      struct action_list *list,
      struct errbuf *err)
{
	char *copy = xstrdup(text), *slash = strchr(copy, '/');
	uint64_t value, mask = UINT64_MAX;
	struct action_write_metadata *write;
	int error;

	if (slash)
		*slash++ = '\0';
	error = action_number("write_metadata", copy, UINT64_MAX, &value, err);
	if (!error && slash)
		error = action_number("write_metadata", slash, UINT64_MAX, &mask, err);
	free(copy);
	if (error)
		return error;
	write = action_add(list, type, 0);
	write->value = value;
	write->mask = mask;
	return 0;
}

static void format(const struct action *action, const struct names *names, struct strbuf *out)
{
	const struct action_write_metadata *write = (const struct action_write_metadata *)action;

	strbuf_addf(out, "write_metadata:%#llx", (unsigned long long)write->value);
	if (write->mask != UINT64_MAX)
		strbuf_addf(out, "/%#llx", (unsigned long long)write->mask);
}

static const struct action_type action_write_metadata = {
	.name = "write_metadata",
	.help = "write_metadata:VALUE[/MASK]",
	.wires = {ACTION_INSTRUCTION(OF11, OF15, 2, .pad = 4), ACTION_NX(22, .pad = 6)},
	.size = sizeof(struct action_write_metadata),
	.step = ACTION_STEP_METADATA,
	.decode = decode,
	.encode = encode,
	.parse = parse,
	.format = format,
};
REGISTRY_ADD(action_type, action_write_metadata);
