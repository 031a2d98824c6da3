/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Processing: a batch's whole way through a worker.  */

struct batch;
struct port;
struct worker;

/* Main thread. */

/* Before the worker starts; its index is known. */
void process_init(struct worker *worker);
void process_fini(struct worker *worker);

/* Workers. */

/* Parses packets of worker->in_port … */
void process_parse(struct worker *worker, const struct batch *batch);
/* … and fills worker->lookup. */
void process_find_flows(struct worker *worker, struct batch *batch);
/* Processes what ops sent round again or took out of tunnels. */
void process_rest(struct worker *worker);

/* Consumes the packets of the batch, all received from 'port'. */
void process_batch(struct worker *worker, struct batch *batch, const struct port *port);
/* Runs the programs of packets that were made elsewhere; the first worker only. */
unsigned process_injected(struct worker *worker);
