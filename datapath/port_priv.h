/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Ports, for the datapath's own files.  */

#include <stdbool.h>
#include <stdint.h>

#include "datapath/port.h"

/* One line per worker and port; worker writes, main reads. */
struct port_counters {
	uint64_t rx_packets, rx_bytes;
	uint64_t tx_packets, tx_bytes;
	uint64_t tx_dropped;
	uint64_t tx_retries;
	uint64_t zero[2];
};

/* Ports by id; main writes, workers read with epoch_load(). */
extern struct port *ports_by_id[PORT_IDS];

/* Whoever closes devices counts, main reads; see datapath_is_closing(). */
extern unsigned ports_leaving;

/* Main thread. */

void ports_init(bool enable_dummy);
void ports_close_all(void);
/* The counters of a worker, one for each port id. */
struct port_counters *ports_counters(unsigned worker);
