/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What all vhost-user ports have in common: settings that hold while the daemon runs.  */

#include <stdint.h>

struct datapath_config;

/* Main thread. */

void vhost_settings_init(const struct datapath_config *config);
/* Where dpdkvhostuser ports make their sockets. */
const char *vhost_settings_folder(void);
/* RTE_VHOST_USER_… flags for every socket. */
uint64_t vhost_settings_flags(void);
