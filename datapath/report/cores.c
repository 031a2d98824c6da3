/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/report/cores.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/worker_priv.h"
#include "lib/command.h"
#include "lib/errbuf.h"

static int find_core(const char *text, uint64_t *wanted, struct errbuf *err)
{
	char *end;
	unsigned long core = strtoul(text, &end, 10);

	if (!*text || *end)
		return errbuf_set(err, -EINVAL, "-pmd %s: the number of a core is wanted", text);
	for (unsigned i = 0; i < workers_count(); i++) {
		if (workers[i]->core != core)
			continue;
		*wanted = 1ULL << i;
		return 0;
	}
	return errbuf_set(
		err, -ENOENT, "no worker runs on core %lu (workers/show lists them)", core
	);
}

int cores_parse(const struct command_call *call, uint64_t *wanted, struct errbuf *err)
{
	static_assert(WORKERS_MAX == 64, "cores: one word of bits");
	*wanted = UINT64_MAX;
	for (int i = 0; i < call->argc; i++) {
		if (strcmp(call->argv[i], "-pmd"))
			continue; /* there is one datapath, whatever it is called */
		if (i + 1 == call->argc)
			return errbuf_set(err, -EINVAL, "-pmd wants the number of a core");
		return find_core(call->argv[i + 1], wanted, err);
	}
	return 0;
}
