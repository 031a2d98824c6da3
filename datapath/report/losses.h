/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Losses: why ports of DPDK's and guests' lost packets, under the names that OVS's clients know.  */

#include <jansson.h>

struct port;

/* Main thread. */

/* Adds them to Interface.statistics. */
void losses_add(const struct port *port, json_t *statistics);
