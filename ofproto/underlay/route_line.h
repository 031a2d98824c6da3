/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Routes as people are shown them. Main thread only.  */

#include <stdint.h>

#include "lib/ipaddr.h"

struct route_line {
	const char *kind;
	struct ipaddr prefix;
	unsigned length;
	uint32_t table, mark;
	const char *device;
	struct ipaddr hop, src; /* none: there is none */
};

typedef void user_routes_visit_fn(void *context, const struct route_line *line);

/* Routes given by command. */
void user_routes_foreach(user_routes_visit_fn *visit, void *context);
