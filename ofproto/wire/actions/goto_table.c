/* SPDX-License-Identifier: Apache-2.0 */
/* The pipeline goes on in a later table.  */

#include <errno.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/flow/names.h"
#include "lib/strbuf.h"
#include "ofproto/wire/action_codec.h"

enum {
	RESUBMIT_TABLE = 14, /* Nicira's: what comes closest in OpenFlow 1.0 */
	IN_PORT_16 = 0xfff8,
	TABLE_HIDDEN = 254, /* the switch's own */
};

static void encode(struct wire_out *out, const struct action *action)
{
	size_t start;

	if (out->version != OF10) {
		action_value_encode(out, action);
		return;
	}
	start = action_put_nx(out, RESUBMIT_TABLE);
	wire_put_u16(out, IN_PORT_16);
	wire_put_u8(out, (uint8_t)((const struct action_value *)action)->value);
	action_put_end(out, start);
}

static int
parse(const struct action_type *type,
      const char *text,
      const struct names *names,
      struct action_list *list,
      struct errbuf *err)
{
	struct action_value *value;
	uint8_t table;

	if (!names_parse_table(names, text, &table))
		return errbuf_set(err, -EINVAL, "goto_table: no table is named '%s'", text);
	value = action_add(list, type, 0);
	value->value = table;
	return 0;
}

static void format(const struct action *action, const struct names *names, struct strbuf *out)
{
	strbuf_add(out, "goto_table:");
	names_format_table(names, (uint8_t)((const struct action_value *)action)->value, out);
}

static enum of_error check(const struct action *action, struct action_check *check)
{
	uint64_t table = ((const struct action_value *)action)->value;

	return table > check->table && table < TABLE_HIDDEN ? OF_OK : OF_BIC_BAD_TABLE_ID;
}

static const struct action_type action_goto_table = {
	.name = "goto_table",
	.help = "goto_table:TABLE",
	.kind = FIELD_KIND_DECIMAL,
	.wires = {ACTION_INSTRUCTION(OF11, OF15, 1, .bytes = 1)},
	.size = sizeof(struct action_value),
	.step = ACTION_STEP_GOTO,
	.decode = action_value_decode,
	.encode = encode,
	.parse = parse,
	.format = format,
	.check = check,
};
REGISTRY_ADD(action_type, action_goto_table);
