/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/clock.h"

#include <stdatomic.h>
#include <time.h>

/* Main writes, all threads read. While stopped, 'frozen' is the time; else 'offset' is added. */
static _Atomic bool stopped;
static _Atomic int64_t frozen;
static _Atomic int64_t offset;

enum {
	NS_PER_MS = 1000000
};

static int64_t kernel_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int64_t kernel_ms(void)
{
	return kernel_ns() / NS_PER_MS;
}

int64_t clock_ms(void)
{
	/* The acquire pairs with the release in clock_stop: who sees 'stopped' sees 'frozen'. */
	if (atomic_load_explicit(&stopped, memory_order_acquire))
		return atomic_load_explicit(&frozen, memory_order_relaxed);
	return kernel_ms() + atomic_load_explicit(&offset, memory_order_relaxed);
}

int64_t clock_ns(void)
{
	if (atomic_load_explicit(&stopped, memory_order_acquire))
		return atomic_load_explicit(&frozen, memory_order_relaxed) * NS_PER_MS;
	return kernel_ns() + atomic_load_explicit(&offset, memory_order_relaxed) * NS_PER_MS;
}

bool clock_is_stopped(void)
{
	return atomic_load_explicit(&stopped, memory_order_relaxed);
}

void clock_stop(void)
{
	if (clock_is_stopped())
		return;
	atomic_store_explicit(&frozen, clock_ms(), memory_order_relaxed);
	atomic_store_explicit(&stopped, true, memory_order_release);
}

void clock_start(void)
{
	if (!clock_is_stopped())
		return;
	atomic_store_explicit(&offset, clock_ms() - kernel_ms(), memory_order_relaxed);
	atomic_store_explicit(&stopped, false, memory_order_release);
}

void clock_warp(int64_t ms)
{
	if (clock_is_stopped())
		atomic_fetch_add_explicit(&frozen, ms, memory_order_relaxed);
	else
		atomic_fetch_add_explicit(&offset, ms, memory_order_relaxed);
}
