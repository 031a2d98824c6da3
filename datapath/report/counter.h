/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Counters that one thread writes while others read them, with __atomic_load_n().
 *
 * On any machine that weir runs on a plain store of an aligned word is one, and adding in place takes an
 * instruction less than an atomic load and store. ThreadSanitizer, which cannot know that, sees these two,
 * and so a second thread that writes, too.  */

#ifdef __SANITIZE_THREAD__
#define COUNTER_SET(counter, value) __atomic_store_n(&(counter), (value), __ATOMIC_RELAXED)
#else
#define COUNTER_SET(counter, value) ((void)((counter) = (value)))
#endif

#define COUNTER_ADD(counter, n) COUNTER_SET(counter, (counter) + (n))
