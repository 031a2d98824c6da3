/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/flow/match.h"
#include "lib/log.h"
#include "lib/strbuf.h"
#include "ofproto/wire/action.h"
#include "ofproto/wire/actions/conjunction.h"
#include "ofproto/wire/wire.h"
#include "tests/unit/unit.h"

LOG_TOPIC(test);

static char *print(const struct action_list *list)
{
	struct strbuf out = STRBUF_INIT;

	actions_format(list, NULL, &out);
	return strbuf_steal(&out);
}

/* What is printed of the actions, of those that were sent in a version and of those that were printed. */
static void check_ways(const char *text)
{
	struct action_list list = {0}, back = {0};
	struct wire_out out;
	struct errbuf err;

	if (actions_parse(&list, text, NULL, &err))
		fail_msg("%s: %s", text, err.text);
	wire_out_init(&out, OF15);
	actions_encode(&out, &list);
	struct wire_in in = wire_in(out.data, out.n, OF15);

	actions_decode(&in, out.n, &back);
	assert_int_equal(in.error, OF_OK);
	char *typed = print(&list), *sent = print(&back);

	assert_string_equal(typed, sent);
	action_list_clear(&list);
	assert_int_equal(actions_parse(&list, typed, NULL, &err), 0);
	char *again = print(&list);

	assert_string_equal(typed, again);
	free(typed);
	free(sent);
	free(again);
	wire_out_fini(&out);
	action_list_fini(&list);
	action_list_fini(&back);
}

static void test_action_text_is_sent_and_printed_as_typed(void **state)
{
	static const char sample[] = "sample(probability=5,collector_set_id=1,obs_domain_id=2,"
				     "obs_point_id=3,sampling_port=4,egress)";
	static const char learn[] =
		"learn(table=1,idle_timeout=5,NXM_OF_VLAN_TCI[0..11],load:5->NXM_NX_REG0[],"
		"output:NXM_OF_IN_PORT[])";
	static const char *const texts[] = {
		"controller(reason=no_match,max_len=100,id=7,userdata=01.02)",
		"CONTROLLER:128",
		"ct(commit,force,zone=7,table=3,alg=ftp,nat(src=10.0.0.1-10.0.0.9:5-9,random))",
		"ct(commit,alg=tftp,nat(dst=10.0.0.1,hash,persistent))",
		"ct(commit,nat(src=fd00::1-fd00::9))",
		"ct(commit,nat(dst=[fd00::1]:80))",
		"ct(commit,nat(dst=[fd00::1]-[fd00::9]:80-90))",
		"ct(commit,exec(set_field:1->ct_mark))",
		"ct(zone=NXM_NX_REG0[0..15])",
		"multipath(symmetric_l3l4+udp,5,hrw,4,0,NXM_NX_REG0[0..7])",
		"multipath(eth_src,50,iter_hash,12,7,NXM_NX_REG0[0..7])",
		"bundle_load(nw_src,0,hrw,ofport,NXM_NX_REG0[],members:4,8)",
		sample,
		"fin_timeout(idle_timeout=10,hard_timeout=20)",
		"output:NXM_NX_REG0[0..15]",
		"output(port=5,max_len=100)",
		"clone(output:1,set_queue:3)",
		"delete_field:tun_metadata0",
		"check_pkt_larger(1500)->NXM_NX_REG0[0]",
		"conjunction(5,1/2)",
		"resubmit(1,2,ct)",
		"push_mpls:0x8847,dec_mpls_ttl,pop_mpls:0x0800",
		"push:NXM_NX_REG0[],pop:NXM_NX_REG1[]",
		learn,
	};

	for (unsigned i = 0; i < ARRAY_LENGTH(texts); i++)
		check_ways(texts[i]);
}

static void test_action_text_errors_say_what_is_right(void **state)
{
	static const struct {
		const char *text, *sentence;
	} wrong[] = {
		{"controller(reason=x)", "is not one of no_match"},
		{"controller(userdata=1)", "not pairs of hex digits"},
		{"controller(what=1)", "what"},
		{"ct(zone=NXM_NX_REG0[0..7])", "does not have 16 bits"},
		{"ct(alg=x)", "is not ftp or tftp"},
		{"ct(table=x)", "no table is named 'x'"},
		{"ct(nat(src=x))", "is not IP[-IP][:PORT[-PORT]]"},
		{"ct(nat(src=10.0.0.1-x))", "is not IP[-IP][:PORT[-PORT]]"},
		{"ct(nat(src=10.0.0.1:x))", "is not IP[-IP][:PORT[-PORT]]"},
		{"ct(nat(src=[fd00::1))", "is not IP[-IP][:PORT[-PORT]]"},
		{"ct(nat(src=10.0.0.1,dst=10.0.0.1))", "either src or dst"},
		{"ct(nat(src=10.0.0.1,hash,random))", "either hash or random"},
		{"ct(nat(what))", "unknown key 'what'"},
		{"multipath(x,5,hrw,4,0,reg0[0..7])", "is not one of eth_src"},
		{"multipath(eth_src,5,x,4,0,reg0[0..7])", "is not one of modulo_n"},
		{"multipath(eth_src,5,hrw,400,0,reg0[0..7])", "do not fit into 8 bits"},
		{"multipath(eth_src,5,hrw,4,0)", "write multipath("},
		{"multipath(eth_src,5,hrw,4,0,x)", "x"},
		{"sample(probability=0)", "probability (1 to 65535) is required"},
		{"sample(what=1)", "unknown key 'what'"},
		{"sample(probability=1,sampling_port=x)", "no such port"},
		{"fin_timeout(what=1)", "unknown key 'what'"},
		{"output(port=5)", "port and max_len"},
		{"output(port=5,length=100)", "unknown key 'length' (port, max_len)"},
		{"output(port=x,max_len=100)", "no port is named x"},
		{"output(port=5,max_len=13)", "14 at least"},
		{"output(port=5,max_len=x)", "max_len"},
		{"controller:65536", "max_len"},
		{"output:reg0[", "reg0["},
		{"delete_field:reg0", "only tun_metadata fields"},
		{"delete_field:x", "x"},
		{"conjunction(5)", "write conjunction(ID,K/N)"},
		{"conjunction(5,1/100)", "2 to 64 are allowed"},
		{"resubmit(x,1)", "no port is named 'x'"},
		{"resubmit(1,x)", "no table is named 'x'"},
		{"resubmit(1,2,x)", "write resubmit(PORT,TABLE)"},
		{"resubmit(,)", "a port or table is required"},
		{"enqueue:1", "enqueue"},
		{"goto_table:x", "x"},
		{"check_pkt_larger(x)->reg0[0]", "check_pkt_larger"},
		{"note:x", "note"},
		{"write_metadata:x", "x"},
		{"set_field:1", "set_field"},
		{"load:1->x", "x"},
		{"move:x->reg0", "x"},
		{"encap(x)", "is not one of ethernet"},
		{"decap(x)", "write decap or decap(packet_type("},
		{"output_reg:x", "write output:FIELD[FIRST..LAST]"},
		{"output_trunc:x", "write output(port=PORT,max_len=BYTES)"},
		{"nothing", "nothing"},
	};

	for (unsigned i = 0; i < ARRAY_LENGTH(wrong); i++) {
		struct action_list list = {0};
		struct errbuf err;

		errbuf_init(&err);
		if (!actions_parse(&list, wrong[i].text, NULL, &err))
			fail_msg("%s was accepted", wrong[i].text);
		if (!strstr(err.text, wrong[i].sentence))
			fail_msg("%s: %s", wrong[i].text, err.text);
		action_list_fini(&list);
	}
}

static void test_a_conjunction_is_known_as_one(void **state)
{
	struct action_list list = {0};
	struct errbuf err;

	assert_int_equal(actions_parse(&list, "conjunction(5,2/3),output:1", NULL, &err), 0);
	const struct action *first = action_first(&list);

	assert_int_equal(conjunction_of(first)->id, 5);
	assert_int_equal(conjunction_of(first)->clause, 1);
	assert_int_equal(conjunction_of(first)->n_clauses, 3);
	assert_null(conjunction_of(action_next(&list, first)));
	action_list_fini(&list);
}

static void test_actions_are_refused_where_they_make_no_sense(void **state)
{
	static const struct {
		const char *text;
		enum of_error error;
	} wrong[] = {
		{"push_vlan:0x1234", OF_BAC_BAD_ARGUMENT},
		{"push_mpls:0x1234", OF_BAC_BAD_ARGUMENT},
		{"push_pbb:0x1234", OF_BAC_BAD_ARGUMENT},
		{"mod_vlan_vid:5,push_vlan:0x8100,output:1", OF_OK},
		{"output(port=1,max_len=100)", OF_OK},
		{"output(port=LOCAL,max_len=100)", OF_OK},
		{"mod_nw_src:1.2.3.4", OF_BAC_MATCH_INCONSISTENT},
		{"move:NXM_OF_IP_SRC[]->NXM_NX_REG0[]", OF_BAC_MATCH_INCONSISTENT},
	};

	for (unsigned i = 0; i < ARRAY_LENGTH(wrong); i++) {
		struct action_list list = {0};
		struct match match;
		struct action_check check = {
			.match = &match, .version = OF13, .max_ports = UINT32_MAX, .strict = true};
		struct errbuf err;

		match_init(&match, NULL);
		if (actions_parse(&list, wrong[i].text, NULL, &err))
			fail_msg("%s: %s", wrong[i].text, err.text);
		if (actions_check(&list, &check) != wrong[i].error)
			fail_msg("%s: %d", wrong[i].text, actions_check(&list, &check));
		action_list_fini(&list);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_action_text_is_sent_and_printed_as_typed),
		cmocka_unit_test(test_action_text_errors_say_what_is_right),
		cmocka_unit_test(test_a_conjunction_is_known_as_one),
		cmocka_unit_test(test_actions_are_refused_where_they_make_no_sense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
