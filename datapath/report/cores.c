/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/report/cores.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/worker_priv.h"
#include "lib/command.h"
#include "lib/errbuf.h"
#include "lib/types.h"

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

/* What Open vSwitch's commands choose more or less of; here all there is fits. Returns how many words
 * they are, 0: it is something else. */
static int skip_amount(const struct command_call *call, int i)
{
	static const char *const with_number[] = {"-secs", "-it", "-ms"};

	if (!strcmp(call->argv[i], "-nh"))
		return 1;
	for (size_t j = 0; j < ARRAY_LENGTH(with_number); j++)
		if (!strcmp(call->argv[i], with_number[j]) && i + 1 < call->argc)
			return 2;
	return 0;
}

int cores_parse(const struct command_call *call, uint64_t *wanted, struct errbuf *err)
{
	static_assert(WORKERS_MAX == 64, "cores: one word of bits");
	*wanted = UINT64_MAX;
	for (int i = 0; i < call->argc; i++) {
		const char *word = call->argv[i];
		int n_amount = skip_amount(call, i), error = 0;

		if (n_amount)
			i += n_amount - 1;
		else if (!strcmp(word, "-pmd") && i + 1 == call->argc)
			error = errbuf_set(err, -EINVAL, "-pmd wants the number of a core");
		else if (!strcmp(word, "-pmd"))
			error = find_core(call->argv[++i], wanted, err);
		else if (strcmp(word, "netdev@ovs-netdev") && strcmp(word, "ovs-netdev"))
			error = errbuf_set(
				err,
				-ENODEV,
				"%s is not known here: there is one datapath, netdev@ovs-netdev, and "
				"-pmd CORE to choose by",
				word
			);
		if (error)
			return error;
	}
	return 0;
}
