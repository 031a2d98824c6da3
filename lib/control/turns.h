/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Turns of the main loop: how long it was away from its descriptors.
 *
 * Whatever the main thread does in one turn, everybody else who wants something of it waits for. So
 * each turn is measured, the worst is kept, and one that took too long is logged. Two times are kept:
 * what a clock on the wall says, which on a busy machine includes waiting for a core, and what the
 * thread itself has used.  */

#include <stdint.h>

struct uv_loop_s;

struct turns {
	uint64_t n;
	uint64_t n_slow; /* those above the limit */
	int64_t worst_ns;
	int64_t worst_cpu_ns; /* of the thread itself; maybe of another turn */
};

enum {
	TURNS_LIMIT_MS = 50
};

/* Main thread. */

/* Before anything else is done with the loop. */
void turns_watch(struct uv_loop_s *loop);
/* Since the start, or the last turns_clear(). */
void turns_get(struct turns *turns);
void turns_clear(void);
