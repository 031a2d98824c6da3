/* SPDX-License-Identifier: Apache-2.0 */

/* Which tunnel options stand in which fields.  */

#include "ofproto/wire/show/show_priv.h"

static void add_maps(struct wire_bytes bytes, struct strbuf *out)
{
	struct wire_in list = wire_in(bytes.data, bytes.n, bytes.version);
	struct of_tlv_map map = {0};

	strbuf_add(out, " mapping table:\n");
	strbuf_add(out, "  class  type  length  match field\n");
	strbuf_add(out, " ------  ----  ------  --------------");
	while (of_tlv_map_next(&list, &map))
		strbuf_addf(
			out,
			"\n 0x%04x  %#4x  %6u  tun_metadata%u",
			map.class,
			map.type,
			map.length,
			map.index
		);
	strbuf_add_char(out, '\n');
}

static void show_mod(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	static const char *const commands[] = {"ADD", "DEL", "CLEAR"};
	const struct of_tlv_table_mod *m = &body->tlv_table_mod;

	strbuf_add(out, "\n ");
	if (m->command < ARRAY_LENGTH(commands))
		strbuf_add(out, commands[m->command]);
	else
		strbuf_addf(out, "%u", m->command);
	/* Nothing is listed to clear all. */
	if (m->command == 2)
		return;
	add_maps(m->maps, out);
}

static void show_reply(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct of_tlv_table_reply *m = &body->tlv_table_reply;
	struct wire_in list = wire_in(m->maps.data, m->maps.n, m->maps.version);
	struct of_tlv_map map = {0};
	unsigned used = 0;

	while (of_tlv_map_next(&list, &map))
		used += map.length;
	strbuf_addf(
		out,
		"\n max option space=%u max fields=%u\n allocated option space=%u\n\n",
		m->max_space,
		m->max_fields,
		used
	);
	add_maps(m->maps, out);
}

MESSAGE_SHOW(tlv_mod, MESSAGE_TLV_TABLE_MOD, show_mod);
MESSAGE_SHOW(tlv_reply, MESSAGE_TLV_TABLE_REPLY, show_reply);
