/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The tracer: tells what would happen to a packet, step by step, and what it costs.  */

#include <stdint.h>

#include <jansson.h>

struct bridge;
struct key;
struct strbuf;

/* The bytes of the packet, if they are known. */
struct tracer_frame {
	const uint8_t *bytes;
	uint32_t n;
};

/* Main thread. */

/* Translates the packet, whose in_port is a slot of the bridge. The answer is an object: "flow",
 * "steps", "final-flow", "megaflow", "mask" (why each bit is there), "actions", "cost", "rounds" (the
 * same for each further time it is looked up, without those), and "text", all of it for people.
 * 'frame' is NULL if only the key is known. New reference. */
json_t *
tracer_run(const struct bridge *bridge, const struct key *key, const struct tracer_frame *frame);
/* For commands that answer with it: shows the text. */
void tracer_format(const json_t *answer, struct strbuf *out);
