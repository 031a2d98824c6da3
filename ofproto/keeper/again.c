/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/keeper/again.h"

#include <limits.h>
#include <string.h>

#include "datapath/flow.h"
#include "datapath/program.h"
#include "lib/flow/dptext.h"
#include "lib/flow/match.h"
#include "lib/strbuf.h"
#include "ofproto/xlate/xlate.h"

bool again_translate(struct xlate *x, const struct flow *flow, unsigned patience)
{
	struct key key, mask;

	flow_get_match(flow, &key, &mask);
	xlate_run_region(x, view_get(), &key, &mask, patience);
	return !x->uncacheable && xlate_is_within(x, &mask);
}

void again_make(struct xlate *x, const struct key *key)
{
	struct key mask;

	xlate_run(x, view_get(), key, NULL);
	/* Headers that are written as they are need no op, if the mask knows how they are; bits may
	 * have got into it only after that was decided. */
	if (x->edited && !x->uncacheable) {
		memcpy(&mask, &x->mask, sizeof(mask));
		xlate_run_region(x, view_get(), key, &mask, UINT_MAX);
	}
}

bool again_holds(const struct xlate *x, const struct key *mask)
{
	return !x->uncacheable && xlate_is_within(x, mask);
}

bool again_is_wider(const struct xlate *x, const struct key *mask)
{
	return !key_mask_asks_within(mask, &x->mask);
}

/* What else matters than the flow's mask says. */
static void format_more(const struct xlate *x, const struct key *mask, struct strbuf *out)
{
	struct match more;
	uint64_t *bits = (uint64_t *)&more.mask;

	match_init(&more, NULL);
	for (unsigned i = 0; i < KEY_N_PACKET_BLOCKS * KEY_BLOCK_SIZE / 8; i++)
		bits[i] = ((const uint64_t *)&x->mask)[i] & ~((const uint64_t *)mask)[i];
	match_format(&more, NULL, out);
	/* Some of it no match can name, such as the inner of two tags. */
	for (unsigned i = 0; i < sizeof(more.mask) / sizeof(uint64_t); i++)
		if (bits[i])
			strbuf_addf(
				out,
				" %zu:%016llx",
				i * sizeof(uint64_t),
				(unsigned long long)bits[i]
			);
}

static json_t *
describe(const struct xlate *x, const struct flow *flow, const struct program *program)
{
	struct strbuf text = STRBUF_INIT, is = STRBUF_INIT, should_be = STRBUF_INIT;
	struct key key, mask;

	flow_get_match(flow, &key, &mask);
	dptext_format(&key, &mask, NULL, &text);
	program_format(flow_program(flow), &is);
	if (program) {
		program_format(program, &should_be);
	} else if (x->uncacheable) {
		strbuf_add(&should_be, "no flow");
	} else {
		strbuf_add(&should_be, "several flows, by ");
		format_more(x, &mask, &should_be);
	}
	json_t *row = json_pack(
		"{s:s, s:s, s:s}",
		"flow",
		strbuf_text(&text),
		"actions",
		strbuf_text(&is),
		"should be",
		strbuf_text(&should_be)
	);

	strbuf_fini(&text);
	strbuf_fini(&is);
	strbuf_fini(&should_be);
	return row;
}

/* What has to be true of a flow: if any of the packets that hit it were translated now, the program
 * would be the flow's. It need not get the same mask again, as long as the bits outside the flow's
 * mask cannot lead to another program; and that a packet would teach something is no fault of a flow
 * which nobody has hit yet. */
json_t *again_check(struct xlate *x, const struct flow *flow)
{
	struct program *program = NULL;
	json_t *fault = NULL;

	if (again_translate(x, flow, UINT_MAX))
		program = program_intern(&x->program);
	if (program != flow_program(flow))
		fault = describe(x, flow, program);
	program_unref(program);
	return fault;
}
