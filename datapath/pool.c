/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/pool.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "datapath/fast/meta.h"
#include "datapath/packet/heap.h"
#include "lib/errbuf.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

enum {
	/* What one worker's caches, copies and pending packets take beyond the ports' needs. */
	POOL_SPARE = 4096,
	POOL_CACHE = 256, /* packets a thread keeps for itself */
	POOL_DATA = 2048, /* bytes of frame an ordinary packet holds */
};

/* What keeps packets that no thread has for itself. With DPDK's usual ring, threads that come to it wait for
 * one that has lost its core there. */
#define POOL_KEEPER "lf_stack"

struct pool {
	struct rte_mempool *mempool;
	unsigned frame_size;
	int socket;
	unsigned n_reserved;
	struct pool *next;
};

static struct pool *pools;
static unsigned n_pools;
static struct rte_mempool *default_pool; /* main writes once, all read */

/* What 'n' packets take, with the stack that they are kept in. */
static size_t memory_needed(unsigned n, unsigned frame_size)
{
	size_t packet = sizeof(struct rte_mbuf) +
		RTE_ALIGN(sizeof(struct meta), RTE_MBUF_PRIV_ALIGN) + frame_size +
		RTE_PKTMBUF_HEADROOM;
	size_t all =
		n * (rte_mempool_calc_obj_size((uint32_t)packet, 0, NULL) + 2 * sizeof(void *));

	/* Some more for what does not fit at the end of a page, and for headers. */
	return all + all / 64 + (1 << 20);
}

static struct pool *pool_new(unsigned n, unsigned frame_size, int socket, struct errbuf *err)
{
	int memory = socket < 0 ? SOCKET_ID_ANY : socket;
	char name[RTE_MEMPOOL_NAMESIZE];

	if (heap_reserve(memory_needed(n + POOL_SPARE, frame_size), &memory, err))
		return NULL;
	snprintf(name, sizeof(name), "packets-%u", n_pools);
	struct rte_mempool *mempool = rte_pktmbuf_pool_create_by_ops(
		name,
		n + POOL_SPARE,
		POOL_CACHE,
		RTE_ALIGN(sizeof(struct meta), RTE_MBUF_PRIV_ALIGN),
		frame_size + RTE_PKTMBUF_HEADROOM,
		memory,
		POOL_KEEPER
	);

	if (!mempool) {
		int error = rte_errno ? -rte_errno : -ENOMEM;
		unsigned long mb = ((unsigned long)n + POOL_SPARE) * (frame_size + 512UL) >> 20;

		if (error == -EINVAL) {
			errbuf_set(
				err,
				error,
				"DPDK has no \"" POOL_KEEPER
				"\": install its mempool_ring and mempool_stack libraries"
			);
			return NULL;
		}
		errbuf_set(
			err,
			error,
			"no memory for %u packets of %u bytes (%lu MB): raise "
			"other_config:dpdk-socket-mem or reserve more hugepages (vm.nr_hugepages)",
			n + POOL_SPARE,
			frame_size,
			mb
		);
		return NULL;
	}
	struct pool *pool = XNEW(struct pool);

	pool->mempool = mempool;
	pool->frame_size = frame_size;
	pool->socket = socket;
	pool->next = pools;
	pools = pool;
	n_pools++;
	return pool;
}

/* Gives back what no port has any more, and no packet stands in. False when there is no such pool. */
static bool free_unused(void)
{
	struct pool **at = &pools;
	bool any = false;

	while (*at) {
		struct pool *pool = *at;

		if (pool->n_reserved || pool->mempool == default_pool ||
		    !rte_mempool_full(pool->mempool)) {
			at = &pool->next;
			continue;
		}
		*at = pool->next;
		rte_mempool_free(pool->mempool);
		free(pool);
		any = true;
	}
	return any;
}

/* A new pool of 'n', or if there is no memory for that, of what is needed at least. */
static struct pool *
grow(unsigned n, unsigned least, unsigned frame_size, int socket, struct errbuf *err)
{
	struct pool *pool = pool_new(n, frame_size, socket, err);

	if (!pool && n > least)
		pool = pool_new(least, frame_size, socket, err);
	if (!pool && free_unused())
		pool = pool_new(least, frame_size, socket, err);
	return pool;
}

struct rte_mempool *pool_reserve(unsigned n, unsigned frame_size, int socket, struct errbuf *err)
{
	struct pool *pool;

	if (frame_size < POOL_DATA)
		frame_size = POOL_DATA;
	for (pool = pools; pool; pool = pool->next) {
		if (pool->frame_size != frame_size || (socket >= 0 && pool->socket != socket))
			continue;
		if (pool->n_reserved + n + POOL_SPARE <= pool->mempool->size)
			break;
	}
	if (!pool) {
		/* Small needs share a pool, so that a hundred tap ports do not make a hundred. */
		pool = grow(n < 8192 ? 8192 : n, n, frame_size, socket, err);
		if (!pool)
			return NULL;
	}
	pool->n_reserved += n;
	if (!default_pool)
		default_pool = pool->mempool;
	return pool->mempool;
}

void pool_release(struct rte_mempool *mempool, unsigned n)
{
	for (struct pool *pool = pools; pool; pool = pool->next)
		if (pool->mempool == mempool)
			pool->n_reserved -= n;
}

json_t *pool_show(void)
{
	json_t *all = json_array();

	for (struct pool *pool = pools; pool; pool = pool->next) {
		json_t *one = json_pack(
			"{s:s, s:i, s:i, s:i, s:i}",
			"name",
			pool->mempool->name,
			"frame_size",
			(int)pool->frame_size,
			"packets",
			(int)pool->mempool->size,
			"reserved",
			(int)pool->n_reserved,
			"in_use",
			(int)rte_mempool_in_use_count(pool->mempool)
		);

		json_array_append_new(all, one);
	}
	return all;
}

struct rte_mempool *pool_default(void)
{
	return default_pool;
}
