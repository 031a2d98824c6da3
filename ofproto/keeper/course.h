/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A course: what becomes of a packet that a thread of its own sends again and again.
 *
 * The keeper finds it out and gives the program with a reference, so that packets can be sent by it
 * while the keeper has no time. Asked again, it says whether another program is right now.  */

#include <stdint.h>

#include "lib/mailbox.h"

struct program;
struct rule_actions;

struct packet_course {
	struct letter letter;
	uint32_t bridge; /* its index */
	struct rule_actions *actions; /* borrowed */
	struct program
		*program; /* what the asker has; replaced by what is right, with a reference */
	/* Runs on the keeper when that is done: tells the asker. */
	void (*done)(struct packet_course *course);
	const uint8_t *bytes; /* borrowed */
	uint32_t n;
};

/* Any thread. */

void course_ask(struct packet_course *course);
/* The reference ends. No packet that was injected with the program waits any more. */
void course_release(struct program *take_program);
