/* SPDX-License-Identifier: Apache-2.0 */

/* What DPDK tells of itself: its cores, logs and memory, in its own words.  */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <rte_lcore.h>
#include <rte_log.h>
#include <rte_malloc.h>
#include <rte_mempool.h>
#include <rte_memzone.h>

#include "datapath/pool.h"
#include "lib/command.h"

typedef void dump_fn(FILE *stream);

static json_t *dumped(dump_fn *dump, struct errbuf *err)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (!stream) {
		errbuf_set(err, -errno, "no memory for the answer");
		return NULL;
	}
	dump(stream);
	fclose(stream);
	json_t *answer = json_string(text);

	free(text);
	return answer;
}

static void dump_heaps(FILE *stream)
{
	rte_malloc_dump_stats(stream, NULL);
}

static json_t *cmd_cores(struct command_call *call, struct errbuf *err)
{
	return dumped(rte_lcore_dump, err);
}

static json_t *cmd_log_list(struct command_call *call, struct errbuf *err)
{
	return dumped(rte_log_dump, err);
}

static json_t *cmd_malloc_stats(struct command_call *call, struct errbuf *err)
{
	return dumped(dump_heaps, err);
}

static json_t *cmd_memzones(struct command_call *call, struct errbuf *err)
{
	return dumped(rte_memzone_dump, err);
}

static json_t *cmd_mempools(struct command_call *call, struct errbuf *err)
{
	return pool_show();
}

static int level_of(const char *name)
{
	static const char *const names[] = {
		"disabled",
		"emergency",
		"alert",
		"critical",
		"error",
		"warning",
		"notice",
		"info",
		"debug",
	};

	for (int i = 0; i < (int)(sizeof(names) / sizeof(names[0])); i++)
		if (!strcmp(names[i], name))
			return i;
	return -EINVAL;
}

/* "debug" is for all of DPDK, "pmd.net.*:info" for those that match. */
static json_t *cmd_log_set(struct command_call *call, struct errbuf *err)
{
	for (int i = 0; i < call->argc; i++) {
		const char *colon = strrchr(call->argv[i], ':');
		int level = level_of(colon ? colon + 1 : call->argv[i]);
		char pattern[64] = "*";

		if (level < 0) {
			errbuf_set(
				err,
				-EINVAL,
				"%.60s: a level is wanted, of disabled, emergency, alert, "
				"critical, error, warning, notice, info, debug; or PATTERN:LEVEL",
				call->argv[i]
			);
			return NULL;
		}
		if (colon)
			snprintf(
				pattern,
				sizeof(pattern),
				"%.*s",
				(int)(colon - call->argv[i]),
				call->argv[i]
			);
		rte_log_set_level_pattern(pattern, (uint32_t)level);
	}
	return json_string("");
}

MGMT_COMMAND(dpdk_cores, "dpdk/lcore-list", "", 0, 0, cmd_cores, "The cores DPDK knows of.");
MGMT_COMMAND(
	dpdk_log_list, "dpdk/log-list", "", 0, 0, cmd_log_list, "What DPDK logs, and how loudly."
);
MGMT_COMMAND(
	dpdk_log_set,
	"dpdk/log-set",
	"[PATTERN:]LEVEL…",
	1,
	32,
	cmd_log_set,
	"Sets how loudly DPDK logs; its lines have the level dbg in the topic dpdk."
);
MGMT_COMMAND(
	dpdk_get_malloc_stats,
	"dpdk/get-malloc-stats",
	"",
	0,
	0,
	cmd_malloc_stats,
	"DPDK's heaps, and what is free in them."
);
MGMT_COMMAND(
	dpdk_get_memzone_stats,
	"dpdk/get-memzone-stats",
	"",
	0,
	0,
	cmd_memzones,
	"The pieces of memory that DPDK has given out for good."
);
MGMT_COMMAND(
	dpdk_pools,
	"netdev-dpdk/get-mempool-info",
	"",
	0,
	0,
	cmd_mempools,
	"The pools that packets live in: their size, and what of them is reserved and in use."
);
