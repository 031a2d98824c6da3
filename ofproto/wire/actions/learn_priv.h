/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* learn's text (learn_text.c), apart from its bytes (learn.c).  */

#include "ofproto/wire/actions/learn.h"

/* Any thread. */

int learn_parse(
	const struct action_type *type,
	const char *text,
	const struct names *names,
	struct action_list *list,
	struct errbuf *err
);
void learn_format(const struct action *action, const struct names *names, struct strbuf *out);
