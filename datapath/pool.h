/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Pools: the memory packets live in.
 *
 * Whoever keeps packets (a port's descriptors, a worker's caches) reserves as many as it can hold
 * at most; pools are made when the first reservation needs them and further ones when they are
 * full. Every packet carries a cache line of metadata behind its mbuf (datapath/fast/meta.h).  */

#include <stdint.h>

#include <jansson.h>

struct errbuf;
struct rte_mempool;

/* Main thread. */

/* A pool with room for 'n' more packets of up to 'frame_size' bytes in one segment, on NUMA node
 * 'socket' (-1: any). NULL when memory is short, explained in 'err'. */
struct rte_mempool *pool_reserve(unsigned n, unsigned frame_size, int socket, struct errbuf *err);
/* Gives back a reservation of 'n'. The pool stays for the next one, unless its
 * memory is needed for another. */
void pool_release(struct rte_mempool *pool, unsigned n);
/* One object per pool, for status. */
json_t *pool_show(void);

/* Any thread. */

/* The pool for copies of packets and for packets made here, of ordinary size. */
struct rte_mempool *pool_default(void);
