/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Programs of packets on their way back to a worker, which runs them some time after it was handed them,
 * whatever becomes of the flow meanwhile: they are kept for as long as that takes.  */

struct miss;
struct program;

/* The keeper. */

/* Until the next answer to who is in the miss's place, which the worker gives away when it is done. */
void answers_keep(const struct miss *miss, struct program *take_program);
/* Until as many packets have been injected as can be on their way. */
void answers_keep_injected(struct program *take_program);
/* With all workers done. */
void answers_end(void);
