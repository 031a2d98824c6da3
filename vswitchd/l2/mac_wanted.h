/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a bridge is known by: the MAC address of its own port and its OpenFlow id, which looks like one.  */

#include <stdbool.h>

struct db_row;
struct mac;
struct strbuf;

/* Main thread. */

/* When nobody has chosen one: the lowest of its ports' addresses, which are Port.mac, else that of a
 * device if it is one that no other has. False: there is none. */
bool mac_wanted_find(const struct db_row *bridge, struct mac *mac);
/* The id the bridge reports to controllers: configured, else its configured MAC, else derived from the
 * row's UUID so that it is the same after a restart. */
unsigned long long mac_wanted_datapath_id(const struct db_row *bridge_row);
/* Adds a sentence to 'out' for a configured one that cannot be. */
void mac_wanted_explain(const struct db_row *bridge_row, struct strbuf *out);
