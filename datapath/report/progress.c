/* SPDX-License-Identifier: Apache-2.0 */

/* Whether workers make their rounds.  */

#include "datapath/worker.h"
#include "datapath/worker_priv.h"

int workers_find_stuck(void)
{
	static uint64_t seen[WORKERS_MAX];
	int stuck = -1;

	for (unsigned i = 0; i < workers_count(); i++) {
		uint64_t rounds = __atomic_load_n(&workers[i]->stats.loops, __ATOMIC_RELAXED);

		if (rounds == seen[i] && !__atomic_load_n(&workers[i]->asleep, __ATOMIC_RELAXED))
			stuck = (int)i;
		seen[i] = rounds;
	}
	return stuck;
}
