/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What Interface.status says of a port: what its device, protocols, tunnel and functions tell.  */

#include <jansson.h>

struct db_row;
struct port;

/* Main thread. */

/* A new object. */
json_t *writeback_status(const struct db_row *row, const struct port *port);
