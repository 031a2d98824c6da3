/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Traces: the story of one translation, told line by line while it happens.  */

#include "lib/strbuf.h"

struct trace {
	struct strbuf text;
	unsigned indent;
};

/* Any thread. */

void trace_init(struct trace *trace);
void trace_fini(struct trace *trace);
void trace_note(struct trace *trace, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct action_list;
void trace_actions(struct trace *trace, const struct action_list *list);
/* A heading at the left margin, underlined. */
void trace_heading(struct trace *trace, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
