/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Drop reasons: every packet that dies is counted under its port and its reason.
 *
 *	DROP_REASON(vlan_mismatch, "frame's VLAN is not allowed on this port");
 *
 * stands in the file that drops, and declares drop_vlan_mismatch. Reasons found in translation
 * become drop programs; those found by a worker are counted at once.  */

#include <stdint.h>

#include "lib/registry.h"

struct errbuf;

struct drop_reason {
	const char *name;
	const char *help;
	uint16_t id; /* index into counters; set once at start */
};

REGISTRY_DECLARE(drop_reason, struct drop_reason);

enum {
	DROP_REASONS = 128
}; /* counters reserved; start aborts if they do not fit */

#define DROP_REASON(reason, text)                                                                  \
	static struct drop_reason drop_##reason = {.name = #reason, .help = text};                 \
	REGISTRY_ADD(drop_reason, drop_##reason)

/* Main thread. */

/* Numbers the reasons; before any worker starts. */
void drops_init(void);
/* The counters of a worker: DROP_REASONS for each port id. */
uint64_t *drops_of_worker(unsigned index);
/* The id is given to a new port: its counts start at 0. */
void drops_reset_port(uint16_t port_id);
/* One packet that had left the workers dies of it. */
void drop_count_one(uint16_t port_id, const struct drop_reason *reason);
/* The reason with this number, or NULL. */
const struct drop_reason *drop_reason_of(unsigned id);
/* The reason of that name; NULL, with the nearest one named in 'err'. */
const struct drop_reason *drop_reason_find(const char *name, struct errbuf *err);
/* Packets dropped for 'reason' at the port since it was opened. */
uint64_t drop_count(uint16_t port_id, const struct drop_reason *reason);
