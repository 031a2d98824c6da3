/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/xlate/trace.h"

#include <inttypes.h>
#include <string.h>

#include "lib/flow/match.h"
#include "ofproto/tables/rule.h"
#include "ofproto/wire/action.h"

void trace_init(struct trace *trace)
{
	memset(trace, 0, sizeof(*trace));
	strbuf_init(&trace->text);
	trace->steps = json_array();
	trace->looks = json_array();
}

void trace_fini(struct trace *trace)
{
	strbuf_fini(&trace->text);
	json_decref(trace->steps);
	json_decref(trace->looks);
}

/* One line, and what programs read instead. */
static void add(struct trace *trace, json_t *take_step, const char *line)
{
	for (unsigned i = 0; i < trace->indent; i++)
		strbuf_add(&trace->text, "    ");
	strbuf_addf(&trace->text, "%s\n", line);
	json_object_set_new(take_step, "depth", json_integer(trace->indent));
	json_array_append_new(trace->steps, take_step);
}

void trace_note(struct trace *trace, const char *format, ...)
{
	struct strbuf line = STRBUF_INIT;
	const char *text;
	va_list args;

	va_start(args, format);
	strbuf_addv(&line, format, args);
	va_end(args);
	text = strbuf_text(&line);
	add(trace, json_pack("{s:s}", "note", text + strspn(text, " >-")), text);
	strbuf_fini(&line);
}

void trace_rule(struct trace *trace, uint8_t table, const struct rule *rule)
{
	struct strbuf line = STRBUF_INIT, match = STRBUF_INIT;

	strbuf_addf(&line, "%2u. ", table);
	if (!rule) {
		strbuf_add(&line, "no match");
		add(trace, json_pack("{s:i, s:n}", "table", table, "rule"), strbuf_text(&line));
		strbuf_fini(&line);
		return;
	}
	rule_format_match(rule, &match);
	strbuf_addf(
		&line,
		"%s%spriority %u",
		strbuf_text(&match),
		match.length ? ", " : "",
		rule->priority
	);
	if (rule->cookie)
		strbuf_addf(&line, ", cookie 0x%" PRIx64, rule->cookie);
	add(trace,
	    json_pack(
		    "{s:i, s:{s:s, s:I, s:I}}",
		    "table",
		    table,
		    "rule",
		    "match",
		    strbuf_text(&match),
		    "priority",
		    (json_int_t)rule->priority,
		    "cookie",
		    (json_int_t)rule->cookie
	    ),
	    strbuf_text(&line));
	strbuf_fini(&line);
	strbuf_fini(&match);
}

void trace_actions(struct trace *trace, const struct action_list *list)
{
	struct strbuf text = STRBUF_INIT;

	actions_format(list, NULL, &text);
	if (!text.length)
		strbuf_add(&text, "drop");
	add(trace, json_pack("{s:s}", "actions", strbuf_text(&text)), strbuf_text(&text));
	strbuf_fini(&text);
}

void trace_heading(struct trace *trace, const char *format, ...)
{
	size_t start, length;
	va_list args;

	strbuf_add_char(&trace->text, '\n');
	start = trace->text.length;
	va_start(args, format);
	strbuf_addv(&trace->text, format, args);
	va_end(args);
	length = trace->text.length - start;
	json_array_append_new(
		trace->steps, json_pack("{s:s}", "enter", strbuf_text(&trace->text) + start)
	);
	strbuf_add_char(&trace->text, '\n');
	while (length--)
		strbuf_add_char(&trace->text, '-');
	strbuf_add_char(&trace->text, '\n');
}

void trace_goes_round(
	struct trace *trace, uint32_t point, uint32_t size, bool larger, const struct key *key
)
{
	struct trace_round *round = &trace->rounds[trace->n_rounds];

	if (trace->n_rounds == TRACE_ROUNDS)
		return;
	trace->n_rounds++;
	round->point = point;
	round->size = size;
	round->larger = larger;
	round->key = *key;
}

void trace_looked(struct trace *trace, const struct key *mask, const char *format, ...)
{
	struct strbuf bits = STRBUF_INIT, why = STRBUF_INIT;
	const uint64_t *now = (const uint64_t *)mask;
	uint64_t *before = (uint64_t *)&trace->looked, any = 0;
	struct match more;
	va_list args;

	match_init(&more, trace->map);
	for (unsigned i = 0; i < sizeof(*mask) / 8; i++) {
		((uint64_t *)&more.mask)[i] = now[i] & ~before[i];
		any |= now[i] & ~before[i];
		before[i] |= now[i];
	}
	if (!any || !trace->packet)
		return;
	more.mask.base.in_port = more.mask.base.recirc = 0;
	key_apply_mask(&more.key, trace->packet, &more.mask);
	match_format(&more, NULL, &bits);
	if (!bits.length) {
		/* Fields of a protocol are named with the protocol. */
		more.mask.base.eth_type = UINT16_MAX;
		more.mask.base.ip_proto = UINT8_MAX;
		key_apply_mask(&more.key, trace->packet, &more.mask);
		match_format(&more, NULL, &bits);
	}
	va_start(args, format);
	strbuf_addv(&why, format, args);
	va_end(args);
	if (bits.length)
		json_array_append_new(
			trace->looks,
			json_pack(
				"{s:s, s:s}",
				"bits",
				strbuf_text(&bits),
				"because",
				strbuf_text(&why)
			)
		);
	strbuf_fini(&bits);
	strbuf_fini(&why);
}
