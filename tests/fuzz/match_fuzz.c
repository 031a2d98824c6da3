/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/errbuf.h"
#include "lib/flow/dptext.h"
#include "lib/flow/match.h"
#include "lib/strbuf.h"
#include "tests/fuzz/fuzz.h"

/* Matches as people type them, in both notations: what is accepted reads the same when printed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct strbuf out = STRBUF_INIT;
	struct match match, again;
	struct errbuf err;

	errbuf_init(&err);
	match_init(&match, NULL);
	if (!match_parse(&match, text, NULL, &err) && !match_check(&match, &err)) {
		match_format(&match, NULL, &out);
		match_init(&again, NULL);
		if (match_parse(&again, strbuf_text(&out), NULL, &err))
			abort();
		if (!match_equal(&match, &again))
			abort();
	}
	match_init(&match, NULL);
	dptext_parse(&match, text, NULL, &err);
	strbuf_fini(&out);
	free(text);
	return 0;
}
