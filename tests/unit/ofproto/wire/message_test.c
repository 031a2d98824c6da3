/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/errbuf.h"
#include "lib/flow/field.h"
#include "lib/log.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/messages.h"
#include "ofproto/wire/oxm.h"
#include "tests/unit/ofproto/wire/sample.h"

LOG_TOPIC(test);

static const uint8_t versions[] = {OF10, OF13, OF14, OF15};

static void parse(struct match *match, struct action_list *actions, const char *m, const char *a)
{
	struct errbuf err;

	errbuf_init(&err);
	match_init(match, NULL);
	if (match_parse(match, m, NULL, &err) || actions_parse(actions, a, NULL, &err))
		fail_msg("%s actions=%s: %s", m, a, err.text);
}

/* Encodes, decodes, encodes again: the bytes must be the same. */
static void
round_trip(const struct message_type *type, const void *body, uint8_t version, void *decoded)
{
	struct wire_out first, second;
	struct message_head head;
	enum of_error error;

	wire_out_init(&first, version);
	wire_out_init(&second, version);
	message_encode(&first, type, 7, body);
	error = message_decode(first.data, first.n, NULL, &head, decoded);
	if (error)
		fail_msg(
			"%s in %s: %s", type->name, message_version_name(version), error_name(error)
		);
	assert_ptr_equal(head.type, type);
	assert_int_equal(head.xid, 7);
	assert_int_equal(head.version, version);
	message_encode(&second, type, 7, decoded);
	assert_int_equal(first.n, second.n);
	assert_memory_equal(first.data, second.data, first.n);
	wire_out_fini(&first);
	wire_out_fini(&second);
}

/* Elements of a list as well: each comes back from what it was read from. */
static void list_round_trip(const struct message_type *type, const struct wire_bytes *bytes)
{
	struct wire_in list = wire_in(bytes->data, bytes->n, bytes->version);
	void *element = xcalloc(1, type->size);
	struct wire_out out;

	wire_out_init(&out, bytes->version);
	while (wire_left(&list)) {
		type->decode(&list, element);
		if (list.error)
			fail_msg("%s: %s", type->name, error_name(list.error));
		type->encode(&out, element);
	}
	if (out.n != bytes->n || (out.n && memcmp(out.data, bytes->data, out.n) != 0))
		fail_msg("%s in %s", type->name, message_version_name(bytes->version));
	type->fini(element);
	free(element);
	wire_out_fini(&out);
}

/* Every message in every version: whatever the struct holds, its bytes come back. */
static void test_message_every_one_round_trips(void **state)
{
	union message_body *body = xcalloc(1, sizeof(*body)), *back = xcalloc(1, sizeof(*back));

	for (unsigned i = 0; i < MESSAGES * SAMPLE_VARIANTS; i++) {
		const struct message_type *type = message_types[i / SAMPLE_VARIANTS];

		for (unsigned v = OF10; v <= OF15; v++) {
			if (!message_has_version(type, (uint8_t)v))
				continue;
			memset(body, 0, sizeof(*body));
			memset(back, 0, sizeof(*back));
			sample_fill(type, (uint8_t)v, i % SAMPLE_VARIANTS, body);
			round_trip(type, body, (uint8_t)v, back);
			for (unsigned j = 0; j < type->n_fields; j++)
				if (type->fields[j].kind == MESSAGE_LIST)
					list_round_trip(
						type->fields[j].of,
						(struct wire_bytes *)(void *)((uint8_t *)body +
									      type->fields[j].offset)
					);
			type->fini(body);
			type->fini(back);
		}
		sample_forget();
	}
	free(body);
	free(back);
}

/* A version that there is not has no layout of anything: nothing is written, and nothing read. */
static void check_no_version(const struct message_type *type)
{
	static const uint8_t zeros[64];
	struct wire_in in = wire_in(zeros, sizeof(zeros), 0);
	void *body = xcalloc(1, type->size);
	struct wire_out out;

	wire_out_init(&out, 0);
	type->encode(&out, body);
	assert_int_equal(out.n, 0);
	type->decode(&in, body);
	assert_int_equal(in.error, OF_BRC_BAD_VERSION);
	for (unsigned i = 0; i < type->n_fields; i++)
		if (type->fields[i].of)
			check_no_version(type->fields[i].of);
	type->fini(body);
	free(body);
	wire_out_fini(&out);
}

static void test_message_without_a_version_is_none(void **state)
{
	for (unsigned i = 0; i < MESSAGES; i++)
		check_no_version(message_types[i]);
}

static void test_message_flow_mod_in_every_version(void **state)
{
	struct of_flow_mod *mod = xcalloc(1, sizeof(*mod));
	union message_body *back = xcalloc(1, sizeof(*back));

	for (unsigned i = 0; i < ARRAY_LENGTH(versions); i++) {
		bool old = versions[i] == OF10;

		parse(&mod->match,
		      &mod->actions,
		      "in_port=5,dl_vlan=7,tcp,nw_src=10.0.0.0/8,tp_dst=80",
		      "set_field:00:00:00:00:00:09->eth_dst,load:5->reg1[3..7],output:2,NORMAL");
		mod->cookie = 0x123;
		mod->priority = 1000;
		mod->out_port = 0xffffffff;
		mod->buffer_id = 0xffffffff;
		mod->out_group = 0xffffffff;
		mod->table_id = old ? 255 : 3;
		mod->flags = 1;
		round_trip(&of_flow_mod_type, mod, versions[i], back);
		assert_true(match_equal(&mod->match, &back->flow_mod.match));
		assert_int_equal(back->flow_mod.priority, 1000);
		assert_int_equal(back->flow_mod.out_port, 0xffffffff);
		assert_int_equal(back->flow_mod.table_id, mod->table_id);
		of_flow_mod_fini(&back->flow_mod);
		memset(back, 0, sizeof(*back));
		action_list_clear(&mod->actions);
	}
	of_flow_mod_fini(mod);
	free(mod);
	free(back);
}

/* Cut anywhere, a message is refused; nothing is read beyond its end. */
static void test_message_truncated_anywhere_is_refused(void **state)
{
	struct of_flow_mod *mod = xcalloc(1, sizeof(*mod));
	union message_body *back = xcalloc(1, sizeof(*back));

	parse(&mod->match,
	      &mod->actions,
	      "icmp6,icmp_type=135,nd_target=::1,reg3=5/7",
	      "load:5->reg1[3..7],output:2,write_metadata:5,goto_table:9");
	for (unsigned i = 0; i < ARRAY_LENGTH(versions); i++) {
		struct wire_out out;

		if (versions[i] == OF10)
			continue;
		wire_out_init(&out, versions[i]);
		message_encode(&out, &of_flow_mod_type, 1, mod);
		for (size_t n = 8; n < out.n; n++) {
			uint8_t *copy = xmalloc(n);
			struct message_head head;
			enum of_error error;

			memcpy(copy, out.data, n);
			field_put_number(copy + 2, 2, n);
			error = message_decode(copy, n, NULL, &head, back);
			/* Without some of its last instructions it is a message still. */
			if (!error && n < 56)
				fail_msg("%zu of %zu bytes were accepted", n, out.n);
			message_fini(&head, back);
			memset(back, 0, sizeof(*back));
			free(copy);
		}
		wire_out_fini(&out);
	}
	of_flow_mod_fini(mod);
	free(mod);
	free(back);
}

struct bad {
	const char *hex;
	enum of_error error;
};

static size_t from_hex(const char *hex, uint8_t *bytes)
{
	size_t n = 0;
	unsigned byte;

	for (; *hex; hex += 2) {
		while (*hex == ' ')
			hex++;
		if (!*hex || sscanf(hex, "%2x", &byte) != 1)
			break;
		bytes[n++] = (uint8_t)byte;
	}
	return n;
}

static void test_message_faults_have_their_error(void **state)
{
	static const struct bad bads[] = {
		{"04 14 0010 00000001 0000000000000000", OF_BRC_BAD_LEN}, /* a barrier with more */
		{"09 00 0008 00000001", OF_BRC_BAD_VERSION},
		{"04 50 0008 00000001", OF_BRC_BAD_TYPE},
		{"04 12 0010 00000001 0063 0000 00000000", OF_BRC_BAD_MULTIPART},
		{"04 04 0010 00000001 00000005 00000001", OF_BRC_BAD_EXPERIMENTER},
		{"04 04 0010 00000001 00002320 00000999", OF_BRC_BAD_EXP_TYPE},
		{"04 09 000a 00000001 0000", OF_BRC_BAD_LEN},
		{"04 0e 0038 00000001 0000000000000000 0000000000000000 00000000 00000000 "
		 "ffffffff ffffffff ffffffff 00000000 0002 0004 00000000",
		 OF_BMC_BAD_TYPE},
		{"04 0e 0040 00000001 0000000000000000 0000000000000000 00000000 00000000 "
		 "ffffffff ffffffff ffffffff 00000000 0001 000c 80000a02 05dd 0000 0000 0000",
		 OF_BMC_BAD_LEN},
		{"04 0e 0040 00000001 0000000000000000 0000000000000000 00000000 00000000 "
		 "ffffffff ffffffff ffffffff 00000000 0001 000c 80001604 0a000001 00000000",
		 OF_BMC_BAD_PREREQ},
		/* A packet type that is not Ethernet's behind an Ethernet type; a later fragment's ports. */
		{"06 0e 0048 00000001 0000000000000000 0000000000000000 00000000 00000000 "
		 "ffffffff ffffffff ffffffff 00000000 0001 0012 80000a02 0800 80005804 00010800 "
		 "000000000000",
		 OF_BMC_BAD_PREREQ},
		{"04 0e 0050 00000001 0000000000000000 0000000000000000 00000000 00000000 "
		 "ffffffff ffffffff ffffffff 00000000 0001 001a 80000a02 0800 80001401 11 "
		 "80002002 0005 00013401 03 000000000000",
		 OF_BMC_BAD_PREREQ},
		{"04 0e 0040 00000001 0000000000000000 0000000000000000 00000000 00000000 "
		 "ffffffff ffffffff ffffffff 00000000 0001 000c 8000fe04 0a000001 00000000",
		 OF_BMC_BAD_FIELD},
		{"04 0e 0040 00000001 0000000000000000 0000000000000000 00000000 00000000 "
		 "ffffffff ffffffff ffffffff 00000000 0001 0004 00000000 0009 0008 00000000",
		 OF_BIC_UNKNOWN_INST},
		{"04 0e 0048 00000001 0000000000000000 0000000000000000 00000000 00000000 "
		 "ffffffff ffffffff ffffffff 00000000 0001 0004 00000000 0004 0010 00000000 "
		 "0063 0008 00000000",
		 OF_BAC_BAD_TYPE},
		{"04 0e 0048 00000001 0000000000000000 0000000000000000 00000000 00000000 "
		 "ffffffff ffffffff ffffffff 00000000 0001 0004 00000000 0004 0010 00000000 "
		 "0000 0008 00000001",
		 OF_BAC_BAD_LEN},
		{"04 0e 0048 00000001 0000000000000000 0000000000000000 00000000 00000000 "
		 "ffffffff ffffffff ffffffff 00000000 0001 0004 00000000 0001 0008 05000000 "
		 "0001 0008 06000000",
		 OF_BIC_DUP_INST},
	};
	union message_body *body = xcalloc(1, sizeof(*body));

	for (unsigned i = 0; i < ARRAY_LENGTH(bads); i++) {
		uint8_t bytes[256];
		struct message_head head;
		size_t n = from_hex(bads[i].hex, bytes);
		enum of_error error = message_decode(bytes, n, NULL, &head, body);

		if (error != bads[i].error)
			fail_msg(
				"%s: %s, not %s",
				bads[i].hex,
				error_name(error),
				error_name(bads[i].error)
			);
		message_fini(&head, body);
		memset(body, 0, sizeof(*body));
	}
	free(body);
}

static void test_message_parts_split_at_the_limit(void **state)
{
	struct of_port port = {.port_no = 1, .name = "p"};
	struct message_parts parts;
	struct wire_out out;
	unsigned n_parts = 0, n_ports = 0;
	bool more = true;

	wire_out_init(&out, OF13);
	message_parts_begin(&parts, &out, &of_port_desc_reply_type, 9);
	for (unsigned i = 0; i < 3000; i++) {
		of_port_encode(&out, &port);
		message_parts_next(&parts);
	}
	message_parts_end(&parts);
	for (size_t at = 0; at < out.n; at += message_length(out.data + at)) {
		union message_body body = {0};
		struct message_head head;
		struct wire_in list;

		assert_true(more);
		assert_int_equal(
			message_decode(
				out.data + at, message_length(out.data + at), NULL, &head, &body
			),
			OF_OK
		);
		more = head.more;
		list = wire_in(body.port_desc_reply.ports.data, body.port_desc_reply.ports.n, OF13);
		while (of_port_next(&list, &port))
			n_ports++;
		assert_int_equal(list.error, OF_OK);
		n_parts++;
	}
	assert_false(more);
	assert_int_equal(n_parts, 3);
	assert_int_equal(n_ports, 3000);
	wire_out_fini(&out);
}

static void test_error_goes_out_as_the_version_says(void **state)
{
	static const uint8_t hello[8] = {4, 0, 0, 8, 0, 0, 0, 5};
	struct wire_out out;

	wire_out_init(&out, OF13);
	error_encode(&out, OF13, OF_BMC_BAD_PREREQ, hello, sizeof(hello));
	assert_int_equal(out.n, 20);
	assert_int_equal(field_number(out.data + 8, 4), 0x00040009);
	assert_int_equal(field_number(out.data + 4, 4), 5);
	out.n = 0;
	error_encode(&out, OF10, OF_FMFC_OVERLAP, hello, sizeof(hello));
	assert_int_equal(field_number(out.data + 8, 4), 0x00030001);
	out.n = 0;
	error_encode(&out, OF13, OF_BFC_BAD_ID, hello, sizeof(hello));
	assert_int_equal(field_number(out.data + 8, 4), 0xffff0000 | 2302);
	assert_int_equal(field_number(out.data + 12, 4), OF_VENDOR_ONF);
	wire_out_fini(&out);
	assert_int_equal(error_find(OF13, 4, 9, 0), OF_BMC_BAD_PREREQ);
	assert_int_equal(error_find(OF10, 4, 9, 0), OF_OK);
	assert_string_equal(error_name(OF_BAC_BAD_OUT_PORT), "OFPBAC_BAD_OUT_PORT");
}

/* Whatever is wrong, each version has an error for it, its own or one that comes near, and what was
 * sent is understood. */
static void test_every_error_can_be_told_in_every_version(void **state)
{
	static const uint8_t hello[8] = {4, 0, 0, 8, 0, 0, 0, 5};

	for (unsigned i = 0; i < ARRAY_LENGTH(versions); i++) {
		for (enum of_error error = OF_OK + 1; error < OF_ERRORS; error++) {
			union message_body *body = xcalloc(1, sizeof(*body));
			struct message_head head;
			struct wire_out out;

			wire_out_init(&out, versions[i]);
			error_encode(&out, versions[i], error, hello, sizeof(hello));
			assert_int_equal(message_decode(out.data, out.n, NULL, &head, body), OF_OK);
			assert_ptr_equal(head.type, &of_error_message_type);
			struct of_error_message m = body->error_message;

			if (!error_decode(versions[i], &m.type, &m.code, &m.data))
				fail_msg(
					"%s in %s",
					error_name(error),
					message_version_name(versions[i])
				);
			assert_int_equal(m.data.n, sizeof(hello));
			message_fini(&head, body);
			wire_out_fini(&out);
			free(body);
		}
	}
}

/* What OpenFlow 1.0's own match says survives; what it cannot say is known. */
static void test_match10_says_what_it_can(void **state)
{
	static const char *const can[] = {
		"",
		"in_port=LOCAL,dl_src=00:00:00:00:00:01",
		"dl_vlan=0xffff",
		"dl_vlan=5,dl_vlan_pcp=3,arp,arp_spa=10.0.0.0/8,arp_op=1",
		"tcp,nw_src=1.2.3.4,nw_dst=1.2.0.0/16,nw_tos=8,tp_src=1,tp_dst=2",
		"icmp,icmp_type=8,icmp_code=0",
		"dl_vlan_pcp=0",
	};
	static const char *const cannot[] = {
		"reg0=1",
		"tcp,tcp_flags=+syn",
		"ip,nw_src=1.2.3.4/255.0.255.0",
		"ipv6,ipv6_src=::1",
		"udp,tp_src=0x10/0xf0",
		"vlan_tci=0x1000/0x1000",
	};
	struct match match;
	struct errbuf err;

	for (unsigned i = 0; i < ARRAY_LENGTH(can) + ARRAY_LENGTH(cannot); i++) {
		bool is_can = i < ARRAY_LENGTH(can);
		const char *text = is_can ? can[i] : cannot[i - ARRAY_LENGTH(can)];

		match_init(&match, NULL);
		assert_int_equal(match_parse(&match, text, NULL, &err), 0);
		if (match10_can(&match) != is_can)
			fail_msg("%s", text);
	}
}

static void test_message_prints_what_it_says(void **state)
{
	struct strbuf text = STRBUF_INIT;
	struct of_flow_mod *mod = xcalloc(1, sizeof(*mod));
	union message_body *body = xcalloc(1, sizeof(*body));
	struct message_head head = {.type = &of_flow_mod_type, .version = OF13, .xid = 5};
	json_t *json;

	parse(&body->flow_mod.match, &body->flow_mod.actions, "arp,in_port=3", "NORMAL");
	body->flow_mod.priority = 9;
	message_format(&head, body, NULL, &text);
	assert_string_equal(
		strbuf_text(&text),
		"flow_mod (OF1.3) (xid=0x5): match=arp,in_port=3 priority=9 out_port=0 "
		"actions=NORMAL\n"
	);
	json = message_json(&head, body, NULL);
	assert_string_equal(json_string_value(json_object_get(json, "match")), "arp,in_port=3");
	json_decref(json);
	message_fini(&head, body);
	strbuf_fini(&text);
	free(mod);
	free(body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_message_every_one_round_trips),
		cmocka_unit_test(test_message_without_a_version_is_none),
		cmocka_unit_test(test_message_flow_mod_in_every_version),
		cmocka_unit_test(test_message_truncated_anywhere_is_refused),
		cmocka_unit_test(test_message_faults_have_their_error),
		cmocka_unit_test(test_message_parts_split_at_the_limit),
		cmocka_unit_test(test_error_goes_out_as_the_version_says),
		cmocka_unit_test(test_every_error_can_be_told_in_every_version),
		cmocka_unit_test(test_match10_says_what_it_can),
		cmocka_unit_test(test_message_prints_what_it_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
