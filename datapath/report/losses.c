/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/report/losses.h"

#include <assert.h>
#include <stdbool.h>

#include "datapath/drop.h"
#include "datapath/port.h"
#include "lib/types.h"

enum {
	REASONS = 6
};

/* What drop reasons a name of OVS's sums up. */
struct loss {
	const char *key;
	const char *names[REASONS];
	const struct drop_reason *reasons[REASONS];
};

static struct loss losses[] = {
	{"ovs_tx_failure_drops",
	 {"tx_full", "handover_full", "no_guest", "guest_full", "segments_refused", "port_gone"}},
	{"ovs_tx_qos_drops", {"egress_policed"}},
	{"ovs_rx_qos_drops", {"ingress_policed"}},
	{"ovs_tx_invalid_hwol_drops", {"offload_failed", "guest_offload"}},
	{"ovs_tx_mtu_exceeded_drops", {"mtu_exceeded"}},
};

static void find_reasons(void)
{
	static bool found;

	for (unsigned i = 0; i < ARRAY_LENGTH(losses) && !found; i++)
		for (unsigned j = 0; j < REASONS && losses[i].names[j]; j++) {
			losses[i].reasons[j] = drop_reason_find(losses[i].names[j], NULL);
			assert(losses[i].reasons[j]);
		}
	found = true;
}

void losses_add(const struct port *port, json_t *statistics)
{
	struct port_stats stats;

	find_reasons();
	for (unsigned i = 0; i < ARRAY_LENGTH(losses); i++) {
		uint64_t n = 0;

		for (unsigned j = 0; j < REASONS && losses[i].reasons[j]; j++)
			n += drop_count(port->id, losses[i].reasons[j]);
		json_object_set_new(statistics, losses[i].key, json_integer((json_int_t)n));
	}
	port_get_stats(port, &stats);
	json_object_set_new(
		statistics, "ovs_tx_retries", json_integer((json_int_t)stats.tx_retries)
	);
}
