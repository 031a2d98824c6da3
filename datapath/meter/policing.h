/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Policing: how much may come in by a port, and how much may leave by it; the rest is dropped.
 *
 * What comes in is limited by bits and by packets. What leaves belongs to a queue, 0 unless rules
 * said otherwise, and each queue has a committed rate and perhaps one in excess of it: what is
 * beyond both is dropped (the yellow packets of RFC 4115 pass, as nobody looks at colours later).
 * Nothing waits: policing is not shaping.  */

#include <stdbool.h>
#include <stdint.h>

struct batch;
struct policing;
struct port;
struct rte_mbuf;
struct worker;

enum {
	POLICING_QUEUES = 1024, /* of a port, at most */
};

struct policing_rate {
	uint64_t rate; /* bytes or packets per second; 0: none may pass */
	uint64_t burst; /* bytes or packets */
};

struct policing_queue {
	uint32_t number;
	struct policing_rate committed, excess; /* in bytes */
};

struct policing_config {
	bool limits_bytes, limits_packets;
	struct policing_rate in_bytes, in_packets;
	/* If there is any queue the first stands in for those that are not there. */
	unsigned n_queues;
	const struct policing_queue *queues;
};

/* What left by a queue, and what was dropped there. */
struct policing_counts {
	uint64_t packets, bytes, dropped;
	int64_t since_ms; /* when the queue was set up */
};

/* Main thread. */

/* Limits the port; what it had passed before is forgotten if the limits are others. Queues that stay
 * go on counting. */
void policing_set(struct port *port, const struct policing_config *config);
void policing_free(struct policing *policing); /* NULL is fine */
/* What was set; the main thread's, until it is set again. */
const struct policing_config *policing_config_of(const struct policing *policing);
/* What the queue at that place of the configuration has counted. */
void policing_get_counts(
	const struct policing *policing, unsigned queue, struct policing_counts *counts
);
/* Packets that came in by the port and were dropped here. */
uint64_t policing_count(const struct port *port);

/* Workers. */

/* Takes out of the batch, and drops, what came in too much. Returns the bytes that are left. */
uint64_t policing_in(struct worker *worker, struct policing *policing, struct batch *batch);
bool policing_limits_in(const struct policing *policing);
bool policing_limits_out(const struct policing *policing);
/* Puts the packets that may leave in front, in order, and returns their number. */
uint16_t policing_out(struct policing *policing, struct rte_mbuf **pkts, uint16_t n);
