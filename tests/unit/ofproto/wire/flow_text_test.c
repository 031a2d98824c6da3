/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/flow_text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/errbuf.h"
#include "lib/log.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/wire/messages.h"

LOG_TOPIC(test);

enum {
	LINE_SIZE = 4096
};

static const char *vectors_path;

static size_t from_hex(const char *hex, uint8_t *bytes)
{
	size_t n = 0;
	unsigned byte;

	for (; sscanf(hex, "%2x", &byte) == 1; hex += 2)
		bytes[n++] = (uint8_t)byte;
	return n;
}

static char *next_line(FILE *file, char *line)
{
	do {
		if (!fgets(line, LINE_SIZE, file))
			return NULL;
		line[strcspn(line, "\n")] = '\0';
	} while (*line == '#');
	return line;
}

/* What others send is understood, and prints as they print it. */
static void check_decode(const uint8_t *bytes, size_t n, const char *printed)
{
	union message_body *body = xcalloc(1, sizeof(*body));
	struct strbuf text = STRBUF_INIT;
	struct message_head head;
	enum of_error error = message_decode(bytes, n, NULL, &head, body);

	if (error)
		fail_msg("%s: %s", printed, error_name(error));
	flow_format_mod(&body->flow_mod, NULL, &text);
	assert_string_equal(strbuf_text(&text), printed);
	message_fini(&head, body);
	strbuf_fini(&text);
	free(body);
}

/* What we send for the same words is the same. */
static void check_encode(uint8_t version, const char *flow, const uint8_t *bytes, size_t n)
{
	struct of_flow_mod *mod = xcalloc(1, sizeof(*mod));
	struct wire_out out;
	struct errbuf err;

	wire_out_init(&out, version);
	if (flow_parse(mod, FLOW_ADD, flow, NULL, &err))
		fail_msg("%s: %s", flow, err.text);
	if (flow_encode(&out, mod, 0, &err))
		fail_msg("%s: %s", flow, err.text);
	if (out.n != n || memcmp(out.data, bytes, n) != 0)
		fail_msg("%s is encoded differently in %s", flow, message_version_name(version));
	wire_out_fini(&out);
	of_flow_mod_fini(mod);
	free(mod);
}

static void test_flow_text_agrees_with_what_was_recorded(void **state)
{
	char flow[LINE_SIZE], message[LINE_SIZE], printed[LINE_SIZE];
	FILE *file = fopen(vectors_path, "r");
	unsigned n_flows = 0;

	assert_non_null(file);
	while (next_line(file, flow) && next_line(file, message) && next_line(file, printed)) {
		uint8_t bytes[LINE_SIZE / 2];
		size_t n = from_hex(message + 3, bytes);

		check_decode(bytes, n, printed + 1);
		if (message[1] == '=')
			check_encode((uint8_t)(flow[0] - '0'), flow + 2, bytes, n);
		n_flows++;
	}
	fclose(file);
	assert_true(n_flows > 200);
}

static void assert_refused_by(enum flow_command command, const char *flow, const char *part)
{
	struct of_flow_mod *mod = xcalloc(1, sizeof(*mod));
	struct errbuf err;

	errbuf_init(&err);
	if (!flow_parse(mod, command, flow, NULL, &err))
		fail_msg("%s was accepted", flow);
	if (!strstr(err.text, part))
		fail_msg("%s: '%s' does not say '%s'", flow, err.text, part);
	of_flow_mod_fini(mod);
	free(mod);
}

static void assert_refused(const char *flow, const char *part)
{
	assert_refused_by(FLOW_ADD, flow, part);
}

static void test_flow_text_deletes_by_match_alone(void **state)
{
	assert_refused_by(
		FLOW_DELETE, "actions=drop", "actions: flows are chosen by what they match"
	);
	assert_refused_by(FLOW_DELETE_STRICT, "ip actions=output:1", "out_port=PORT");
	assert_refused("delete ip,actions=drop", "actions: flows are chosen");
	assert_refused_by(
		FLOW_DELETE, "priority=5", "priority: flows are chosen by what they match"
	);
	assert_refused_by(FLOW_DELETE, "ip,priority=5", "--strict");
	assert_refused("delete priority=5,ip", "--strict");
	assert_refused_by(FLOW_DELETE, "idle_timeout=5", "idle_timeout: flows are chosen");
	assert_refused_by(FLOW_DELETE, "hard_timeout=5", "hard_timeout: flows are chosen");
	assert_refused_by(FLOW_DELETE, "importance=5", "importance: flows are chosen");
	assert_refused_by(
		FLOW_DELETE_STRICT, "ip,hard_timeout=5", "hard_timeout: flows are chosen"
	);
	assert_refused("delete_strict priority=5,importance=5", "importance: flows are chosen");
	assert_refused_by(FLOW_DELETE, "ip,drop", "'drop' is an action: flows are chosen by");
}

/* What is shown is not deleted: --strict would change nothing. */
static void test_flow_text_shows_by_match_alone(void **state)
{
	struct of_flow_stats_request *request = XNEW(struct of_flow_stats_request);
	struct errbuf err;

	errbuf_init(&err);
	assert_true(flow_parse_request(request, "ip,priority=5", NULL, &err) < 0);
	assert_non_null(strstr(err.text, "priority: flows are chosen by what they match"));
	assert_null(strstr(err.text, "--strict"));
	errbuf_init(&err);
	assert_true(flow_parse_request(request, "drop", NULL, &err) < 0);
	assert_non_null(strstr(err.text, "'drop' is an action: flows are chosen by"));
	free(request);
}

static void test_flow_text_errors_point_at_the_word(void **state)
{
	static const char *const bad[][2] = {
		{"tcp,tp_dst=80", "actions: missing"},
		{"prioritx=5,actions=drop", "did you mean priority"},
		{"priority=70000,actions=drop", "priority: 70000 is more than 65535"},
		{"table=foo,actions=drop", "foo"},
		{"actions=outputx:1", "outputx: unknown action: did you mean output?"},
		{"actions=output:vnet0", "vnet0"},
		{"actions=drop,output:1", "drop"},
		{"actions=output:1,drop", "drop"},
		{"actions=set_field:5", "->FIELD"},
		{"actions=set_field:5->ret0", "did you mean reg0"},
		{"actions=load:0x10->reg0[0..3]", "does not fit into 4 bits"},
		{"actions=load:1->reg0[30..40]", "bits 0 to 31"},
		{"actions=move:reg0[0..3]->reg1[0..4]", "4 bits"},
		{"actions=goto_table:5,output:1", "output: must stand before goto_table"},
		{"actions=resubmit(", "parenthesis"},
		{"actions=controller(reasonx=action)", "unknown key 'reasonx'"},
		{"actions=conjunction(1,3/2)", "dimension 3"},
		{"actions=ct(commitx)", "unknown key 'commitx'"},
		{"actions=ct(force)", "commit"},
		{"actions=learn(table=1,NXM_OF_ETH_DST[]=NXM_OF_ETH_TYPE[])", "widths"},
		{"actions=note:0", "hex"},
		{"actions=group:x", "group:GROUP"},
		{"actions=clone(outpt:1)", "did you mean output"},
		{"actions=mod_vlan_pcp:9", "0 to 7"},
		{"cookie=1/2,actions=drop", "mask"},
		{"nw_src=1.2.3.4,actions=drop", "only together with ip"},
		{"in_port=1,drop", "'drop' is an action: put it behind actions="},
		{"ip,output:2", "'output' is an action"},
		{"normal", "'normal' is an action"},
		{"actions=clone(write_actions(output:1))", "write_actions: an instruction"},
		{"skb_priority=1,actions=drop", "skb_priority: OpenFlow has no number for it"},
		{"tun_tos=1,actions=drop", "tun_tos: OpenFlow has no number for it"},
		{"actions=set_field:1->tun_ttl", "tun_ttl: OpenFlow has no number for it"},
		{"actions=push:tun_tos[]", "tun_tos: OpenFlow has no number for it"},
		{"in_port=70000,actions=drop", "numbered up to 65279"},
		{"actions=output:70000", "70000"},
	};

	for (unsigned i = 0; i < ARRAY_LENGTH(bad); i++)
		assert_refused(bad[i][0], bad[i][1]);
}

/* What a version has no way to say is not left out of the message. */
static void test_flow_text_versions_say_all_or_refuse(void **state)
{
	static const struct {
		uint8_t version;
		const char *flow, *part;
	} bad[] = {
		{OF10, "actions=write_actions(output:1)", "write_actions: there is no such action"},
		{OF10,
		 "actions=output:2,clone(meter:1)",
		 "meter: there is no such action in OF1.0"},
		{OF10, "actions=clear_actions", "clear_actions"},
		{OF12, "actions=push_pbb:0x88e7", "push_pbb: there is no such action in OF1.2"},
		{OF13, "importance=5,actions=drop", "importance: OF1.3 does not have it"},
		{OF10, "out_group=5,actions=drop", "out_group"},
		{OF12, "no_byte_counts,actions=drop", "no_byte_counts"},
	};

	for (unsigned i = 0; i < ARRAY_LENGTH(bad); i++) {
		struct of_flow_mod *mod = xcalloc(1, sizeof(*mod));
		struct wire_out out;
		struct errbuf err;

		wire_out_init(&out, bad[i].version);
		assert_int_equal(flow_parse(mod, FLOW_ADD, bad[i].flow, NULL, &err), 0);
		if (!flow_encode(&out, mod, 0, &err))
			fail_msg("%s was encoded", bad[i].flow);
		if (!strstr(err.text, bad[i].part))
			fail_msg("%s: '%s' does not say '%s'", bad[i].flow, err.text, bad[i].part);
		wire_out_fini(&out);
		of_flow_mod_fini(mod);
		free(mod);
	}
}

static void test_flow_text_statistics_read_as_usual(void **state)
{
	struct of_flow_stats *flow = xcalloc(1, sizeof(*flow));
	struct strbuf text = STRBUF_INIT;
	struct errbuf err;

	flow->cookie = 0x2a;
	flow->duration_sec = 12;
	flow->duration_nsec = 340000000;
	flow->packet_count = 5;
	flow->byte_count = 300;
	flow->priority = 10;
	flow->idle_timeout = 60;
	flow->idle_age = 4;
	flow->flags = FLOW_SEND_FLOW_REM;
	match_init(&flow->match, NULL);
	assert_int_equal(match_parse(&flow->match, "tcp,in_port=1", NULL, &err), 0);
	assert_int_equal(actions_parse(&flow->actions, "output:2", NULL, &err), 0);
	flow_format_stats(flow, NULL, true, &text);
	assert_string_equal(
		strbuf_text(&text),
		"cookie=0x2a, duration=12.34s, table=0, n_packets=5, n_bytes=300, idle_timeout=60, "
		"send_flow_rem idle_age=3, priority=10,tcp,in_port=1 actions=output:2"
	);
	strbuf_clear(&text);
	flow_format_stats(flow, NULL, false, &text);
	assert_string_equal(
		strbuf_text(&text),
		"cookie=0x2a, idle_timeout=60, send_flow_rem priority=10,tcp,in_port=1 "
		"actions=output:2"
	);
	strbuf_fini(&text);
	of_flow_stats_fini(flow);
	free(flow);
}

static void test_flow_text_deletes_by_cookie_and_port(void **state)
{
	struct of_flow_mod *mod = xcalloc(1, sizeof(*mod));
	struct errbuf err;

	assert_int_equal(
		flow_parse(mod, FLOW_DELETE, "cookie=0x5/-1,out_port=3,ip", NULL, &err), 0
	);
	assert_int_equal(mod->command, FLOW_DELETE);
	assert_int_equal(mod->table_id, FLOW_ALL_TABLES);
	assert_true(mod->cookie == 5 && mod->cookie_mask == UINT64_MAX);
	assert_int_equal(mod->out_port, 3);
	assert_int_equal(flow_parse(mod, FLOW_ADD, "delete_strict table=2", NULL, &err), 0);
	assert_int_equal(mod->command, FLOW_DELETE_STRICT);
	assert_int_equal(mod->table_id, 2);
	assert_int_equal(flow_parse(mod, FLOW_DELETE, "cookie=5", NULL, &err), -EINVAL);
	assert_int_equal(flow_parse(mod, FLOW_DELETE_STRICT, "priority=5,ip", NULL, &err), 0);
	assert_int_equal(mod->priority, 5);
	of_flow_mod_fini(mod);
	free(mod);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flow_text_agrees_with_what_was_recorded),
		cmocka_unit_test(test_flow_text_shows_by_match_alone),
		cmocka_unit_test(test_flow_text_errors_point_at_the_word),
		cmocka_unit_test(test_flow_text_deletes_by_match_alone),
		cmocka_unit_test(test_flow_text_versions_say_all_or_refuse),
		cmocka_unit_test(test_flow_text_statistics_read_as_usual),
		cmocka_unit_test(test_flow_text_deletes_by_cookie_and_port),
	};

	vectors_path = argc > 1 ? argv[1] : "flows.vectors";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
