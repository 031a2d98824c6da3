/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/actions/stack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/strbuf.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/oxm.h"

static void
decode(struct wire_in *in,
       const struct action_type *type,
       const struct action_wire *wire,
       struct action_list *list)
{
	struct action_stack *stack = action_add(list, type, 0);
	uint16_t first = wire_u16(in);
	struct oxm_header header = oxm_take_header(in);
	uint16_t bits = wire_u16(in);

	stack->sub = (struct subfield){header.field, first, bits};
	if (in->error || !header.field || header.has_mask || !subfield_is_valid(&stack->sub))
		wire_fail(in, in->error ? in->error : OF_BAC_BAD_ARGUMENT);
}

static void encode(struct wire_out *out, const struct action *action)
{
	const struct action_stack *stack = (const struct action_stack *)action;
	size_t start = action_put_begin(out, &action->type->wires[0]);

	wire_put_u16(out, stack->sub.first);
	oxm_put_header(out, stack->sub.field, false);
	wire_put_u16(out, stack->sub.bits);
	if (out->n - start < 24)
		wire_put_zeros(out, 24 - (out->n - start));
	action_put_end(out, start);
}

static int
parse(const struct action_type *type,
      const char *text,
      const struct names *names,
      struct action_list *list,
      struct errbuf *err)
{
	struct action_stack *stack;
	struct subfield sub;
	int error = subfield_parse(&sub, text, err);

	if (error)
		return error;
	stack = action_add(list, type, 0);
	stack->sub = sub;
	return 0;
}

static void format(const struct action *action, const struct names *names, struct strbuf *out)
{
	strbuf_addf(out, "%s:", action->type->name);
	subfield_format(&((const struct action_stack *)action)->sub, out);
}

static enum of_error check_push(const struct action *action, struct action_check *check)
{
	return action_check_field(((const struct action_stack *)action)->sub.field, check, false);
}

static enum of_error check_pop(const struct action *action, struct action_check *check)
{
	return action_check_field(((const struct action_stack *)action)->sub.field, check, true);
}

static const struct action_type action_push = {
	.name = "push",
	.help = "push:FIELD[FIRST..LAST]",
	.wires = {ACTION_NX(27)},
	.size = sizeof(struct action_stack),
	.decode = decode,
	.encode = encode,
	.parse = parse,
	.format = format,
	.check = check_push,
};
REGISTRY_ADD(action_type, action_push);

static const struct action_type action_pop = {
	.name = "pop",
	.help = "pop:FIELD[FIRST..LAST]",
	.wires = {ACTION_NX(28)},
	.size = sizeof(struct action_stack),
	.decode = decode,
	.encode = encode,
	.parse = parse,
	.format = format,
	.check = check_pop,
};
REGISTRY_ADD(action_type, action_pop);
