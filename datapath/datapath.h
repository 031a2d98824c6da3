/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The datapath as a whole: DPDK's environment, memory, and the order of start and stop.  */

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

struct errbuf;

struct datapath_config {
	const char *eal_extra; /* other_config:dpdk-extra, or NULL */
	uint32_t memory_mb; /* other_config:dpdk-socket-mem or the like; 0: the default */
	bool no_hugepages; /* for tests: never ask for any */
	bool enable_dummy; /* --enable-dummy: test port types may be opened */
	const char *instance; /* tells this switch from others on the host: its run directory */
	const char
		*vhost_folder; /* other_config:vhost-sock-dir, below the run directory, or NULL */
	bool vhost_iommu; /* other_config:vhost-iommu-support */
	bool vhost_postcopy; /* other_config:vhost-postcopy-support */
};

/* Main thread. */

/* Makes what may not be made any more once privileges were given up. */
void datapath_prepare(void);
/* Takes hold of the devices that an earlier daemon left in other network namespaces, before the right
 * to enter those is given up. */
void datapath_claim_devices(const char *instance);
/* Starts EAL with hugepages if there are any, without if not (and says so); makes pools and tables.
 * Needs no root unless a port does. Must be called once, before any port is opened. */
int datapath_start(const struct datapath_config *config, struct errbuf *err);
/* Whether a device that did not close at once is still being closed, on a thread of its own. */
bool datapath_is_closing(void);
/* Not while that is so. Stops the workers, closes what is left open, ends EAL. */
void datapath_stop(void);

/* What was chosen at start, for status: hugepages, memory, DPDK version. New reference. */
json_t *datapath_status(void);
const char *datapath_dpdk_version(void);
