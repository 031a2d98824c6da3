/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/wire/group_text.h"

#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/log.h"
#include "lib/strbuf.h"
#include "ofproto/wire/messages.h"
#include "ofproto/wire/show/show.h"
#include "tests/unit/unit.h"

LOG_TOPIC(test);

/* The text is sent, and what a peer would see of it contains 'shown'. */
static void check_shown(const char *text, uint8_t version, const char *shown)
{
	struct strbuf out = STRBUF_INIT;
	struct of_group_mod mod;
	struct wire_out wire;
	struct errbuf err;

	wire_out_init(&wire, version);
	if (group_parse(&mod, GROUP_COMMAND_ADD, version, text, NULL, &err))
		fail_msg("%s: %s", text, err.text);
	message_encode(&wire, group_message(&mod), 1, &mod);
	show_message(&(const struct show){.no_stats = false}, wire.data, wire.n, &out);
	if (!strstr(strbuf_text(&out), shown))
		fail_msg("%s in %d: %s", text, version, strbuf_text(&out));
	group_text_fini(&mod);
	wire_out_fini(&wire);
	strbuf_fini(&out);
}

static void test_groups_are_sent_as_typed(void **state)
{
	static const struct {
		const char *text, *shown;
	} texts[] = {
		{"group_id=1,type=all,bucket=output:1", "ADD group_id=1,type=all,bucket="},
		{"modify group_id=1,type=indirect,bucket=output:1", "MOD group_id=1,type=indirect"},
		{"add_or_mod group_id=1,type=ff,bucket=watch_port:1,output:1,"
		 "bucket=watch_group:2,output:2",
		 "ADD_OR_MOD group_id=1,type=ff"},
		{"delete group_id=all", "DEL"},
		{"insert_bucket group_id=1,command_bucket_id=first,bucket=bucket_id:5,output:1",
		 "INSERT_BUCKET command_bucket_id:first,group_id=1,"},
		{"insert_bucket group_id=1,command_bucket_id=last,bucket=output:1",
		 "INSERT_BUCKET command_bucket_id:last,group_id=1,"},
		{"insert_bucket group_id=1,command_bucket_id=5,bucket=output:1",
		 "INSERT_BUCKET command_bucket_id:5,group_id=1,"},
		{"remove_bucket group_id=1,command_bucket_id=all",
		 "REMOVE_BUCKET command_bucket_id:all,group_id=1"},
		{"group_id=1,type=select,selection_method=hash,selection_method_param=7,"
		 "fields(ip_src,tcp_dst=0xff00),bucket=weight:5,output:1",
		 "selection_method=hash,selection_method_param=7,fields("},
		{"group_id=1,type=select,selection_method=dp_hash,bucket=weight:5,output:1",
		 "selection_method=dp_hash"},
	};

	for (unsigned i = 0; i < ARRAY_LENGTH(texts); i++)
		check_shown(texts[i].text, OF15, texts[i].shown);
	check_shown(texts[0].text, OF13, texts[0].shown);
	check_shown(texts[4].text, OF10, texts[4].shown);
}

static void test_groups_errors_say_what_is_right(void **state)
{
	static const struct {
		const char *text, *sentence;
	} wrong[] = {
		{"group_id=x", "group_id"},
		{"group_id=1", "it is all, select, indirect or ff"},
		{"group_id=1,type=x", "x"},
		{"group_id=1,type=all,what=5", "what"},
		{"delete group_id=1,bucket=output:1", "nobody needs it to delete"},
		{"group_id=1,type=select,fields(ip_src),bucket=output:1", "needs selection_method"},
		{"group_id=1,type=select,selection_method=abcdefghijklmnop,"
		 "bucket=output:1",
		 "give a name of up to"},
		{"group_id=1,type=select,selection_method=hash,fields(x),bucket=output:1", "x"},
		{"insert_bucket group_id=1,command_bucket_id=x,bucket=output:1", "x"},
		{"group_id=1,type=all,bucket=weight:x,output:1", "weight"},
		{"group_id=1,type=all,bucket=watch_port:x,output:1", "x"},
		{"group_id=1,type=all,bucket=nothing", "nothing"},
	};

	for (unsigned i = 0; i < ARRAY_LENGTH(wrong); i++) {
		struct of_group_mod mod;
		struct errbuf err;

		errbuf_init(&err);
		if (!group_parse(&mod, GROUP_COMMAND_ADD, OF15, wrong[i].text, NULL, &err))
			fail_msg("%s was accepted", wrong[i].text);
		if (!strstr(err.text, wrong[i].sentence))
			fail_msg("%s: %s", wrong[i].text, err.text);
		group_text_fini(&mod);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_groups_are_sent_as_typed),
		cmocka_unit_test(test_groups_errors_say_what_is_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
