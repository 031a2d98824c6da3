/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/vhost_wary.h"

#include <fcntl.h>

#include <rte_cycles.h>
#include <rte_mbuf.h>
#include <rte_pause.h>
#include <rte_vhost.h>

#include "datapath/batch.h"
#include "datapath/plan/nudge.h"
#include "datapath/pool.h"
#include "lib/control/coverage.h"

enum {
	MESSAGE_US = 200, /* a worker waits so long for one to end: most take 10 */
	KEPT_US = 1000, /* a call of the library that slept so long … */
	KEPT_POINTS = 30, /* … and so often … */
	POINTS = 10, /* (that counts so much,) */
	FAULT_POINTS = 1, /* (and so much if a page had to be found meanwhile,) */
	KEPT_MS = 1000, /* … within this … */
	SHUN_MS = 10000, /* … is a guest's who gets nothing for so long */
	LOOK_MS = 100, /* looks end in less, unless the worker loses its core */
	MESSAGE_MS = 1000, /* one that takes longer is told of */
};

static uint32_t n_shunned; /* workers count, main reads */

static uint64_t cycles_of(unsigned ms)
{
	return rte_get_tsc_hz() / 1000 * ms;
}

/* Pairs with vhost_wary_look_begin(). */
static bool await_lookers(const struct vhost_port *vhost)
{
	uint64_t until = rte_rdtsc() + cycles_of(LOOK_MS);

	while (__atomic_load_n(&vhost->lookers, __ATOMIC_SEQ_CST)) {
		if (rte_rdtsc() >= until)
			return false;
		rte_pause();
	}
	return true;
}

bool vhost_wary_message(struct vhost_port *vhost, bool begins)
{
	uint32_t n = vhost->messages;

	/* The connection may have ended in the middle of one. */
	if (begins == (bool)(n & 1))
		n++;
	__atomic_store_n(&vhost->message_since, rte_rdtsc(), __ATOMIC_RELAXED);
	/* Pairs with vhost_wary_may_use(). */
	__atomic_store_n(&vhost->messages, n + 1, __ATOMIC_SEQ_CST);
	return !begins || await_lookers(vhost);
}

bool vhost_wary_is_held_up(const struct vhost_port *vhost)
{
	uint32_t message = __atomic_load_n(&vhost->messages, __ATOMIC_ACQUIRE);
	uint64_t since = __atomic_load_n(&vhost->message_since, __ATOMIC_ACQUIRE);
	uint64_t now = rte_rdtsc();

	/* Another may have begun since. */
	return message & 1 && now > since && now - since > cycles_of(MESSAGE_MS);
}

bool vhost_wary_look_begin(struct vhost_port *vhost)
{
	__atomic_fetch_add(&vhost->lookers, 1, __ATOMIC_SEQ_CST);
	if (!(__atomic_load_n(&vhost->messages, __ATOMIC_SEQ_CST) & 1))
		return true;
	vhost_wary_look_end(vhost);
	return false;
}

void vhost_wary_look_end(struct vhost_port *vhost)
{
	__atomic_fetch_sub(&vhost->lookers, 1, __ATOMIC_RELEASE);
}

bool vhost_wary_is_shunned_still(const struct vhost_port *vhost)
{
	return rte_rdtsc() < __atomic_load_n(&vhost->shunned_until, __ATOMIC_RELAXED);
}

static bool is_over(const struct vhost_port *vhost, uint32_t message)
{
	return __atomic_load_n(&vhost->messages, __ATOMIC_ACQUIRE) != message;
}

/* Waits for the message at hand, if nobody did so long enough. */
static bool await(struct vhost_port *vhost, uint32_t message)
{
	uint64_t until = rte_rdtsc() + rte_get_tsc_hz() / 1000000 * MESSAGE_US;

	if (__atomic_load_n(&vhost->given_up, __ATOMIC_RELAXED) == message)
		return false;
	while (!is_over(vhost, message)) {
		if (rte_rdtsc() >= until) {
			__atomic_store_n(&vhost->given_up, message, __ATOMIC_RELAXED);
			return false;
		}
		rte_pause();
	}
	return true;
}

__attribute__((noinline)) bool vhost_wary_may_use(struct vhost_port *vhost)
{
	uint32_t message = __atomic_load_n(&vhost->messages, __ATOMIC_ACQUIRE);

	if (vhost_wary_is_shunned(vhost))
		return false;
	__atomic_store_n(&vhost->shunned_until, 0, __ATOMIC_RELAXED);
	return !(message & 1) || await(vhost, message);
}

/* A call for the guest that began then kept the worker. Two workers may count here at once, and one of
 * them be forgotten. */
static void blame(struct vhost_port *vhost, uint64_t since, unsigned points)
{
	uint64_t ms = rte_get_tsc_hz() / 1000;

	if (since - vhost->kept_since > ms * KEPT_MS) {
		__atomic_store_n(&vhost->kept_since, since, __ATOMIC_RELAXED);
		__atomic_store_n(&vhost->kept, 0, __ATOMIC_RELAXED);
	}
	__atomic_store_n(&vhost->kept, vhost->kept + points, __ATOMIC_RELAXED);
	if (vhost->kept < KEPT_POINTS)
		return;
	__atomic_store_n(&vhost->kept, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&vhost->shunned_until, rte_rdtsc() + ms * SHUN_MS, __ATOMIC_RELAXED);
	__atomic_fetch_add(&n_shunned, 1, __ATOMIC_RELAXED);
}

/* One look before a call of the library's, and one behind. */
struct watch {
	uint64_t since;
	int64_t sleeps, faults;
};

static struct watch watch_begin(void)
{
	return (struct watch){rte_rdtsc(), nudge_count_sleeps(), nudge_count_faults()};
}

/* Whether ringing the guest could keep us right now: we made it so that it cannot. */
static bool may_keep(int vid, uint16_t ring)
{
	struct rte_vhost_vring vring;

	if (rte_vhost_get_vhost_vring(vid, ring, &vring) || vring.callfd < 0)
		return false;
	int flags = fcntl(vring.callfd, F_GETFL);

	return flags >= 0 && !(flags & O_NONBLOCK);
}

/* A machine that is short of memory lets us sleep for a page of the guest's memory, too: that is seldom the
 * guest's fault. Taken off altogether it would be an excuse for whoever takes pages away. */
static void watch_end(const struct watch *watch, struct vhost_port *vhost, int vid, uint16_t ring)
{
	if (rte_rdtsc() - watch->since <= rte_get_tsc_hz() / 1000000 * KEPT_US ||
	    nudge_count_sleeps() <= watch->sleeps)
		return;
	bool is_excused = nudge_count_faults() > watch->faults && !may_keep(vid, ring);

	blame(vhost, watch->since, is_excused ? FAULT_POINTS : POINTS);
}

__attribute__((noinline)) uint16_t vhost_wary_enqueue(
	struct vhost_port *vhost, int vid, uint16_t ring, struct rte_mbuf **pkts, uint16_t n
)
{
	struct watch watch = watch_begin();
	uint16_t sent = rte_vhost_enqueue_burst(vid, ring, pkts, n);

	watch_end(&watch, vhost, vid, ring);
	return sent;
}

__attribute__((noinline)) uint16_t
vhost_wary_dequeue(struct vhost_port *vhost, int vid, uint16_t ring, struct batch *batch)
{
	struct watch watch = watch_begin();
	uint16_t n = rte_vhost_dequeue_burst(vid, ring, vhost->pool, batch->pkts, BATCH_SIZE);

	watch_end(&watch, vhost, vid, ring);
	return n;
}

static void report_coverage(json_t *counts)
{
	coverage_add(counts, "vhost_shunned", __atomic_load_n(&n_shunned, __ATOMIC_RELAXED));
}
COVERAGE_REPORTER(vhost_wary, report_coverage);
