/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/actions/nested.h"

#include <errno.h>

#include "lib/errbuf.h"
#include "lib/strbuf.h"

void nested_decode(
	struct wire_in *in,
	const struct action_type *type,
	const struct action_wire *wire,
	struct action_list *list
)
{
	size_t at = list->n;

	action_add(list, type, 0);
	wire_skip(in, wire->pad);
	actions_decode(in, wire_left(in), list);
	action_close(list, at);
}

void nested_encode(struct wire_out *out, const struct action *action)
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

/* Instructions stand beside lists of actions, never in one. Meters are actions in OpenFlow 1.5. */
static int check_inside(const struct action_list *list, size_t at, struct errbuf *err)
{
	const struct action *outer = (const struct action *)(const void *)(list->data + at);
	const struct action_list inside = action_inside(outer);

	ACTION_FOREACH(action, &inside)
		if (action->type->step > ACTION_STEP_APPLY)
			return errbuf_set(
				err,
				-EINVAL,
				"%s: an instruction, which cannot stand in %s()",
				action->type->name,
				outer->type->name
			);
	return 0;
}

int nested_parse(
	const struct action_type *type,
	const char *text,
	const struct names *names,
	struct action_list *list,
	struct errbuf *err
)
{
	size_t at = list->n;
	int error;

	action_add(list, type, 0);
	error = actions_parse(list, text, names, err);
	action_close(list, at);
	return error ? error : check_inside(list, at, err);
}

void nested_format(const struct action *action, const struct names *names, struct strbuf *out)
{
	struct action_list inside = action_inside(action);

	strbuf_addf(out, "%s(", action->type->name);
	actions_format(&inside, names, out);
	strbuf_add_char(out, ')');
}
