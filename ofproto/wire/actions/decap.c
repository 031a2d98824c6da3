/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/actions/decap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/strbuf.h"
#include "ofproto/wire/action_codec.h"

enum {
	ENCAP = 46,
	DECAP = 47,
};

static const struct {
	const char *name;
	uint32_t packet_type;
} headers[] = {
	{"ethernet", PACKET_TYPE_ETHERNET},
	{"mpls", PACKET_TYPE_MPLS},
	{"mpls_mc", PACKET_TYPE_MPLS_MC},
	{"nsh", PACKET_TYPE_NSH},
};

static void
decode(struct wire_in *in,
       const struct action_type *type,
       const struct action_wire *wire,
       struct action_list *list)
{
	struct action_encap *encap = action_add(list, type, 0);
	bool known = wire->number == DECAP;

	wire_skip(in, 2);
	encap->packet_type = wire_u32(in);
	for (unsigned i = 0; i < ARRAY_LENGTH(headers); i++)
		known |= headers[i].packet_type == encap->packet_type;
	/* Properties describe a header's options, of which there are none here. */
	if (!known || wire_left(in))
		wire_fail(in, known ? OF_BPC_BAD_TYPE : OF_BAC_BAD_ARGUMENT);
}

static void encode(struct wire_out *out, const struct action *action)
{
	const struct action_encap *encap = (const struct action_encap *)action;
	size_t start = action_put_nx(out, action->type->wires[0].number);

	wire_put_zeros(out, 2);
	wire_put_u32(out, encap->packet_type);
	action_put_end(out, start);
}

static int parse_encap(
	const struct action_type *type,
	const char *text,
	const struct names *names,
	struct action_list *list,
	struct errbuf *err
)
{
	for (unsigned i = 0; i < ARRAY_LENGTH(headers); i++)
		if (!strcmp(text, headers[i].name)) {
			struct action_encap *encap = action_add(list, type, 0);

			encap->packet_type = headers[i].packet_type;
			return 0;
		}
	return errbuf_set(
		err, -EINVAL, "encap: '%s' is not one of ethernet, mpls, mpls_mc, nsh", text
	);
}

static int parse_decap(
	const struct action_type *type,
	const char *text,
	const struct names *names,
	struct action_list *list,
	struct errbuf *err
)
{
	struct action_encap *decap;
	unsigned ns = 0, packet_type = PACKET_TYPE_NEXT_PROTO;
	int end = 0;

	if (*text &&
	    (sscanf(text, "packet_type(ns=%i,type=%i)%n", (int *)&ns, (int *)&packet_type, &end) !=
		     2 ||
	     !end || text[end]))
		return errbuf_set(
			err, -EINVAL, "write decap or decap(packet_type(ns=NAMESPACE,type=TYPE))"
		);
	decap = action_add(list, type, 0);
	decap->packet_type = ns << 16 | (packet_type & 0xffff);
	return 0;
}

static void format_encap(const struct action *action, const struct names *names, struct strbuf *out)
{
	const struct action_encap *encap = (const struct action_encap *)action;

	for (unsigned i = 0; i < ARRAY_LENGTH(headers); i++)
		if (headers[i].packet_type == encap->packet_type)
			strbuf_addf(out, "encap(%s)", headers[i].name);
}

static void format_decap(const struct action *action, const struct names *names, struct strbuf *out)
{
	const struct action_encap *decap = (const struct action_encap *)action;

	strbuf_add(out, "decap(");
	if (decap->packet_type != PACKET_TYPE_NEXT_PROTO)
		strbuf_addf(
			out,
			"packet_type(ns=%u,type=%#x)",
			decap->packet_type >> 16,
			decap->packet_type & 0xffff
		);
	strbuf_add_char(out, ')');
}

static const struct action_type action_encap = {
	.name = "encap",
	.help = "encap(ethernet), encap(mpls), encap(mpls_mc) or encap(nsh)",
	.wires = {ACTION_NX(ENCAP)},
	.size = sizeof(struct action_encap),
	.set_slot = ACTION_SET_PUSH_MPLS,
	.decode = decode,
	.encode = encode,
	.parse = parse_encap,
	.format = format_encap,
};
REGISTRY_ADD(action_type, action_encap);

static const struct action_type action_decap = {
	.name = "decap",
	.help = "decap or decap(packet_type(ns=NAMESPACE,type=TYPE))",
	.wires = {ACTION_NX(DECAP)},
	.size = sizeof(struct action_encap),
	.set_slot = ACTION_SET_POP,
	.decode = decode,
	.encode = encode,
	.parse = parse_decap,
	.format = format_decap,
};
REGISTRY_ADD(action_type, action_decap);
