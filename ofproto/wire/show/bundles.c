/* SPDX-License-Identifier: Apache-2.0 */

/* Bundles, and the messages inside of them and of requestforward.  */

#include <stdlib.h>
#include <string.h>

#include "lib/flow/field.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/show/show_priv.h"

static const struct show_bit flags[] = {
	{1, "atomic"},
	{2, "ordered"},
	{0, NULL},
};

static void show_control(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	static const char *const types[] = {
		"OPEN_REQUEST",
		"OPEN_REPLY",
		"CLOSE_REQUEST",
		"CLOSE_REPLY",
		"COMMIT_REQUEST",
		"COMMIT_REPLY",
		"DISCARD_REQUEST",
		"DISCARD_REPLY",
	};
	const struct of_bundle_control *m = &body->bundle_control;

	strbuf_addf(out, "\n bundle_id=%#x type=", m->bundle_id);
	if (m->type < ARRAY_LENGTH(types))
		strbuf_add(out, types[m->type]);
	else
		strbuf_addf(out, "%u", m->type);
	strbuf_add(out, " flags=");
	show_bits(flags, m->flags, ' ', out);
	strbuf_add_char(out, '\n');
}

static void show_add(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct of_bundle_add *m = &body->bundle_add;

	strbuf_addf(out, "\n bundle_id=%#x flags=", m->bundle_id);
	show_bits(flags, m->flags, ' ', out);
	strbuf_add_char(out, '\n');
	show_message(show, m->message.data, m->message.n, out);
}

/* What another controller changed: a group or a meter. */
static void show_forward(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct wire_bytes *request = &body->requestforward.request;
	union message_body *inner = XNEW(union message_body);
	struct message_head inner_head;
	enum of_error error = message_decode(request->data, request->n, NULL, &inner_head, inner);

	strbuf_add(out, " reason=");
	if (!error && inner_head.type->id == MESSAGE_GROUP_MOD) {
		strbuf_add(out, "group_mod");
		strbuf_add(out, "\n ");
		show_group_mod(show, &inner->group_mod, out);
	} else if (!error && inner_head.type->id == MESSAGE_METER_MOD) {
		strbuf_add(out, "meter_mod");
		show_meter_mod(&inner->meter_mod, out);
	} else {
		strbuf_add(out, "unknown");
	}
	message_fini(&inner_head, inner);
	free(inner);
}

MESSAGE_SHOW(bundle_control, MESSAGE_BUNDLE_CONTROL, show_control);
MESSAGE_SHOW(bundle_add, MESSAGE_BUNDLE_ADD, show_add);
MESSAGE_SHOW(requestforward, MESSAGE_REQUESTFORWARD, show_forward);
