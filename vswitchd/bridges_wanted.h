/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The rows of Bridge, Port and Interface, as the declaration ofproto takes (bridge_config).  */

struct db_row;

/* Main thread. */

/* Declares every interface of 'bridge_row' to switch_ports. The first step of a pass. */
void bridges_wanted_ports(const struct db_row *bridge_row);
/* Applies 'bridge_row' to the bridge of its name, which is made if need be. After
 * switch_ports_end(). */
void bridges_wanted_apply(const struct db_row *bridge_row);
/* Frees the bridges that were not applied since the last call. The last step of a pass. */
void bridges_wanted_end(void);
