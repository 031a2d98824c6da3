/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The crew: threads that translate packets for the keeper.
 *
 * The keeper takes misses in the order in which ports have their turns and hands them out as jobs; who
 * has time takes the next one, the keeper too. They come back in the order in which they were handed
 * out, so what packets teach is learned in that order however many threads there are.
 *
 * A translation is a pure function of what is published. A job carries the number of changes that were
 * in force when it was handed out; if it comes back and there have been more, its result may be out of
 * date, and what it points to gone: then nothing of it is used.  */

#include <stdbool.h>
#include <stdint.h>

#include "ofproto/xlate/xlate.h"

struct errbuf;
struct miss;

enum {
	CREW_MAX = 32, /* threads besides the keeper */
	CREW_JOBS = 32, /* that are handed out at a time */
};

struct crew_job {
	/* The keeper writes before it is handed out. */
	struct miss *miss;
	struct program *program; /* the answer, if there is one already: nothing is translated */
	uint64_t changes;
	/* Who has taken it writes. */
	struct xlate x;
	uint64_t took; /* of miss_clock() */
	bool done;
};

/* Main thread. */

/* How many threads there are to be besides the keeper; 0: it works alone. Those there are too many of
 * end their jobs first. */
int crew_set_size(unsigned n, struct errbuf *err);
unsigned crew_size(void);

/* The keeper. */

/* How many jobs can be handed out now. */
unsigned crew_room(void);
/* How many are under way. */
unsigned crew_under_way(void);
/* The next job to be handed out, to be filled; there must be room. */
struct crew_job *crew_next(void);
/* Hands out those that were filled since. */
void crew_hand_out(void);
/* The job that was handed out first, if it is done; else does one that nobody has taken, and returns
 * NULL. */
struct crew_job *crew_take_back(void);
/* The job is of no use any more. Only the one that came back last. */
void crew_finish(void);
