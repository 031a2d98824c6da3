/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The key dscp of the tables Controller and Manager: how the packets of their connections are marked.  */

#include "lib/ovsdb/db_row.h"

/* Main thread. */

/* From the map 'column' of the row; 48, which routers prefer, where it has none or nonsense. */
unsigned dscp_wanted_read(const struct db_row *row, unsigned column);
