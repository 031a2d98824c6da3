/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/actions/resubmit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/flow/names.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/action_codec.h"

enum {
	RESUBMIT = 1,
	RESUBMIT_TABLE = 14,
	RESUBMIT_TABLE_CT = 44,
	TABLE_PRESENT = 255,
};

static void
decode(struct wire_in *in,
       const struct action_type *type,
       const struct action_wire *wire,
       struct action_list *list)
{
	struct action_resubmit *resubmit = action_add(list, type, 0);

	resubmit->in_port = field_port_from16(wire_u16(in));
	resubmit->table = TABLE_PRESENT;
	resubmit->with_ct = wire->number == RESUBMIT_TABLE_CT;
	if (wire->number != RESUBMIT)
		resubmit->table = wire_u8(in);
}

static void encode(struct wire_out *out, const struct action *action)
{
	const struct action_resubmit *resubmit = (const struct action_resubmit *)action;
	bool short_form = resubmit->table == TABLE_PRESENT && !resubmit->with_ct;
	size_t start;

	if (short_form)
		start = action_put_nx(out, RESUBMIT);
	else
		start = action_put_nx(out, resubmit->with_ct ? RESUBMIT_TABLE_CT : RESUBMIT_TABLE);
	wire_put_u16(out, field_port_to16(resubmit->in_port));
	wire_put_u8(out, short_form ? 0 : resubmit->table);
	action_put_end(out, start);
}

/* "PORT", "PORT,TABLE", ",TABLE", ",TABLE,ct"; blanks around them. */
static int
parse(const struct action_type *type,
      const char *text,
      const struct names *names,
      struct action_list *list,
      struct errbuf *err)
{
	struct action_resubmit to = {.in_port = PORT_IN_PORT, .table = TABLE_PRESENT}, *added;
	char *copy = xstrdup(text), *rest = copy, *port, *table, *ct;
	int error = 0;

	port = strsep(&rest, ",");
	table = strsep(&rest, ",");
	ct = strsep(&rest, ",");
	port += strspn(port, " ");
	table = table ? table + strspn(table, " ") : NULL;
	to.with_ct = ct != NULL;
	if (*port && !names_parse_port(names, port, &to.in_port))
		error = errbuf_set(err, -EINVAL, "resubmit: no port is named '%s'", port);
	else if (table && *table && !names_parse_table(names, table, &to.table))
		error = errbuf_set(err, -EINVAL, "resubmit: no table is named '%s'", table);
	else if ((ct && strcmp(ct + strspn(ct, " "), "ct") != 0) || rest)
		error = errbuf_set(
			err, -EINVAL, "write resubmit(PORT,TABLE) or resubmit(PORT,TABLE,ct)"
		);
	else if (!*port && (!table || !*table))
		error = errbuf_set(err, -EINVAL, "resubmit: a port or table is required");
	free(copy);
	if (error)
		return error;
	added = action_add(list, type, 0);
	to.action = added->action;
	*added = to;
	return 0;
}

static void format(const struct action *action, const struct names *names, struct strbuf *out)
{
	const struct action_resubmit *resubmit = (const struct action_resubmit *)action;

	bool short_form = resubmit->table == TABLE_PRESENT && !resubmit->with_ct;

	strbuf_add(out, short_form ? "resubmit:" : "resubmit(");
	if (short_form || resubmit->in_port != PORT_IN_PORT)
		names_format_port(names, resubmit->in_port, out);
	if (short_form)
		return;
	strbuf_add_char(out, ',');
	if (resubmit->table != TABLE_PRESENT)
		names_format_table(names, resubmit->table, out);
	strbuf_add(out, resubmit->with_ct ? ",ct)" : ")");
}

static const struct action_type action_resubmit = {
	.name = "resubmit",
	.help = "resubmit:PORT, resubmit(PORT,TABLE) or resubmit(PORT,TABLE,ct)",
	.wires = {ACTION_NX(RESUBMIT), ACTION_NX(RESUBMIT_TABLE), ACTION_NX(RESUBMIT_TABLE_CT)},
	.size = sizeof(struct action_resubmit),
	.set_slot = ACTION_SET_RESUBMIT,
	.decode = decode,
	.encode = encode,
	.parse = parse,
	.format = format,
};
REGISTRY_ADD(action_type, action_resubmit);
