/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/explain/tracer.h"

#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "datapath/program.h"
#include "lib/flow/field.h"
#include "lib/flow/match.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/xlate/trace.h"
#include "ofproto/xlate/xlate.h"

static char *match_text(const struct match *match)
{
	struct strbuf text = STRBUF_INIT;
	char *copy;

	match_format(match, NULL, &text);
	copy = xstrdup(strbuf_text(&text));
	strbuf_fini(&text);
	return copy;
}

/* The key as a match on all that such a packet has. 'in_port' is OpenFlow's. */
static char *key_text(const struct key *key, uint32_t in_port)
{
	struct strbuf text = STRBUF_INIT;
	struct key copy = *key;
	struct match match;
	char *whole;

	copy.base.in_port = in_port;
	copy.base.blocks = 0;
	match_init(&match, NULL);
	match.key = copy;
	/* What a packet does not have is zero, and not worth a word. */
	FIELDS_FOREACH(field) {
		const uint8_t *at = (const uint8_t *)&copy + field->offset;

		for (unsigned i = 0; i < field->width; i++)
			if (at[i] && !(field->flags & FIELD_VIEW))
				memset((uint8_t *)&match.mask + field->offset, 0xff, field->width);
	}
	memset(&match.mask.base.in_port, 0xff, 2 * sizeof(uint32_t) + 2 * sizeof(struct mac));
	match.mask.base.recirc = copy.base.recirc ? UINT32_MAX : 0;
	match.mask.base.eth_type = match.mask.base.vlan_tci = UINT16_MAX;
	match.mask.base.vlan_tpid = 0;
	memset(match.mask.pipeline.tags, 0, sizeof(match.mask.pipeline.tags));
	match_format(&match, NULL, &text);
	whole = xstrdup(strbuf_text(&text));
	strbuf_fini(&text);
	return whole;
}

static json_t *take_text(char *text)
{
	json_t *string = json_string(text);

	free(text);
	return string;
}

static json_t *megaflow_of(const struct xlate *x, const struct key *key, uint32_t in_port)
{
	struct match match;

	match_init(&match, NULL);
	match.mask = x->mask;
	key_apply_mask(&match.key, key, &x->mask);
	match.key.base.in_port = in_port;
	match.key.base.blocks = match.mask.base.blocks = 0;
	return take_text(match_text(&match));
}

static unsigned count_kind(const struct xlate *x, enum dep_kind kind)
{
	unsigned n = 0;

	for (unsigned i = 0; i < x->n_deps; i++)
		n += x->deps[i].kind == kind;
	return n;
}

static json_t *cost_of(const struct xlate *x, uint64_t ns)
{
	return json_pack(
		"{s:i, s:i, s:i, s:i, s:i, s:i, s:b, s:I}",
		"ops",
		(int)x->program.n_ops,
		"program-bytes",
		(int)x->program.size,
		"outputs",
		(int)x->n_outputs,
		"table-lookups",
		(int)count_kind(x, DEP_TABLE),
		"rules",
		(int)count_kind(x, DEP_RULE),
		"dependencies",
		(int)x->n_deps,
		"cacheable",
		!x->uncacheable,
		"translation-ns",
		(json_int_t)ns
	);
}

static void add_mask(const json_t *mask, struct strbuf *out)
{
	json_t *row;
	size_t i;

	strbuf_add(out, "Looked at:\n");
	json_array_foreach(mask, i, row)
		strbuf_addf(
			out,
			"  %s: %s\n",
			json_string_value(json_object_get(row, "bits")),
			json_string_value(json_object_get(row, "because"))
		);
	strbuf_add(out, "  the input port: always\n");
}

static void add_cost(const json_t *cost, struct strbuf *out)
{
#define N(name) (long long)json_integer_value(json_object_get(cost, name))
	strbuf_addf(
		out,
		"Cost: %lld ops (%lld bytes), %lld outputs per packet; once per megaflow %lld table "
		"lookups, %lld dependencies, %lld ns\n",
		N("ops"),
		N("program-bytes"),
		N("outputs"),
		N("table-lookups"),
		N("dependencies"),
		N("translation-ns")
	);
#undef N
}

/* All that the answer has, for people. */
static void add_text(json_t *answer, struct trace *trace)
{
	struct strbuf out = STRBUF_INIT;

#define S(name) json_string_value(json_object_get(answer, name))
	strbuf_addf(&out, "Flow: %s\n%s\n", S("flow"), strbuf_text(&trace->text));
	strbuf_addf(&out, "Final flow: %s\n", S("final-flow"));
	strbuf_addf(&out, "Megaflow: %s\n", S("megaflow"));
	add_mask(json_object_get(answer, "mask"), &out);
	add_cost(json_object_get(answer, "cost"), &out);
	/* Last, as scripts written for ovs-appctl expect it. */
	strbuf_addf(&out, "Datapath actions: %s", S("actions"));
#undef S
	json_object_set_new(answer, "text", json_string(strbuf_text(&out)));
	strbuf_fini(&out);
}

static json_t *answer_of(struct xlate *x, const struct key *key, struct trace *trace, uint64_t ns)
{
	const struct view_port *port = view_port_at(x->view, key->base.in_port);
	uint32_t in_port = port ? port->number : 0;
	struct strbuf program = STRBUF_INIT;
	char *flow = key_text(key, in_port), *final = key_text(&x->key, in_port);

	program_builder_format(&x->program, &program);
	json_t *answer = json_pack(
		"{s:s, s:O, s:s, s:o, s:O, s:s, s:o}",
		"flow",
		flow,
		"steps",
		trace->steps,
		"final-flow",
		strcmp(flow, final) ? final : "unchanged",
		"megaflow",
		megaflow_of(x, key, in_port),
		"mask",
		trace->looks,
		"actions",
		strbuf_text(&program),
		"cost",
		cost_of(x, ns)
	);

	strbuf_fini(&program);
	free(flow);
	free(final);
	add_text(answer, trace);
	return answer;
}

json_t *tracer_run(const struct bridge *bridge, const struct key *key)
{
	struct xlate *x = XNEW(struct xlate);
	struct trace trace;

	trace_init(&trace);
	/* Once without the story, to see what it takes. */
	uint64_t start = uv_hrtime();

	xlate_run(x, view_get(), key, NULL);
	uint64_t ns = uv_hrtime() - start;

	xlate_run(x, view_get(), key, &trace);
	json_t *answer = answer_of(x, key, &trace, ns);

	json_object_set_new(answer, "bridge", json_string(bridge->name));
	trace_fini(&trace);
	free(x);
	return answer;
}

void tracer_format(const json_t *answer, struct strbuf *out)
{
	strbuf_addf(out, "%s\n", json_string_value(json_object_get(answer, "text")));
}
