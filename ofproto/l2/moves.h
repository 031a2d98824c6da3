/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Moves: addresses that go back and forth between two lports, as they do when a loop brings frames back.
 *
 * Counted are addresses that return to where they were a moment ago; that many move once, as after a
 * failure, is nothing strange.  */

#include <stdbool.h>
#include <stdint.h>

struct moves;

/* Two lports between which addresses go back and forth. */
struct moves_pair {
	uint32_t a, b; /* ids */
	unsigned n; /* returns in the second under way */
	unsigned rate; /* in the last whole second */
	uint64_t total;
	int64_t since_ms; /* when that second began */
	bool alarmed;
};

/* Main thread. */

struct moves *moves_new(void);
void moves_free(struct moves *moves);
/* An address has returned to lport 'to', 'n' times: one that is held would have more often. */
void moves_note(struct moves *moves, uint32_t from, uint32_t to, unsigned n);

/* Tells about each pair that has become a storm, or is one no more. */
typedef void moves_alarm_fn(void *context, const struct moves_pair *pair);
void moves_poll(struct moves *moves, moves_alarm_fn *alarm, void *context);
void moves_foreach(
	const struct moves *moves,
	void (*visit)(const struct moves_pair *pair, void *context),
	void *context
);
