/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/datapath.h"

#include <errno.h>

#include <rte_version.h>

#include "datapath/capture/capture.h"
#include "datapath/drop.h"
#include "datapath/eal.h"
#include "datapath/flow_priv.h"
#include "datapath/miss_priv.h"
#include "datapath/pool.h"
#include "datapath/port_priv.h"
#include "datapath/ports/tap_home.h"
#include "datapath/ports/vhost_settings.h"
#include "datapath/program_priv.h"
#include "lib/command.h"

/* What is made before the first port and taken down after the last, in this order. */
int datapath_start(const struct datapath_config *config, struct errbuf *err)
{
	int error = eal_start(config, err);

	if (error)
		return error;
	/* Copies and packets made here need memory even before the first port reserves any. */
	if (!pool_default() && !pool_reserve(0, 0, -1, err))
		return -ENOMEM;
	drops_init();
	programs_init();
	flows_init();
	misses_init();
	ports_init(config->enable_dummy);
	tap_home_init(config->instance);
	vhost_settings_init(config);
	return 0;
}

bool datapath_is_closing(void)
{
	return __atomic_load_n(&ports_leaving, __ATOMIC_RELAXED);
}

void datapath_stop(void)
{
	captures_stop();
	workers_stop();
	ports_close_all();
	tap_home_fini();
	misses_fini();
	flows_fini();
	programs_fini();
	eal_stop();
}

const char *datapath_dpdk_version(void)
{
	return rte_version();
}

json_t *datapath_status(void)
{
	const struct eal_state *state = eal_state();

	return json_pack(
		"{s:s, s:b, s:b, s:i, s:o}",
		"dpdk_version",
		rte_version(),
		"hugepages",
		state->hugepages,
		"pci",
		state->pci,
		"memory_mb",
		(int)state->memory_mb,
		"pools",
		pool_show()
	);
}

static json_t *cmd_datapath_show(struct command_call *call, struct errbuf *err)
{
	return datapath_status();
}

MGMT_COMMAND(
	datapath_show,
	"datapath/show",
	"",
	0,
	0,
	cmd_datapath_show,
	"What DPDK was started with, and the packet pools."
);
