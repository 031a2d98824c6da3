/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/keeper/again.h"

#include <limits.h>

#include "datapath/flow.h"
#include "datapath/program.h"
#include "lib/flow/dptext.h"
#include "lib/strbuf.h"
#include "ofproto/xlate/xlate.h"

bool again_translate(struct xlate *x, const struct flow *flow, unsigned patience)
{
	struct key key, mask;

	flow_get_match(flow, &key, &mask);
	xlate_run_region(x, view_get(), &key, &mask, patience);
	return !x->uncacheable && xlate_is_within(x, &mask);
}

static json_t *describe(const struct flow *flow, const struct program *program)
{
	struct strbuf text = STRBUF_INIT, is = STRBUF_INIT, should_be = STRBUF_INIT;
	struct key key, mask;

	flow_get_match(flow, &key, &mask);
	dptext_format(&key, &mask, NULL, &text);
	program_format(flow_program(flow), &is);
	if (program)
		program_format(program, &should_be);
	else
		strbuf_add(&should_be, "several flows: the mask is too wide");
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
		fault = describe(flow, program);
	program_unref(program);
	return fault;
}
