/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Serving misses: each becomes a flow, or at least gets an answer.  */

struct xlate;

/* The keeper. */

/* Serves some of the misses that wait; alone, or with the crew (crew.h). Returns how many there were
 * to do, so 0 if there is nothing to be waited for. */
unsigned serve_misses(struct xlate *x);
/* Waits for what is with the crew, which is not answered. At the end. */
void serve_end(void);
