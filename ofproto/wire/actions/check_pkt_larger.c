/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/actions/check_pkt_larger.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/action_codec.h"
#include "ofproto/wire/oxm.h"

static void
decode(struct wire_in *in,
       const struct action_type *type,
       const struct action_wire *wire,
       struct action_list *list)
{
	struct action_check_pkt_larger *larger = action_add(list, type, 0);
	struct oxm_header header;
	uint16_t first;

	larger->length = wire_u16(in);
	first = wire_u16(in);
	header = oxm_take_header(in);
	larger->dst = (struct subfield){header.field, first, 1};
	if (in->error || !header.field || header.has_mask || !subfield_is_valid(&larger->dst))
		wire_fail(in, in->error ? in->error : OF_BAC_BAD_ARGUMENT);
}

static void encode(struct wire_out *out, const struct action *action)
{
	const struct action_check_pkt_larger *larger =
		(const struct action_check_pkt_larger *)action;
	size_t start = action_put_nx(out, 49);

	wire_put_u16(out, larger->length);
	wire_put_u16(out, larger->dst.first);
	oxm_put_header(out, larger->dst.field, false);
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
	const char *arrow = strstr(text, ")->");
	struct action_check_pkt_larger *larger;
	struct subfield dst;
	uint64_t length;
	char *copy;
	int error;

	if (!arrow)
		return errbuf_set(err, -EINVAL, "write check_pkt_larger(BYTES)->FIELD[BIT]");
	copy = xstrndup(text, (size_t)(arrow - text));
	error = action_number("check_pkt_larger", copy, 65535, &length, err);
	free(copy);
	if (!error)
		error = subfield_parse(&dst, arrow + 3, err);
	if (error)
		return error;
	if (dst.bits != 1)
		return errbuf_set(
			err, -EINVAL, "check_pkt_larger: the destination must be one bit"
		);
	larger = action_add(list, type, 0);
	larger->length = (uint16_t)length;
	larger->dst = dst;
	return 0;
}

static void format(const struct action *action, const struct names *names, struct strbuf *out)
{
	const struct action_check_pkt_larger *larger =
		(const struct action_check_pkt_larger *)action;

	strbuf_addf(out, "check_pkt_larger(%u)->", larger->length);
	subfield_format(&larger->dst, out);
}

static enum of_error check(const struct action *action, struct action_check *check)
{
	return action_check_field(
		((const struct action_check_pkt_larger *)action)->dst.field, check, true
	);
}

static const struct action_type action_check_pkt_larger = {
	.name = "check_pkt_larger",
	.help = "check_pkt_larger(BYTES)->FIELD[BIT]",
	.wires = {ACTION_NX(49)},
	.size = sizeof(struct action_check_pkt_larger),
	.decode = decode,
	.encode = encode,
	.parse = parse,
	.format = format,
	.check = check,
};
REGISTRY_ADD(action_type, action_check_pkt_larger);
