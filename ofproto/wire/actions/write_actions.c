/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/strbuf.h"
#include "ofproto/wire/action_codec.h"

/* write_actions: the actions inside go into the action set.  */

static void
decode(struct wire_in *in,
       const struct action_type *type,
       const struct action_wire *wire,
       struct action_list *list)
{
	size_t at = list->n;

	action_add(list, type, 0);
	wire_skip(in, wire->pad);
	actions_decode(in, wire_left(in), list);
	action_close(list, at);
}

static void encode(struct wire_out *out, const struct action *action)
{
	const struct action_wire *wire = action_wire_for(action->type, out->version);
	struct action_list inside = action_inside(action);
	size_t start;

	if (!wire)
		return;
	start = action_put_begin(out, wire);
	wire_put_zeros(out, wire->pad);
	actions_encode(out, &inside);
	action_put_end(out, start);
}

static int
parse(const struct action_type *type,
      const char *text,
      const struct names *names,
      struct action_list *list,
      struct errbuf *err)
{
	size_t at = list->n;
	int error;

	action_add(list, type, 0);
	error = actions_parse(list, text, names, err);
	action_close(list, at);
	return error;
}

static void format(const struct action *action, const struct names *names, struct strbuf *out)
{
	struct action_list inside = action_inside(action);

	strbuf_addf(out, "%s(", action->type->name);
	actions_format(&inside, names, out);
	strbuf_add_char(out, ')');
}

static enum of_error check(const struct action *action, struct action_check *check)
{
	struct action_list inside = action_inside(action);
	bool strict = check->strict;
	enum of_error error = OF_OK;

	ACTION_FOREACH(inner, &inside)
		if (!inner->type->set_slot)
			return OF_BAC_UNSUPPORTED_ORDER;
	/* When they will run is not known, so neither is what the packet will be. */
	check->strict = false;
	error = actions_check(&inside, check);
	check->strict = strict;
	return error;
}

static const struct action_type action_write_actions = {
	.name = "write_actions",
	.help = "write_actions(ACTION,…)",
	.wires = {ACTION_INSTRUCTION(OF11, OF15, 3, .pad = 4)},
	.size = sizeof(struct action),
	.step = ACTION_STEP_WRITE,
	.decode = decode,
	.encode = encode,
	.parse = parse,
	.format = format,
	.check = check,
};
REGISTRY_ADD(action_type, action_write_actions);
