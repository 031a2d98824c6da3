/* SPDX-License-Identifier: Apache-2.0 */

/* Packets that go to controllers and come from them.  */

#include "lib/flow/field.h"
#include "ofproto/wire/oxm.h"
#include "ofproto/wire/show/show_priv.h"

enum {
	UNBUFFERED = UINT32_MAX
};

/* Properties of Nicira's packet_in2. */
enum {
	IN2_PACKET,
	IN2_FULL_LEN,
	IN2_BUFFER_ID,
	IN2_TABLE_ID,
	IN2_COOKIE,
	IN2_REASON,
	IN2_METADATA,
	IN2_USERDATA,
	IN2_CONTINUATION,
};

/* What all forms of packet_in say. */
struct in {
	struct match match;
	struct wire_bytes data, userdata;
	uint64_t cookie;
	uint32_t total_len, buffer_id;
	uint8_t table_id, reason;
	bool has_cookie;
};

static void add_in(const struct in *in, const struct show *show, struct strbuf *out)
{
	static const char *const reasons[] = {
		"no_match", "action", "invalid_ttl", "action_set", "group", "packet_out"};

	if (in->table_id) {
		strbuf_add(out, " table_id=");
		names_format_table(show->names, in->table_id, out);
	}
	if (in->has_cookie)
		strbuf_addf(out, " cookie=0x%llx", (unsigned long long)in->cookie);
	strbuf_addf(out, " total_len=%u ", in->total_len);
	match_format(&in->match, show->names, out);
	if (in->reason < ARRAY_LENGTH(reasons))
		strbuf_addf(out, " (via %s)", reasons[in->reason]);
	else
		strbuf_addf(out, " (via %u)", in->reason);
	strbuf_addf(out, " data_len=%u", in->data.n);
	if (in->buffer_id == UNBUFFERED) {
		strbuf_add(out, " (unbuffered)");
		if (in->total_len != in->data.n)
			strbuf_add(out, " (***total_len != data_len***)");
	} else {
		strbuf_addf(out, " buffer=0x%08x", in->buffer_id);
		if (in->total_len < in->data.n)
			strbuf_add(out, " (***total_len < data_len***)");
	}
	strbuf_add_char(out, '\n');
	if (in->userdata.n) {
		strbuf_add(out, " userdata=");
		for (uint32_t i = 0; i < in->userdata.n; i++)
			strbuf_addf(out, i ? ".%02x" : "%02x", in->userdata.data[i]);
		strbuf_add_char(out, '\n');
	}
	show_packet(in->data.data, in->data.n, out);
}

static void
show_in(const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out)
{
	const struct of_packet_in *m = &body->packet_in;
	bool old = head->version < OF12 && head->type->id == MESSAGE_PACKET_IN;
	struct in in = {
		.data = m->data,
		.cookie = m->cookie,
		.total_len = m->total_len,
		.buffer_id = m->buffer_id,
		.table_id = m->table_id,
		.reason = m->reason,
		.has_cookie = !old && m->cookie != UINT64_MAX,
	};

	if (old) {
		match_init(&in.match, NULL);
		match_set_number(&in.match, &fields[FIELD_IN_PORT_OXM], m->in_port);
	} else {
		in.match = m->match;
	}
	add_in(&in, show, out);
}

static void show_in2(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct wire_bytes *bytes = &body->packet_in2.properties;
	struct wire_in list = wire_in(bytes->data, bytes->n, bytes->version), p;
	struct in in = {.buffer_id = UNBUFFERED, .cookie = UINT64_MAX};
	uint16_t type;

	match_init(&in.match, NULL);
	while (wire_property(&list, &type, &p)) {
		switch (type) {
		case IN2_PACKET:
			in.data = wire_rest(&p);
			break;
		case IN2_FULL_LEN:
			in.total_len = wire_u32(&p);
			break;
		case IN2_BUFFER_ID:
			in.buffer_id = wire_u32(&p);
			break;
		case IN2_TABLE_ID:
			in.table_id = wire_u8(&p);
			break;
		case IN2_COOKIE:
			wire_skip(&p, 4);
			in.cookie = wire_u64(&p);
			break;
		case IN2_REASON:
			in.reason = wire_u8(&p);
			break;
		case IN2_METADATA:
			nxm_decode_match(&p, wire_left(&p), &in.match, NULL, NULL);
			break;
		case IN2_USERDATA:
			in.userdata = wire_rest(&p);
			break;
		default:
			break;
		}
	}
	in.has_cookie = in.cookie != UINT64_MAX;
	if (!in.total_len)
		in.total_len = in.data.n;
	add_in(&in, show, out);
}

static void show_out(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct of_packet_out *m = &body->packet_out;

	strbuf_add_char(out, ' ');
	if (head->version >= OF15) {
		match_format(&m->match, show->names, out);
	} else {
		strbuf_add(out, "in_port=");
		names_format_port(show->names, m->in_port, out);
	}
	strbuf_add(out, " actions=");
	actions_format(&m->actions, show->names, out);
	if (m->buffer_id != UNBUFFERED) {
		strbuf_addf(out, " buffer=0x%08x\n", m->buffer_id);
		return;
	}
	strbuf_addf(out, " data_len=%u\n", m->data.n);
	if (m->data.n)
		show_packet(m->data.data, m->data.n, out);
}

MESSAGE_SHOW(packet_in, MESSAGE_PACKET_IN, show_in);
MESSAGE_SHOW(nx_packet_in, MESSAGE_NX_PACKET_IN, show_in);
MESSAGE_SHOW(packet_in2, MESSAGE_PACKET_IN2, show_in2);
MESSAGE_SHOW(packet_out, MESSAGE_PACKET_OUT, show_out);
