/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/errbuf.h"
#include "lib/flow/names.h"
#include "lib/strbuf.h"
#include "ofproto/wire/flow_text.h"
#include "ofproto/wire/messages.h"
#include "tests/fuzz/fuzz.h"

/* As the switch does before it takes them. */
static void check_actions(struct of_flow_mod *mod)
{
	for (unsigned i = 0; i < 2; i++) {
		struct match match = mod->match;
		struct action_check check = {
			.match = &match,
			.version = i ? OF15 : OF10,
			.table = mod->table_id,
			.max_ports = PORT_MAX,
			.strict = i,
		};

		actions_check(&mod->actions, &check);
	}
}

/* What is accepted can be encoded in every version and printed, what is not is explained. */
static void run_flow(enum flow_command command, const char *text)
{
	static const uint8_t versions[] = {OF10, OF13, OF14, OF15};
	struct of_flow_mod *mod = calloc(1, sizeof(*mod));
	struct strbuf out = STRBUF_INIT;
	struct errbuf err;

	if (!mod)
		abort();
	errbuf_init(&err);
	if (flow_parse(mod, command, text, NULL, &err)) {
		if (!err.text[0])
			abort();
	} else {
		flow_format_mod(mod, NULL, &out);
		check_actions(mod);
		for (unsigned i = 0; i < sizeof(versions); i++) {
			struct wire_out wire;

			wire_out_init(&wire, versions[i]);
			flow_encode(&wire, mod, 1, &err);
			wire_out_fini(&wire);
		}
	}
	of_flow_mod_fini(mod);
	strbuf_fini(&out);
	free(mod);
}

static void run_request(const char *text)
{
	struct of_flow_stats_request *request = calloc(1, sizeof(*request));
	struct errbuf err;

	if (!request)
		abort();
	errbuf_init(&err);
	if (flow_parse_request(request, text, NULL, &err) && !err.text[0])
		abort();
	of_flow_stats_request_fini(request);
	free(request);
}

/* Flows as people type them, and what they ask for. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size >= 4096)
		return 0;
	text = fuzz_text(data, size);
	run_flow(FLOW_ADD, text);
	run_flow(FLOW_DELETE, text);
	run_request(text);
	free(text);
	return 0;
}
