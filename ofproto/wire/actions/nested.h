/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Actions that hold others, and nothing else: their bytes and text are those of the ones inside.  */

#include "ofproto/wire/action_codec.h"

/* Any thread. For struct action_type. */

void nested_decode(
	struct wire_in *in,
	const struct action_type *type,
	const struct action_wire *wire,
	struct action_list *list
);
void nested_encode(struct wire_out *out, const struct action *action);
int nested_parse(
	const struct action_type *type,
	const char *text,
	const struct names *names,
	struct action_list *list,
	struct errbuf *err
);
void nested_format(const struct action *action, const struct names *names, struct strbuf *out);
