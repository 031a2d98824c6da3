/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Nudges: no system call keeps a worker.
 *
 * Workers call nothing that may block, but libraries do it for them: the vhost library rings a guest by
 * writing to a descriptor that the guest's side gave it, and can make block at any moment. So a clock
 * nudges each worker that is awake every so often: a signal, whose handler does nothing, ends the call that
 * the worker is asleep in. A worker that has slept where it should not is wary for a while: those who
 * may be to blame are watched.  */

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/* Main thread. */

/* Logs how many more threads were to be nudged and cannot be. Returns the number. */
unsigned nudge_report(void);

/* Workers. Elsewhere the first is false, and there are no nudges. */

/* Whether this thread is wary. */
extern __thread bool nudge_wary;

/* From now on this thread is nudged. */
void nudge_begin(void);
void nudge_end(void);
/* The signals that do not end a sleep of the worker's own; NULL: as ever. */
const sigset_t *nudge_mask(void);
/* The thread has just slept, or meant to: that much it did itself. */
void nudge_slept(void);
/* A round took so long, and so much of it the thread has worked. */
void nudge_look(int64_t took_ns, int64_t worked_ns);
/* How often this thread has given its core away, not counting that it waited for a disk. */
int64_t nudge_count_sleeps(void);
/* How many of the pages that it touched were not there. */
int64_t nudge_count_faults(void);
