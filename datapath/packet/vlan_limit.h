/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The VLAN limit: how many tags of a packet its key tells of; what is behind them is payload.  */

#include <stdbool.h>
#include <stdint.h>

enum {
	VLAN_LIMIT_MAX = 2
};

/* Main thread. */

/* 0: as many as there can be. Returns whether that is a change; flows that were made before then
 * stand for packets that were parsed the old way, and must go. */
bool vlan_limit_set(uint32_t limit);
