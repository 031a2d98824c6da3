/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The exact-match cache of a worker: from the hash of a packet's key to its flow.
 *
 * An entry is a signature and a flow id, eight to a line. A hit is verified against the flow itself
 * (its mask, its key, that it is alive), so entries need no invalidation: those that point to a
 * flow that is gone simply do not match any more. It makes the cost of a packet independent of the
 * number of masks.  */

#include <stdbool.h>
#include <stdint.h>

struct batch;
struct bucket;
struct exact_config;
struct worker;

struct exact_cache {
	struct bucket *buckets;
	uint32_t mask;
	uint32_t number; /* no two caches have the same */
	bool off; /* never used */
	uint32_t pass_over; /* so many packets do not use the cache: it did not pay */
	/* Since the last judgement. */
	uint32_t tried;
	uint32_t hit;
	uint64_t probes_before;
};

/* Main thread. */

/* A cache; by default it fills a worker's L2 cache. If 'old' (NULL is fine) is large enough, both have the
 * same memory. */
struct exact_cache *exact_new(const struct exact_config *config, const struct exact_cache *old);
/* Frees what was replaced by 'now', or by nothing. NULL is fine. */
void exact_free(struct exact_cache *cache, const struct exact_cache *now);

/* Any thread. */

/* Finds its memory before packets need it. */
void exact_fill(const struct exact_cache *cache);

/* Workers. */

/* Fills worker->lookup for the n packets whose keys are in worker->keys. */
void exact_find(struct worker *worker, unsigned n);
/* Leaves all n packets to the flow table. */
void exact_skip(struct worker *worker, unsigned n);

static inline bool exact_pays(const struct exact_cache *cache)
{
	return !cache->off && !cache->pass_over;
}

/* Remembers that packets with this hash belong to the flow. */
void exact_add(struct exact_cache *cache, uint32_t hash, uint32_t flow_id);
