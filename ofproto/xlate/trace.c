/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/xlate/trace.h"

#include "ofproto/wire/action.h"

void trace_init(struct trace *trace)
{
	strbuf_init(&trace->text);
	trace->indent = 0;
}

void trace_fini(struct trace *trace)
{
	strbuf_fini(&trace->text);
}

void trace_note(struct trace *trace, const char *format, ...)
{
	va_list args;

	for (unsigned i = 0; i < trace->indent; i++)
		strbuf_add(&trace->text, "    ");
	va_start(args, format);
	strbuf_addv(&trace->text, format, args);
	va_end(args);
	strbuf_add_char(&trace->text, '\n');
}

void trace_actions(struct trace *trace, const struct action_list *list)
{
	struct strbuf text = STRBUF_INIT;

	actions_format(list, NULL, &text);
	trace_note(trace, "%s", text.length ? strbuf_text(&text) : "drop");
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
	strbuf_add_char(&trace->text, '\n');
	while (length--)
		strbuf_add_char(&trace->text, '-');
	strbuf_add_char(&trace->text, '\n');
}
