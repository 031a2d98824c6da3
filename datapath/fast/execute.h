/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Executing: what the flows of a batch say is done to its packets, grouped by program.  */

#include <stdbool.h>
#include <stdint.h>

struct batch;
struct program;
struct rte_mbuf;
struct worker;

/* Workers. */

/* Counts and runs the flows in worker->lookup over the batch; packets without a flow have been set
 * aside already. */
void execute_batch(struct worker *worker, struct batch *batch);
/* The same when all packets, of so many bytes together, belong to one flow. */
void execute_same(struct worker *worker, struct batch *batch, uint64_t bytes);
/* Runs one program over packets; consumes them. */
void execute_program(
	struct worker *worker, const struct program *program, struct rte_mbuf **pkts, uint16_t n
);
/* Writes where the headers of the i-th packet of worker->keys start into the packet's metadata, and
 * makes them contiguous. False if that was not possible: the packet has been dropped. */
bool execute_set_meta(struct worker *worker, unsigned i, struct rte_mbuf *pkt);
/* Makes the first 'n' bytes of a packet in pieces stand together in its first piece. */
bool execute_pull(struct rte_mbuf *pkt, uint32_t n);
