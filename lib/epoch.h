/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Epochs: how threads share read-only objects without locks (liburcu, QSBR flavour).
 *
 * A published object is immutable; a writer replaces the pointer and hands the old object to
 * epoch_free(), which frees it once every registered thread has passed a quiescent point. A thread
 * that sleeps or blocks goes offline first, or nothing would ever be freed.
 *
 *	struct plan *plan = epoch_load(&worker->plan);          reader, until its next quiesce
 *	epoch_store(&worker->plan, new);                        writer
 *	epoch_free(old, plan_free);
 *
 * In this order, for what the old object leads to as well: as long as it is published a reader that has
 * quiesced already may take it up again.  */

#ifndef URCU_INLINE_SMALL_FUNCTIONS
#define URCU_INLINE_SMALL_FUNCTIONS
#endif

#include <stdbool.h>

#include <urcu/urcu-qsbr.h>

/* liburcu is not built for ThreadSanitizer, which therefore does not see what it orders. Where it makes
 * sure that what was written before here has been seen by those who come from there, the first two say
 * so. A function that is TSAN_UNSEEN reads, as one vector, words that others write each by an atomic
 * store, for which the sanitizer has no name. Without it all three are nothing. */
#ifdef __SANITIZE_THREAD__
void __tsan_acquire(void *at);
void __tsan_release(void *at);
#define TSAN_RELEASE(at) __tsan_release((void *)(at))
#define TSAN_ACQUIRE(at) __tsan_acquire((void *)(at))
#define TSAN_UNSEEN	 __attribute__((no_sanitize("thread")))
#else
#define TSAN_RELEASE(at) ((void)(at))
#define TSAN_ACQUIRE(at) ((void)(at))
#define TSAN_UNSEEN
#endif

typedef void epoch_free_fn(void *obj);

extern char epoch_passed; /* for ThreadSanitizer: what came before a grace period */

/* Any thread. */

/* Each thread of ours calls these at its start and end; between them it is online. */
void epoch_register(void);
void epoch_unregister(void);

/* "I hold no published pointer now." Cheap; once per worker loop. */
static inline void epoch_quiesce(void)
{
	TSAN_RELEASE(&epoch_passed);
	urcu_qsbr_quiescent_state();
}

/* Around anything that may block. */
static inline void epoch_offline(void)
{
	TSAN_RELEASE(&epoch_passed);
	urcu_qsbr_thread_offline();
}

static inline void epoch_online(void)
{
	urcu_qsbr_thread_online();
}

#define epoch_load(p)	  __atomic_load_n((p), __ATOMIC_CONSUME)
#define epoch_store(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)

/* Frees 'obj' with 'free_fn' after a grace period, on the reclaim thread: 'free_fn' must only free
 * memory. NULL is fine. Not for workers: it allocates. */
void epoch_free(void *obj, epoch_free_fn *free_fn);

/* Waits until every other thread has quiesced. The main thread only, at start, stop and re-plan. */
void epoch_wait(void);

/* Waits until everything given to epoch_free() has been freed. At shutdown. */
void epoch_drain(void);
