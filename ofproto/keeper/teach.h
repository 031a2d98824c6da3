/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Teaching: what translations want done, on its way to the main thread.  */

struct xlate;

/* Main thread. */

/* Where the effects are to go; 'fn' runs on the main thread. */
struct effect;
void teach_init(void (*fn)(const struct effect *effects, unsigned n));

/* The keeper. */

/* Notes what the packet teaches. If the main thread is far behind, the flow is not to be made, so that
 * a later packet teaches it again: it becomes uncacheable. */
void teach_collect(struct xlate *x);
/* Sends what was noted. */
void teach_send(void);
