/* SPDX-License-Identifier: Apache-2.0 */

/* Hello, echo, errors, configuration, roles, and the switches of Nicira's.  */

#include <ctype.h>

#include "lib/flow/field.h"
#include "ofproto/wire/show/show_priv.h"

enum {
	ROLE_NOCHANGE,
	ROLE_EQUAL,
	ROLE_PRIMARY,
	ROLE_SECONDARY,
	INVALID_TTL = 4, /* of the configuration's flags */
};

const char *show_role(uint32_t role)
{
	static const char *const names[] = {
		[ROLE_NOCHANGE] = "nochange",
		[ROLE_EQUAL] = "equal",
		[ROLE_PRIMARY] = "primary",
		[ROLE_SECONDARY] = "secondary",
	};

	return role < ARRAY_LENGTH(names) ? names[role] : "unknown";
}

static void add_versions(uint32_t versions, struct strbuf *out)
{
	bool first = true;

	for (unsigned i = 0; i < 32; i++) {
		if (!(versions >> i & 1))
			continue;
		strbuf_addf(out, first ? "0x%02x" : ", 0x%02x", i);
		first = false;
	}
	strbuf_add_char(out, '\n');
}

static void show_hello(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct wire_bytes *elements = &body->hello.elements;
	struct wire_in list = wire_in(elements->data, elements->n, head->version), element;
	uint32_t versions = 0;
	uint16_t type;

	while (wire_property(&list, &type, &element))
		if (type == 1)
			versions = wire_u32(&element);
	if (!versions)
		versions = (2U << head->version) - 2;
	strbuf_add(out, "\n version bitmap: ");
	add_versions(versions, out);
}

static void show_echo(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	strbuf_addf(out, " %u bytes of payload\n", body->echo_request.data.n);
	show_hex(body->echo_request.data.data, body->echo_request.data.n, out);
}

static void show_nothing(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
}

static void show_error(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct of_error_message *m = &body->error_message;
	struct wire_bytes data = m->data;
	uint16_t kind = m->type, code = m->code;
	enum of_error error = error_decode(head->version, &kind, &code, &data);

	if (error)
		strbuf_addf(out, " %s\n", error_name(error));
	else
		strbuf_addf(out, " type %u, code %u\n", kind, code);
	if (m->type) {
		show_message(show, data.data, data.n, out);
		return;
	}
	/* The errors of a hello carry words. */
	for (uint32_t i = 0; i < data.n; i++)
		if (isprint(data.data[i]))
			strbuf_add_char(out, (char)data.data[i]);
		else if (data.data[i])
			strbuf_addf(out, "\\x%02x", data.data[i]);
}

static void show_config(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	static const char *const modes[] = {"normal", "drop", "reassemble", "nx-match"};
	const struct of_set_config *m = &body->set_config;

	strbuf_addf(out, " frags=%s", modes[m->flags & 3]);
	if (m->flags & INVALID_TTL)
		strbuf_add(out, " invalid_ttl_to_controller=1");
	strbuf_addf(out, " miss_send_len=%u\n", m->miss_send_len);
}

static void show_desc(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct of_desc_reply *m = &body->desc_reply;

	strbuf_addf(out, "\nManufacturer: %s\n", m->mfr_desc);
	strbuf_addf(out, "Hardware: %s\n", m->hw_desc);
	strbuf_addf(out, "Software: %s\n", m->sw_desc);
	strbuf_addf(out, "Serial Num: %s\n", m->serial_num);
	strbuf_addf(out, "DP Description: %s\n", m->dp_desc);
}

static void show_role_message(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	const struct of_role_request *m = &body->role_request;

	strbuf_addf(out, " role=%s", show_role(m->role));
	if (m->role != ROLE_NOCHANGE && m->generation_id != UINT64_MAX)
		strbuf_addf(out, " generation_id=%llu", (unsigned long long)m->generation_id);
}

static void show_nx_role(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	/* Nicira's numbers are one less. */
	strbuf_addf(out, " role=%s", show_role(body->nx_role_request.role + 1));
}

static void show_role_status(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	static const char *const reasons[] = {
		"primary_request", "configuration_changed", "experimenter_data_changed"};
	const struct of_role_status *m = &body->role_status;

	strbuf_addf(out, " role=%s", show_role(m->role));
	if (m->generation_id != UINT64_MAX)
		strbuf_addf(out, " generation_id=%llu", (unsigned long long)m->generation_id);
	strbuf_addf(
		out,
		" reason=%s",
		m->reason < ARRAY_LENGTH(reasons) ? reasons[m->reason] : "(unknown)"
	);
}

static void show_flow_format(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	uint32_t format = body->set_flow_format.format;

	if (format == 0 || format == 2)
		strbuf_addf(out, " format=%s", format ? "nxm" : "openflow10");
	else
		strbuf_addf(out, " format=%u", format);
}

static void show_packet_in_format(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	static const char *const formats[] = {"standard", "nxt_packet_in", "nxt_packet_in2"};
	uint32_t format = body->set_packet_in_format.format;

	if (format < ARRAY_LENGTH(formats))
		strbuf_addf(out, " format=%s", formats[format]);
	else
		strbuf_addf(out, " format=%u", format);
}

static void show_table_id(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	strbuf_add(out, body->flow_mod_table_id.enable ? " enable" : " disable");
}

static void show_controller_id(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	strbuf_addf(out, " id=%u", body->set_controller_id.controller_id);
}

static void show_flush_zone(
	const struct show *show,
	const struct message_head *head,
	const union message_body *body,
	struct strbuf *out
)
{
	strbuf_addf(out, " zone_id=%u", body->ct_flush_zone.zone);
}

MESSAGE_SHOW(hello, MESSAGE_HELLO, show_hello);
MESSAGE_SHOW(error, MESSAGE_ERROR_MESSAGE, show_error);
MESSAGE_SHOW(echo_request, MESSAGE_ECHO_REQUEST, show_echo);
MESSAGE_SHOW(echo_reply, MESSAGE_ECHO_REPLY, show_echo);
MESSAGE_SHOW(features, MESSAGE_FEATURES_REQUEST, show_nothing);
MESSAGE_SHOW(config_request, MESSAGE_GET_CONFIG_REQUEST, show_nothing);
MESSAGE_SHOW(config_reply, MESSAGE_GET_CONFIG_REPLY, show_config);
MESSAGE_SHOW(set_config, MESSAGE_SET_CONFIG, show_config);
MESSAGE_SHOW(desc, MESSAGE_DESC_REPLY, show_desc);
MESSAGE_SHOW(role_request, MESSAGE_ROLE_REQUEST, show_role_message);
MESSAGE_SHOW(role_reply, MESSAGE_ROLE_REPLY, show_role_message);
MESSAGE_SHOW(nx_role_request, MESSAGE_NX_ROLE_REQUEST, show_nx_role);
MESSAGE_SHOW(nx_role_reply, MESSAGE_NX_ROLE_REPLY, show_nx_role);
MESSAGE_SHOW(role_status, MESSAGE_ROLE_STATUS, show_role_status);
MESSAGE_SHOW(flow_format, MESSAGE_SET_FLOW_FORMAT, show_flow_format);
MESSAGE_SHOW(packet_in_format, MESSAGE_SET_PACKET_IN_FORMAT, show_packet_in_format);
MESSAGE_SHOW(table_id, MESSAGE_FLOW_MOD_TABLE_ID, show_table_id);
MESSAGE_SHOW(controller_id, MESSAGE_SET_CONTROLLER_ID, show_controller_id);
MESSAGE_SHOW(flush_zone, MESSAGE_CT_FLUSH_ZONE, show_flush_zone);
