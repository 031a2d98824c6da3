/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* controller's text (controller_text.c), apart from its bytes (controller.c).  */

#include "ofproto/wire/actions/controller.h"

/* Any thread. */

int controller_parse(
	const struct action_type *type,
	const char *text,
	const struct names *names,
	struct action_list *list,
	struct errbuf *err
);
void controller_format(const struct action *action, const struct names *names, struct strbuf *out);
