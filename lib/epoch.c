/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/epoch.h"

#include <stdlib.h>

#include "lib/xmalloc.h"

char epoch_passed;

struct deferred {
	struct rcu_head head;
	void *obj;
	epoch_free_fn *free_fn;
};

void epoch_register(void)
{
	urcu_qsbr_register_thread();
}

void epoch_unregister(void)
{
	TSAN_RELEASE(&epoch_passed);
	urcu_qsbr_unregister_thread();
}

static void reclaim(struct rcu_head *head)
{
	struct deferred *deferred = (struct deferred *)head;

	TSAN_ACQUIRE(deferred);
	TSAN_ACQUIRE(&epoch_passed);
	deferred->free_fn(deferred->obj);
	free(deferred);
}

void epoch_free(void *obj, epoch_free_fn *free_fn)
{
	if (!obj)
		return;
	struct deferred *deferred = xmalloc(sizeof(*deferred));

	deferred->obj = obj;
	deferred->free_fn = free_fn;
	TSAN_RELEASE(deferred);
	urcu_qsbr_call_rcu(&deferred->head, reclaim);
}

void epoch_wait(void)
{
	urcu_qsbr_synchronize_rcu();
	TSAN_ACQUIRE(&epoch_passed);
}

void epoch_drain(void)
{
	urcu_qsbr_barrier();
}
