/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Flows and their tables as workers see them.
 *
 * Flows live in one array; everybody else names them by 32-bit ids. A subtable holds the flows of
 * one mask; an index says which subtables have flows for an in_port. Readers take no locks: the
 * keeper writes a flow completely before its signature makes it visible, and reuses a flow's place
 * only after every worker has quiesced.  */

#include <stdbool.h>
#include <stdint.h>

#include "datapath/flow.h"
#include "datapath/port.h"
#include "lib/hmap.h"
#include "lib/types.h"

enum {
	FLOWS_MAX = 1 << 20, /* ids are below this; 0 is never a flow */
	SUBTABLES_MAX = 4096, /* masks in the whole datapath */
	SUBTABLES_PER_PORT = 256, /* more would make a port's misses too dear */
	SUBTABLES_ALLOWED = 128, /* masks of a port that anything but connections may have */
	SUBTABLE_WORDS = KEY_N_PACKET_BLOCKS * KEY_BLOCK_SIZE / 8,
	BUCKET_WAYS = 8,
};

struct flow {
	/* Keeper writes before the flow is visible; workers read. */
	alignas(CACHE_LINE) struct key_base key; /* masked */
	alignas(CACHE_LINE) struct subtable *subtable;
	uint8_t (*extra)[KEY_BLOCK_SIZE]; /* the mask's further blocks, masked; or NULL */
	uint32_t hash; /* in its subtable */
	/* Keeper writes, workers read. */
	uint32_t
		live; /* 0: stale or not a flow; else tells this life, with this program, from others */
	struct program *program;
	/* The keeper's. */
	void *owner;
	uint8_t spare[24];
};
static_assert(sizeof(struct flow) == 2 * CACHE_LINE, "flow: two cache lines");

/* One line of signatures and flow ids, in subtables and in exact caches. Signature 0: empty. */
struct bucket {
	alignas(CACHE_LINE) uint16_t signatures[BUCKET_WAYS];
	uint32_t flows[BUCKET_WAYS];
	struct bucket *next; /* subtables: overflow */
	uint32_t turn; /* caches: whose turn it is to go */
	uint32_t spare;
};
static_assert(sizeof(struct bucket) == CACHE_LINE, "bucket: one cache line");

struct subtable_buckets {
	uint32_t mask; /* their number, less one */
	struct bucket *buckets;
};

struct subtable_word {
	uint64_t mask;
	uint16_t block;
	uint16_t word;
	uint32_t at; /* in the keys of a batch: bytes behind the start of the packet's base block */
};

struct subtable {
	/* Written once. */
	alignas(CACHE_LINE) struct key_base mask;
	uint8_t (*extra)[KEY_BLOCK_SIZE]; /* the mask's further blocks */
	uint16_t id; /* below SUBTABLES_MAX */
	uint8_t n_extra;
	uint8_t n_words;
	uint8_t extra_block[KEY_N_PACKET_BLOCKS]; /* which they are */
	bool only_port; /* looks at nothing but in_port (and recirc) */
	/* Keeper replaces, workers read. */
	struct subtable_buckets *buckets;
	/* Written once. */
	struct subtable_word
		words[SUBTABLE_WORDS]; /* those the mask has bits in; then one of none */
	/* The keeper's. */
	struct hmap_node node;
	uint32_t n_flows;
};

/* What may be hit by packets from one port; immutable. */
struct flow_index {
	struct flow *whole; /* hit by all of the port's fresh packets; or NULL */
	uint16_t n;
	struct subtable *subtables[];
};

/* One per worker and flow; worker writes, others read. */
struct flow_counters {
	uint64_t packets;
	uint64_t bytes;
	int64_t used_ms;
	uint16_t tcp_flags;
	uint16_t zero[3];
};

extern struct flow *flows; /* by id */
/* By in_port. Keeper replaces, workers read with epoch_load(). */
extern struct flow_index *flow_indexes[PORT_IDS];
/* Secrets of this process: nobody outside can aim for collisions of hashes. */
enum {
	FLOW_SECRETS = 8
};
extern uint64_t flow_secrets[FLOW_SECRETS];

/* Main thread. */

void flows_init(void);
void flows_fini(void);
struct flow_counters *flows_counters(unsigned worker);

/* Workers. */

/* Before its first packet: flows that are older than the worker have counters that nobody has touched. */
void flows_fill_counters(unsigned worker);

/* The flow keeper. */

struct subtable *subtable_new(const struct key *mask);
void subtable_free(struct subtable *subtable); /* after a grace period */
bool subtable_has_mask(const struct subtable *subtable, const struct key *mask);
void subtable_add(struct subtable *subtable, struct flow *flow);
void subtable_del(struct subtable *subtable, struct flow *flow);
struct flow *subtable_find(const struct subtable *subtable, const struct key *key, bool stale_too);
uint32_t subtable_hash_key(const struct subtable *subtable, const struct key *key);

/* Any thread. */

/* Whether it is still the flow it was. Workers may use it until they quiesce, as if they had just found
 * it. */
static inline bool flow_lives(const struct flow_life *life)
{
	/* Pairs with flow_add() and flow_set_program(). */
	return life->flow && life->life &&
		__atomic_load_n(&life->flow->live, __ATOMIC_ACQUIRE) == life->life;
}

static inline uint32_t flow_id(const struct flow *flow)
{
	return flow - flows;
}
