/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/actions/delete_field.h"

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
	struct action_delete_field *del = action_add(list, type, 0);
	struct oxm_header header = oxm_take_header(in);

	del->field = header.field;
	if (in->error || !header.field || header.has_mask || !field_is_option(header.field))
		wire_fail(in, in->error ? in->error : OF_BAC_BAD_ARGUMENT);
	/* Room for longer headers. */
	wire_skip(in, wire_left(in));
}

static void encode(struct wire_out *out, const struct action *action)
{
	size_t start = action_put_nx(out, 50);

	oxm_put_header(out, ((const struct action_delete_field *)action)->field, false);
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
	const struct field *field = field_find_numbered(text, err);
	struct action_delete_field *del;

	if (!field)
		return -EINVAL;
	if (!field_is_option(field))
		return errbuf_set(
			err, -EINVAL, "delete_field: only tun_metadata fields can be deleted"
		);
	del = action_add(list, type, 0);
	del->field = field;
	return 0;
}

static void format(const struct action *action, const struct names *names, struct strbuf *out)
{
	strbuf_addf(
		out, "delete_field:%s", ((const struct action_delete_field *)action)->field->name
	);
}

static enum of_error check(const struct action *action, struct action_check *check)
{
	return action_check_field(((const struct action_delete_field *)action)->field, check, true);
}

static const struct action_type action_delete_field = {
	.name = "delete_field",
	.help = "delete_field:tun_metadataN",
	.wires = {ACTION_NX(50)},
	.size = sizeof(struct action_delete_field),
	.decode = decode,
	.encode = encode,
	.parse = parse,
	.format = format,
	.check = check,
};
REGISTRY_ADD(action_type, action_delete_field);
