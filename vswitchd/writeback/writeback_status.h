/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What Interface.status says of a port: what its device, protocols, tunnel and functions tell, and what
 * is wrong although it works.  */

#include <jansson.h>

struct db_row;
struct switch_port;

/* Main thread. */

/* A new object. Notes in 'entry' whether there is an obstacle. */
json_t *writeback_status(const struct db_row *row, struct switch_port *entry);
