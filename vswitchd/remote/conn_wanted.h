/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What rows of Controller, Manager and Bridge say about connections.  */

#include "lib/ovsdb/db_row.h"

/* Main thread. */

/* A column that may be empty: 'fallback' where it is, or negative; what an int does not hold is as much as
 * one can. */
int conn_wanted_number(const int64_t *number, int fallback);
/* How packets are marked, from the map 'column' of a Controller or Manager; 48, which routers prefer,
 * where it has nothing of it or nonsense. */
unsigned conn_wanted_dscp(const struct db_row *row, unsigned column);
/* How many packets may wait for a controller that says nothing of it; 0: any number. */
unsigned conn_wanted_queue_size(const struct db_row *bridge_row);
