/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Pauses: a packet stops in the middle of the pipeline and goes to a controller, with a note of what
 * is left to be done; when the controller sends both back (NXT_RESUME), it goes on there.
 *
 * What is left is found as freezing finds it (freeze.h), but it is kept by nobody: it travels with
 * the packet, so that a controller may take its time, or forget. A copy (a clone's, a bucket's, what
 * went through a patch port) is paused alone; the original goes on.  */

#include <stdint.h>

#include "ofproto/wire/error.h"
#include "ofproto/wire/wire.h"
#include "ofproto/xlate/xlate.h"

struct action_controller;

/* What is left of a packet's way. */
struct resumption {
	uint32_t bridge; /* its index */
	unsigned n_steps, n_stack;
	struct xlate_step steps[XLATE_STEPS_FROZEN];
	uint8_t stack[XLATE_STACK][16];
	struct action_list set;
};

/* Any thread that holds an epoch. */

/* The packet goes no further than this action. */
void pause_begin(struct xlate *x, const struct action_controller *action);
/* Where its way ends, freeze_seal() calls this: it goes to the controllers. */
void pause_seal(struct xlate *x);
/* Does what is left. */
void pause_run(struct xlate *x, const struct resumption *resumption);

/* Main thread. */

/* Reads what pause_seal() wrote; trusts nothing in it. */
enum of_error resumption_read(struct resumption *resumption, const struct wire_bytes *note);
void resumption_fini(struct resumption *resumption);
