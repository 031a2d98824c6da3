/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/explain/tracer.h"

#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "datapath/program.h"
#include "datapath/punt.h"
#include "datapath/tunnel/options.h"
#include "lib/flow/field.h"
#include "lib/flow/match.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/xlate/trace.h"
#include "ofproto/xlate/xlate.h"

enum {
	ETH_TYPE_AT = 12,
	TYPE_VLAN = 0x8100,
	TYPE_QINQ = 0x88a8,
	TYPE_MPLS = 0x8847,
	TYPE_MPLS_MULTICAST = 0x8848,
};

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
static char *key_text(const struct key *key, uint32_t in_port, const struct tlv_map *map)
{
	struct strbuf text = STRBUF_INIT;
	struct key copy = *key;
	struct match match;
	char *whole;

	copy.base.in_port = in_port;
	copy.base.blocks = 0;
	match_init(&match, map);
	match.key = copy;
	/* What a packet does not have is zero, and not worth a word. */
	FIELDS_FOREACH(field) {
		const uint8_t *at = (const uint8_t *)&copy + field->offset;

		for (unsigned i = 0; i < field->width; i++)
			if (at[i] && !(field->flags & FIELD_VIEW))
				memset((uint8_t *)&match.mask + field->offset, 0xff, field->width);
		if (field_is_option(field) && copy.tunnel.options_present >> field->offset & 1)
			field_set_all(field, map, &match.mask);
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

/* Where options are in the keys of packets that come in there. */
static const struct tlv_map *map_of(const struct xlate *x, const struct view_port *port)
{
	return port ? &view_bridge_of(x->view, port->lport)->options->map : NULL;
}

static const struct tlv_map *map_of_key(const struct key *key)
{
	const struct view *view = view_get();
	const struct view_port *port = view_port_at(view, key->base.in_port);

	return port ? &view_bridge_of(view, port->lport)->options->map : NULL;
}

static json_t *megaflow_of(const struct xlate *x, const struct key *key)
{
	const struct view_port *port = view_port_at(x->view, key->base.in_port);
	struct match match;

	match_init(&match, map_of(x, port));
	match.mask = x->mask;
	key_apply_mask(&match.key, key, &x->mask);
	match.key.base.in_port = port ? port->number : 0;
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
	struct key last = x->key;

	/* Says nothing of the packet. */
	last.pipeline.actset_output = 0;
	char *flow = key_text(key, in_port, map_of(x, port));
	char *final = key_text(&last, in_port, map_of(x, port));

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
		megaflow_of(x, key),
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

/* Where behind the labels of an MPLS packet something else starts, or 0. */
static uint32_t end_of_labels(const struct tracer_frame *frame)
{
	uint32_t at = ETH_TYPE_AT;
	uint16_t type = 0;

	for (; at + 2 <= frame->n; at += 4) {
		type = (uint16_t)(frame->bytes[at] << 8 | frame->bytes[at + 1]);
		if (type != TYPE_VLAN && type != TYPE_QINQ)
			break;
	}
	if (type != TYPE_MPLS && type != TYPE_MPLS_MULTICAST)
		return 0;
	for (at += 2; at + 4 <= frame->n; at += 4)
		if (frame->bytes[at + 2] & 1)
			return at + 4;
	return 0;
}

/* If labels were taken off, what the key says of the headers behind them is read from the bytes. */
static void look_behind_labels(struct key *key, const struct tracer_frame *frame)
{
	uint32_t start = frame ? end_of_labels(frame) : 0;
	uint16_t type = be16_to(key->base.eth_type);
	struct key inner;

	if (!start || type == TYPE_MPLS || type == TYPE_MPLS_MULTICAST)
		return;
	uint32_t n = ETH_TYPE_AT + 2 + frame->n - start;
	uint8_t *bytes = xcalloc(1, n);

	memcpy(bytes, key->base.eth_dst.bytes, 6);
	memcpy(bytes + 6, key->base.eth_src.bytes, 6);
	memcpy(bytes + ETH_TYPE_AT, &key->base.eth_type, 2);
	memcpy(bytes + ETH_TYPE_AT + 2, frame->bytes + start, frame->n - start);
	if (!punt_parse(bytes, n, key->base.in_port, &inner)) {
		inner.base.vlan_tci = key->base.vlan_tci;
		inner.base.vlan_tpid = key->base.vlan_tpid;
		*key = inner;
	}
	free(bytes);
}

static json_t *round_of(
	const struct xlate *x,
	const struct trace_round *round,
	const struct trace *own,
	const struct key *key,
	const char *program
)
{
	json_t *told = json_pack(
		"{s:I, s:s, s:O, s:o, s:O, s:s}",
		"point",
		(json_int_t)round->point,
		"packets",
		!round->size		? "all"
			: round->larger ? "larger"
					: "others",
		"steps",
		own->steps,
		"megaflow",
		megaflow_of(x, key),
		"mask",
		own->looks,
		"actions",
		program
	);

	if (round->size)
		json_object_set_new(told, "size", json_integer(round->size));
	return told;
}

/* The packet's next look: what there is to tell goes behind what was told before. */
static json_t *tell_round(
	struct xlate *x,
	struct trace *trace,
	const struct trace_round *round,
	const struct key *packet,
	const struct tracer_frame *frame
)
{
	struct strbuf program = STRBUF_INIT;
	struct trace *own = XNEW(struct trace);
	struct key key = round->key;

	key.base.in_port = packet->base.in_port;
	look_behind_labels(&key, frame);
	key.base.recirc = round->point;
	memset(key.regs, 0, sizeof(key.regs));
	memset(&key.pipeline, 0, sizeof(key.pipeline));
	trace_init(own);
	own->map = trace->map;
	xlate_run(x, view_get(), &key, own);
	program_builder_format(&x->program, &program);
	strbuf_addf(&trace->text, "\nFrom point 0x%x", round->point);
	if (round->size)
		strbuf_addf(
			&trace->text,
			", if it has %s %u bytes",
			round->larger ? "more than" : "at most",
			round->size
		);
	strbuf_addf(&trace->text, ":\n%s", strbuf_text(&own->text));
	strbuf_addf(&trace->text, " -> %s\n", strbuf_text(&program));
	json_t *told = round_of(x, round, own, &key, strbuf_text(&program));

	for (unsigned i = 0; i < own->n_rounds; i++) {
		const struct trace_round *next = &own->rounds[i];

		trace_goes_round(trace, next->point, next->size, next->larger, &next->key);
	}
	strbuf_fini(&program);
	trace_fini(own);
	free(own);
	return told;
}

/* All further looks, as far as they concern this packet. */
static json_t *
tell_rounds(struct trace *trace, const struct key *packet, const struct tracer_frame *frame)
{
	struct xlate *x = XNEW(struct xlate);
	json_t *rounds = json_array();

	for (unsigned i = 0; i < trace->n_rounds; i++) {
		const struct trace_round *round = &trace->rounds[i];

		if (!frame || !round->size || round->larger == (frame->n > round->size))
			json_array_append_new(rounds, tell_round(x, trace, round, packet, frame));
	}
	free(x);
	return rounds;
}

json_t *
tracer_run(const struct bridge *bridge, const struct key *key, const struct tracer_frame *frame)
{
	struct xlate *x = XNEW(struct xlate);
	struct trace *trace = XNEW(struct trace);

	trace_init(trace);
	trace->map = map_of_key(key);
	/* Once without the story, to see what it takes. */
	uint64_t start = uv_hrtime();

	xlate_run(x, view_get(), key, NULL);
	uint64_t ns = uv_hrtime() - start;

	xlate_run(x, view_get(), key, trace);
	json_t *rounds = tell_rounds(trace, key, frame);
	json_t *answer = answer_of(x, key, trace, ns);

	json_object_set_new(answer, "rounds", rounds);
	json_object_set_new(answer, "bridge", json_string(bridge->name));
	trace_fini(trace);
	free(trace);
	free(x);
	return answer;
}

void tracer_format(const json_t *answer, struct strbuf *out)
{
	strbuf_addf(out, "%s\n", json_string_value(json_object_get(answer, "text")));
}
