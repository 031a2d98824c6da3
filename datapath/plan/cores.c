/* SPDX-License-Identifier: Apache-2.0 */

/* Cores: which the workers run on, and that they have them to themselves.  */

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>

#include "datapath/worker.h"
#include "datapath/worker_priv.h"
#include "lib/errbuf.h"

/* Those the process was started with. Asked for once: later our own answer would be mistaken for it. */
static const cpu_set_t *allowed_cores(void)
{
	static cpu_set_t allowed;
	static bool known;

	if (!known) {
		CPU_ZERO(&allowed);
		sched_getaffinity(0, sizeof(allowed), &allowed);
		known = true;
	}
	return &allowed;
}

static bool core_wanted(const struct worker_config *config, unsigned core)
{
	return config->cores[core / 64] >> (core % 64) & 1;
}

/* One core, the last we may use, so that the main thread finds the others free. */
static unsigned default_core(const cpu_set_t *allowed)
{
	for (int core = CPU_SETSIZE - 1; core > 0; core--)
		if (CPU_ISSET(core, allowed) && core < CORES)
			return core;
	return 0;
}

static bool is_worker(pid_t thread)
{
	for (unsigned i = 0; i < workers_count(); i++)
		if (__atomic_load_n(&workers[i]->thread_id, __ATOMIC_ACQUIRE) == thread)
			return true;
	return false;
}

/* Moves all threads but workers to other cores; threads that start later inherit that. Else the
 * kernel, which likes to wake a thread where the waker runs, would let it push the worker aside.
 * A machine so small that one core would have to do for all the rest does it when it is asked to. */
static void reserve(const unsigned *cores, unsigned n, bool asked)
{
	cpu_set_t others = *allowed_cores();
	struct dirent *entry;
	DIR *tasks;

	for (unsigned i = 0; i < n; i++)
		CPU_CLR(cores[i], &others);
	if (CPU_COUNT(&others) < (asked ? 1 : 2))
		others = *allowed_cores();
	tasks = opendir("/proc/self/task");
	if (!tasks)
		return;
	while ((entry = readdir(tasks))) {
		pid_t thread = (pid_t)strtol(entry->d_name, NULL, 10);

		if (thread && !is_worker(thread))
			sched_setaffinity(thread, sizeof(others), &others);
	}
	closedir(tasks);
}

int cores_choose(
	const struct worker_config *config, unsigned *cores, unsigned *n_cores, struct errbuf *err
)
{
	const cpu_set_t *allowed = allowed_cores();
	unsigned n = 0;

	for (unsigned core = 0; core < CORES; core++) {
		if (!core_wanted(config, core))
			continue;
		if (!CPU_ISSET(core, allowed))
			return errbuf_set(
				err,
				-EINVAL,
				"pmd-cpu-mask names core %u, which this machine (or the "
				"process's affinity) does not have",
				core
			);
		if (n == WORKERS_MAX)
			return errbuf_set(
				err, -EINVAL, "pmd-cpu-mask names more than %d cores", WORKERS_MAX
			);
		cores[n++] = core;
	}
	bool asked = n;

	if (!n)
		cores[n++] = default_core(allowed);
	*n_cores = n;
	reserve(cores, n, asked);
	return 0;
}
