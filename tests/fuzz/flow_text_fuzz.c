/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/errbuf.h"
#include "lib/strbuf.h"
#include "ofproto/wire/flow_text.h"
#include "ofproto/wire/messages.h"
#include "tests/fuzz/fuzz.h"

/* Flows as people type them: what is accepted can be encoded in every version and printed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t versions[] = {OF10, OF13, OF14, OF15};
	struct of_flow_mod *mod = calloc(1, sizeof(*mod));
	char *text = fuzz_text(data, size);
	struct strbuf out = STRBUF_INIT;
	struct errbuf err;

	if (!mod)
		abort();
	errbuf_init(&err);
	if (size < 4096 && !flow_parse(mod, FLOW_ADD, text, NULL, &err)) {
		flow_format_mod(mod, NULL, &out);
		for (unsigned i = 0; i < sizeof(versions); i++) {
			struct wire_out wire;

			wire_out_init(&wire, versions[i]);
			flow_encode(&wire, mod, 1, &err);
			wire_out_fini(&wire);
		}
	} else if (size < 4096 && !err.text[0]) {
		abort();
	}
	of_flow_mod_fini(mod);
	strbuf_fini(&out);
	free(mod);
	free(text);
	return 0;
}
