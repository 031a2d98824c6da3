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

/* Consumes the packets of the batch, all received from 'port'. */
void process_batch(struct worker *worker, struct batch *batch, const struct port *port);
/* Runs what translators have answered. Returns how many packets that moved. */
/* Runs the programs of packets that were made elsewhere; the first worker only. */
unsigned process_injected(struct worker *worker);
unsigned process_answers(struct worker *worker);
