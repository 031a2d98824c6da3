/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/keeper/answers.h"

#include <stddef.h>

#include "datapath/miss.h"
#include "datapath/program.h"
#include "datapath/punt.h"
#include "datapath/worker.h"

static struct program *answers[WORKERS_MAX][MISS_PLACES];
static struct program *injected[PUNT_INJECTIONS];
static unsigned next_injected;

static void put(struct program **slot, struct program *take_program)
{
	program_unref(*slot);
	*slot = take_program;
}

void answers_keep(const struct miss *miss, struct program *take_program)
{
	put(&answers[miss->worker][miss_place(miss)], take_program);
}

void answers_keep_injected(struct program *take_program)
{
	put(&injected[next_injected++ % PUNT_INJECTIONS], take_program);
}

void answers_end(void)
{
	for (unsigned i = 0; i < WORKERS_MAX; i++)
		for (unsigned k = 0; k < MISS_PLACES; k++)
			put(&answers[i][k], NULL);
	for (unsigned i = 0; i < PUNT_INJECTIONS; i++)
		put(&injected[i], NULL);
}
