/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Drop counters, for the datapath's own files.  */

#include <stdint.h>

#include "datapath/drop.h"

/* Main thread. */

/* Numbers the reasons. */
void drops_init(void);
/* The counters of a worker: DROP_REASONS for each port id. */
uint64_t *drops_of_worker(unsigned index);
/* The id is given to a new port: its counts start at 0. */
void drops_reset_port(uint16_t port_id);
