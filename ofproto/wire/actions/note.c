/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/actions/note.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/strbuf.h"
#include "ofproto/wire/action_codec.h"

static void
decode(struct wire_in *in,
       const struct action_type *type,
       const struct action_wire *wire,
       struct action_list *list)
{
	struct wire_bytes bytes = wire_rest(in);
	struct action_note *note = action_add(list, type, bytes.n);

	note->n = bytes.n;
	if (bytes.n)
		memcpy(note->bytes, bytes.data, bytes.n);
}

static void encode(struct wire_out *out, const struct action *action)
{
	const struct action_note *note = (const struct action_note *)action;
	size_t start = action_put_nx(out, 8);

	wire_put(out, note->bytes, note->n);
	action_put_end(out, start);
}

static int
parse(const struct action_type *type,
      const char *text,
      const struct names *names,
      struct action_list *list,
      struct errbuf *err)
{
	uint8_t bytes[1024];
	struct action_note *note;
	size_t n = 0, padded;

	if (!action_parse_hex(text, bytes, sizeof(bytes), &n))
		return errbuf_set(err, -EINVAL, "note: '%s' is not pairs of hex digits", text);
	/* On the wire there is no length: it is padded, and so is the text that comes back. */
	padded = (n + 10 + 7) / 8 * 8 - 10;
	note = action_add(list, type, padded);
	note->n = (uint32_t)padded;
	memcpy(note->bytes, bytes, n);
	return 0;
}

static void format(const struct action *action, const struct names *names, struct strbuf *out)
{
	const struct action_note *note = (const struct action_note *)action;

	strbuf_add(out, "note:");
	action_format_hex(note->bytes, note->n, out);
}

static const struct action_type action_note = {
	.name = "note",
	.help = "note:HEX",
	.wires = {ACTION_NX(8)},
	.size = sizeof(struct action_note),
	.decode = decode,
	.encode = encode,
	.parse = parse,
	.format = format,
};
REGISTRY_ADD(action_type, action_note);
