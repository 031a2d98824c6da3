/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The switch's clock: milliseconds that tests can stop and push forward.
 *
 * Everything that ages (flows, MACs, timeouts) asks this clock, never the kernel's. Normally it
 * runs with CLOCK_MONOTONIC; time/stop freezes it and time/warp moves it on.  */

#include <stdbool.h>
#include <stdint.h>

/* Any thread. */

int64_t clock_ms(void);
/* The same clock in nanoseconds, for what measures rates. */
int64_t clock_ns(void);
bool clock_is_stopped(void);

/* Main thread. */

void clock_stop(void);
void clock_start(void);
/* Moves a stopped clock forward (a running one too, if a test asks). */
void clock_warp(int64_t ms);
