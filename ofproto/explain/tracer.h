/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The tracer: tells what would happen to a packet, step by step, and what it costs.  */

#include <jansson.h>

struct bridge;
struct key;
struct strbuf;

/* Main thread. */

/* Translates the packet, whose in_port is a slot of the bridge. The answer is an object: "flow",
 * "steps", "final-flow", "megaflow", "mask" (why each bit is there), "actions", "cost", and "text",
 * all of it for people. New reference. */
json_t *tracer_run(const struct bridge *bridge, const struct key *key);
/* For commands that answer with it: shows the text. */
void tracer_format(const json_t *answer, struct strbuf *out);
