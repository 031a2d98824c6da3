/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/vhost_settings.h"

#include <stdio.h>

#include <rte_vhost.h>

#include "datapath/datapath.h"

static char folder[108]; /* longer ones cannot hold a socket */
static uint64_t flags;

void vhost_settings_init(const struct datapath_config *config)
{
	const char *base = config->instance ? config->instance : "/tmp";

	if (config->vhost_folder)
		snprintf(folder, sizeof(folder), "%s/%s", base, config->vhost_folder);
	else
		snprintf(folder, sizeof(folder), "%s", base);
	flags = RTE_VHOST_USER_NET_COMPLIANT_OL_FLAGS |
		(config->vhost_iommu ? RTE_VHOST_USER_IOMMU_SUPPORT : 0) |
		(config->vhost_postcopy ? RTE_VHOST_USER_POSTCOPY_SUPPORT : 0);
}

const char *vhost_settings_folder(void)
{
	return folder;
}

uint64_t vhost_settings_flags(void)
{
	return flags;
}
