/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/l2/moves.h"

#include <stdlib.h>

#include "lib/clock.h"
#include "lib/xmalloc.h"

enum {
	PAIRS = 64, /* of the many there can be, those of late */
	SECOND_MS = 1000,
	STORM = 10, /* returns a second: more than people move their guests */
	FORGET_MS = 60000,
};

struct moves {
	struct moves_pair pairs[PAIRS];
};

struct moves *moves_new(void)
{
	return XNEW(struct moves);
}

void moves_free(struct moves *moves)
{
	free(moves);
}

static void turn_second(struct moves_pair *pair, int64_t now)
{
	if (now - pair->since_ms < SECOND_MS)
		return;
	pair->rate = now - pair->since_ms < 2 * SECOND_MS ? pair->n : 0;
	pair->n = 0;
	pair->since_ms = now;
}

/* The pair's entry, or that of a pair that has not been heard of for longest. */
static struct moves_pair *get_pair(struct moves *moves, uint32_t a, uint32_t b, int64_t now)
{
	struct moves_pair *oldest = &moves->pairs[0];

	for (unsigned i = 0; i < PAIRS; i++) {
		struct moves_pair *pair = &moves->pairs[i];

		if (pair->a == a && pair->b == b)
			return pair;
		if (pair->since_ms < oldest->since_ms)
			oldest = pair;
	}
	*oldest = (struct moves_pair){.a = a, .b = b, .since_ms = now};
	return oldest;
}

void moves_note(struct moves *moves, uint32_t from, uint32_t to, unsigned n)
{
	int64_t now = clock_ms();
	struct moves_pair *pair =
		get_pair(moves, from < to ? from : to, from < to ? to : from, now);

	turn_second(pair, now);
	pair->n += n;
	pair->total += n;
}

void moves_poll(struct moves *moves, moves_alarm_fn *alarm, void *context)
{
	int64_t now = clock_ms();

	for (unsigned i = 0; i < PAIRS; i++) {
		struct moves_pair *pair = &moves->pairs[i];

		if (!pair->a)
			continue;
		bool storm = pair->n >= STORM || pair->rate >= STORM;

		if (storm != pair->alarmed) {
			pair->alarmed = storm;
			alarm(context, pair);
		}
		if (now - pair->since_ms > FORGET_MS)
			*pair = (struct moves_pair){0};
		else if (pair->n || pair->rate)
			turn_second(pair, now);
	}
}

void moves_foreach(
	const struct moves *moves,
	void (*visit)(const struct moves_pair *pair, void *context),
	void *context
)
{
	for (unsigned i = 0; i < PAIRS; i++)
		if (moves->pairs[i].a)
			visit(&moves->pairs[i], context);
}
