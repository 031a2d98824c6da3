/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Taking: where packets are shown to those who capture them.
 *
 * A port that nobody watches has no list, and costs a branch for each batch. The list is published as
 * a whole and never changed.  */

#include <stdint.h>

#include "datapath/capture/ring.h"
#include "datapath/port.h"
#include "lib/epoch.h"
#include "lib/types.h"

struct capture;
struct drop_reason;
struct rte_mbuf;
struct worker;

struct capture_list {
	unsigned n;
	struct capture *captures[];
};

/* Those who watch packets die; main replaces, workers read; NULL: nobody. */
extern const struct capture_list *capture_mourners;

/* Main thread. */

void capture_init(struct worker *worker);

/* Workers. */

/* Copies those of the packets that the captures of the list want. 'port_id' is where they are seen
 * or counted; 'reason' is NULL unless they die. */
void capture_take(
	const struct capture_list *list,
	struct worker *worker,
	const struct captured *about,
	struct rte_mbuf *const *pkts,
	uint16_t n
);

static inline void capture_at(
	struct worker *worker,
	const struct port *port,
	enum capture_way way,
	struct rte_mbuf *const *pkts,
	uint16_t n
)
{
	const struct capture_list *list = epoch_load(&port->captures);

	if (unlikely(list)) {
		const struct captured about = {.port = port->id, .way = way};

		capture_take(list, worker, &about, pkts, n);
	}
}

/* Packets die: the last are kept, and shown to those who wait for them. 'port_id' is where they are
 * counted. */
void capture_deaths(
	struct worker *worker,
	uint16_t port_id,
	struct rte_mbuf *const *pkts,
	uint16_t n,
	const struct drop_reason *reason
);
/* The same for what the port's device did not take: shown to those who asked for the port or the reason. */
void capture_refused(
	struct worker *worker,
	uint16_t port_id,
	struct rte_mbuf *const *pkts,
	uint16_t n,
	const struct drop_reason *reason
);
