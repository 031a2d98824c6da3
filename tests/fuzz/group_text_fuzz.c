/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/errbuf.h"
#include "lib/strbuf.h"
#include "ofproto/wire/group_text.h"
#include "ofproto/wire/messages.h"
#include "ofproto/wire/meter_text.h"
#include "ofproto/wire/show/show.h"
#include "tests/fuzz/fuzz.h"

/* Shows what was made of the text, as a peer would see it. */
static void show(const struct message_type *type, uint8_t version, const void *body)
{
	struct strbuf out = STRBUF_INIT;
	struct wire_out wire;

	wire_out_init(&wire, version);
	message_encode(&wire, type, 1, body);
	if (wire.n <= WIRE_MAX_SIZE)
		show_message(&(const struct show){.no_stats = false}, wire.data, wire.n, &out);
	wire_out_fini(&wire);
	strbuf_fini(&out);
}

/* Groups and meters as people type them: what is accepted can be encoded and shown; what is not is
 * explained. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t versions[] = {OF13, OF14, OF15};
	char *text = fuzz_text(data, size);

	for (unsigned i = 0; size < 4096 && i < sizeof(versions); i++) {
		struct of_group_mod group;
		struct of_meter_mod meter;
		struct errbuf err;

		errbuf_init(&err);
		if (!group_parse(&group, GROUP_COMMAND_ADD, versions[i], text, NULL, &err))
			show(&of_group_mod_type, versions[i], &group);
		else if (!err.text[0])
			abort();
		group_text_fini(&group);
		errbuf_init(&err);
		if (!meter_parse(&meter, METER_COMMAND_ADD, versions[i], text, &err))
			show(&of_meter_mod_type, versions[i], &meter);
		else if (!err.text[0])
			abort();
		meter_text_fini(&meter);
	}
	free(text);
	return 0;
}
