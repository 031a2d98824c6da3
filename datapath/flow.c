/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/flow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "datapath/fast/match.h"
#include "datapath/flow_priv.h"
#include "datapath/pages.h"
#include "datapath/program.h"
#include "datapath/report/counter.h"
#include "datapath/worker.h"
#include "lib/epoch.h"
#include "lib/hash.h"
#include "lib/hmap.h"
#include "lib/xmalloc.h"

struct flow *flows;
struct flow_index *flow_indexes[PORT_IDS];
alignas(CACHE_LINE) uint64_t flow_secrets[FLOW_SECRETS];

static struct flow_counters *counters[WORKERS_MAX];
static unsigned n_counters; /* main writes, all read: those from here on are not there */

/* The keeper's: subtables by id, and for each port how many flows each entry of its index has. */
static struct subtable *subtables[SUBTABLES_MAX];
static struct hmap by_mask;
static struct subtable *last_found;
static uint32_t *index_counts[PORT_IDS];
static unsigned n_flows; /* keeper writes, all read */
static unsigned n_subtables; /* keeper writes, all read */
static uint32_t n_ids = 1; /* ids that were ever used are below */

/* Ids that may be used again: a list through free_next. The reclaim thread pushes, the keeper
 * takes all at once, so that no element can come back while it is looked at. */
static uint32_t *free_next;
static uint32_t freed; /* pushed by the reclaim thread */
static uint32_t reusable; /* the keeper's */

void flows_init(void)
{
	if (flows)
		return;
	hmap_init(&by_mask);
	flows = pages_map(FLOWS_MAX * sizeof(struct flow), true);
	free_next = pages_map(FLOWS_MAX * sizeof(*free_next), false);
	if (getrandom(flow_secrets, sizeof(flow_secrets), 0) != sizeof(flow_secrets))
		abort();
}

void flows_fini(void)
{
	/* The keeper has deleted its flows; the tables stay for a second start. */
}

struct flow_counters *flows_counters(unsigned worker)
{
	if (!counters[worker]) {
		void *new = pages_map(FLOWS_MAX * sizeof(struct flow_counters), true);

		epoch_store(&counters[worker], new);
		/* Pairs with flow_get_stats(). */
		if (worker >= n_counters)
			__atomic_store_n(&n_counters, worker + 1, __ATOMIC_RELEASE);
	}
	return counters[worker];
}

void flows_fill_counters(unsigned worker)
{
	uint32_t n = __atomic_load_n(&n_ids, __ATOMIC_ACQUIRE);

	pages_fill(counters[worker], n * sizeof(struct flow_counters));
}

/* No flow is alive as the same twice, in a lifetime of the daemon. */
static uint32_t new_life(void)
{
	static uint32_t last;

	if (!++last)
		last = 1;
	return last;
}

static void set_counters(struct flow_counters *at, const struct flow_counters *to)
{
	COUNTER_SET(at->packets, to->packets);
	COUNTER_SET(at->bytes, to->bytes);
	COUNTER_SET(at->used_ms, to->used_ms);
	COUNTER_SET(at->tcp_flags, to->tcp_flags);
}

/* No worker knows the id now: its counters are the keeper's to write. */
static void reset_counters(uint32_t id, const struct flow_first *first)
{
	unsigned n = __atomic_load_n(&n_counters, __ATOMIC_ACQUIRE);

	for (unsigned i = 0; i < n; i++)
		if (counters[i])
			set_counters(&counters[i][id], &(struct flow_counters){0});
	if (first)
		set_counters(
			&counters[first->worker][id],
			&(struct flow_counters){
				.packets = 1,
				.bytes = first->bytes,
				.used_ms = first->used_ms,
				.tcp_flags = first->tcp_flags,
			}
		);
}

static struct flow *flow_alloc(const struct flow_first *first)
{
	uint32_t id;

	if (!reusable)
		reusable = __atomic_exchange_n(&freed, 0, __ATOMIC_ACQUIRE);
	if (reusable) {
		id = reusable;
		reusable = free_next[id];
	} else if (n_ids < FLOWS_MAX) {
		id = n_ids;
		/* Pairs with flow_foreach(). */
		__atomic_store_n(&n_ids, n_ids + 1, __ATOMIC_RELEASE);
	} else {
		return NULL;
	}
	reset_counters(id, first);
	return &flows[id];
}

/* On the reclaim thread, after the grace period. */
static void flow_release(void *obj)
{
	struct flow *flow = obj;
	uint32_t id = flow_id(flow);
	uint32_t head = __atomic_load_n(&freed, __ATOMIC_RELAXED);

	free(flow->extra);
	flow->extra = NULL;
	flow->subtable = NULL;
	do
		free_next[id] = head;
	while (!__atomic_compare_exchange_n(
		&freed, &head, id, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED
	));
}

static uint32_t hash_mask(const struct key *mask)
{
	return hash_bytes(mask->block, KEY_N_PACKET_BLOCKS * KEY_BLOCK_SIZE, 0);
}

/* New flows often have the mask of the one before. */
static struct subtable *find_subtable(const struct key *mask)
{
	struct subtable *subtable;

	if (last_found && subtable_has_mask(last_found, mask))
		return last_found;
	HMAP_FOREACH_WITH_HASH(subtable, node, hash_mask(mask), &by_mask)
		if (subtable_has_mask(subtable, mask))
			return last_found = subtable;
	return NULL;
}

static struct subtable *add_subtable(const struct key *mask)
{
	for (unsigned i = 0; i < SUBTABLES_MAX; i++) {
		if (subtables[i])
			continue;
		subtables[i] = subtable_new(mask);
		subtables[i]->id = i;
		hmap_add(&by_mask, &subtables[i]->node, hash_mask(mask));
		n_subtables++;
		return subtables[i];
	}
	return NULL;
}

static void free_subtable(void *obj)
{
	subtable_free(obj);
}

static void del_subtable(struct subtable *subtable)
{
	subtables[subtable->id] = NULL;
	if (last_found == subtable)
		last_found = NULL;
	hmap_del(&by_mask, &subtable->node);
	n_subtables--;
	epoch_free(subtable, free_subtable);
}

/* Where the subtable stands in the port's index, or -1. */
static int index_find(const struct flow_index *index, const struct subtable *subtable)
{
	for (int i = 0; index && i < index->n; i++)
		if (index->subtables[i] == subtable)
			return i;
	return -1;
}

static void index_publish(uint32_t port, struct flow_index *new, uint32_t *counts)
{
	struct flow_index *old = flow_indexes[port];

	epoch_store(&flow_indexes[port], new);
	epoch_free(old, free);
	free(index_counts[port]);
	index_counts[port] = counts;
}

static struct flow_index *index_new(unsigned n)
{
	struct flow_index *index = xcalloc(1, sizeof(*index) + n * sizeof(index->subtables[0]));

	index->n = n;
	return index;
}

static void index_add(uint32_t port, struct subtable *subtable, struct flow *flow)
{
	struct flow_index *old = flow_indexes[port];
	int at = index_find(old, subtable);
	bool whole = subtable->only_port && !flow->key.recirc;

	if (at >= 0 && !whole) {
		index_counts[port][at]++;
		return;
	}
	unsigned n = old ? old->n : 0;
	struct flow_index *new = index_new(n + (at < 0));
	uint32_t *counts = XNEW_N(uint32_t, n + 1);

	if (old) {
		memcpy(new->subtables, old->subtables, n * sizeof(new->subtables[0]));
		memcpy(counts, index_counts[port], n * sizeof(counts[0]));
		new->whole = old->whole;
	}
	if (at < 0)
		at = n;
	new->subtables[at] = subtable;
	counts[at]++;
	if (whole)
		new->whole = flow;
	index_publish(port, new, counts);
}

static void index_del(uint32_t port, struct subtable *subtable, struct flow *flow)
{
	struct flow_index *old = flow_indexes[port];
	int at = index_find(old, subtable);

	if (at < 0)
		return;
	bool last = --index_counts[port][at] == 0;

	if (!last && old->whole != flow)
		return;
	unsigned n = old->n - last;
	struct flow_index *new = n ? index_new(n) : NULL;
	uint32_t *counts = n ? XNEW_N(uint32_t, n) : NULL;

	for (unsigned from = 0, to = 0; new &&from < old->n; from++) {
		if (last && from == (unsigned)at)
			continue;
		new->subtables[to] = old->subtables[from];
		counts[to++] = index_counts[port][from];
	}
	if (new)
		new->whole = old->whole == flow ? NULL : old->whole;
	index_publish(port, new, counts);
}

static bool port_is_full(uint32_t port, const struct subtable *subtable)
{
	const struct flow_index *index = flow_indexes[port];

	return index && index->n >= SUBTABLES_PER_PORT && index_find(index, subtable) < 0;
}

static void fill(struct flow *flow, const struct key *masked, struct subtable *subtable)
{
	flow->key = masked->base;
	flow->subtable = subtable;
	flow->hash = subtable_hash_key(subtable, masked);
	if (!subtable->n_extra)
		return;
	flow->extra = xalloc_aligned(CACHE_LINE, subtable->n_extra * sizeof(*flow->extra));
	for (unsigned i = 0; i < subtable->n_extra; i++)
		memcpy(flow->extra[i], masked->block[subtable->extra_block[i]], KEY_BLOCK_SIZE);
}

/* Whether a block is there is compared for each block the mask looks into; what is in it only if
 * the key has it: absent blocks are never read. */
static void adapt_mask(struct key *out, const struct key *mask, const struct key *key)
{
	*out = *mask;
	out->base.blocks |= key_mask_blocks(mask) & ~KEY_HAS(KEY_BLOCK_BASE) &
		(KEY_HAS(KEY_N_PACKET_BLOCKS) - 1);
	for (unsigned i = 1; i < KEY_N_BLOCKS; i++)
		if (i >= KEY_N_PACKET_BLOCKS || !(key->base.blocks & KEY_HAS(i)))
			memset(out->block[i], 0, KEY_BLOCK_SIZE);
}

int flow_add(
	const struct flow_first *first,
	const struct key *key,
	const struct key *wanted_mask,
	struct program *take_program,
	void *owner,
	struct flow **flowp
)
{
	uint32_t port = key->base.in_port;
	struct subtable *subtable = NULL;
	struct flow *flow = NULL;
	int error = -ENOSPC;
	struct key masked, mask;

	*flowp = NULL;
	if (wanted_mask->base.in_port != UINT32_MAX || port >= PORT_IDS) {
		error = -EINVAL;
		goto err_program;
	}
	adapt_mask(&mask, wanted_mask, key);
	key_apply_mask(&masked, key, &mask);
	subtable = find_subtable(&mask);
	if (subtable && subtable_find(subtable, &masked, true)) {
		error = -EEXIST;
		goto err_program;
	}
	if (port_is_full(port, subtable))
		goto err_program;
	if (!subtable)
		subtable = add_subtable(&mask);
	flow = subtable ? flow_alloc(first) : NULL;
	if (!flow)
		goto err_subtable;

	fill(flow, &masked, subtable);
	flow->owner = owner;
	flow->program = take_program;
	/* Pairs with the acquire in match_flow(). */
	__atomic_store_n(&flow->live, new_life(), __ATOMIC_RELEASE);
	subtable_add(subtable, flow);
	index_add(port, subtable, flow);
	__atomic_store_n(&n_flows, n_flows + 1, __ATOMIC_RELAXED);
	*flowp = flow;
	return 0;

err_subtable:
	if (subtable && !subtable->n_flows)
		del_subtable(subtable);
err_program:
	program_unref(take_program);
	return error;
}

bool flow_mask_is_too_many(const struct key *key, const struct key *wanted_mask)
{
	const struct flow_index *index = flow_indexes[key->base.in_port % PORT_IDS];
	struct key mask;

	if (likely(!index || index->n < SUBTABLES_ALLOWED))
		return false;
	adapt_mask(&mask, wanted_mask, key);
	return index_find(index, find_subtable(&mask)) < 0;
}

unsigned flow_masks_allowed(void)
{
	return SUBTABLES_ALLOWED;
}

void flow_mark_stale(struct flow *flow)
{
	__atomic_store_n(&flow->live, 0, __ATOMIC_RELEASE);
}

void flow_set_program(struct flow *flow, struct program *take_program)
{
	struct program *old = flow->program;

	epoch_store(&flow->program, take_program);
	__atomic_store_n(&flow->live, new_life(), __ATOMIC_RELEASE);
	program_unref(old);
}

void flow_del(struct flow *flow)
{
	struct subtable *subtable = flow->subtable;

	flow_mark_stale(flow);
	index_del(flow->key.in_port, subtable, flow);
	subtable_del(subtable, flow);
	__atomic_store_n(&n_flows, n_flows - 1, __ATOMIC_RELAXED);
	program_unref(flow->program);
	flow->owner = NULL;
	if (!subtable->n_flows)
		del_subtable(subtable);
	epoch_free(flow, flow_release);
}

void *flow_owner(const struct flow *flow)
{
	return flow->owner;
}

static struct flow *find_flow(const struct key *key, bool stale_too)
{
	const struct flow_index *index;

	if (key->base.in_port >= PORT_IDS)
		return NULL;
	index = flow_indexes[key->base.in_port];
	for (unsigned i = 0; index && i < index->n; i++) {
		struct flow *flow = subtable_find(index->subtables[i], key, stale_too);

		if (flow)
			return flow;
	}
	return NULL;
}

struct flow *flow_find(const struct key *key)
{
	return find_flow(key, false);
}

struct flow *flow_find_stale(const struct key *key)
{
	return find_flow(key, true);
}

/* Both blocks are aligned. */
static bool differ_in_source(const struct key_base *a, const struct key_base *b)
{
	const match_words *x = (const match_words *)a;
	const match_words *y = (const match_words *)b;
	const match_words first = {UINT64_MAX, UINT64_MAX >> 16};
	const match_words second = {UINT64_MAX << 32, UINT64_MAX};
	match_words d =
		((x[0] ^ y[0]) & first) | ((x[1] ^ y[1]) & second) | (x[2] ^ y[2]) | (x[3] ^ y[3]);

	return _mm_testz_si128((__m128i)d, (__m128i)d);
}

static_assert(offsetof(struct key_base, eth_src) == 14, "flow: not where differ_in_source() looks");

bool flow_differs_in_source(const struct flow *a, const struct flow *b)
{
	return a->subtable == b->subtable && !a->subtable->n_extra &&
		differ_in_source(&a->key, &b->key);
}

const struct program *flow_program(const struct flow *flow)
{
	return flow->program;
}

void flow_prefetch(const struct flow *flow)
{
	__builtin_prefetch(&flow->key);
	__builtin_prefetch(&flow->subtable);
}

struct flow_life flow_get_life(const struct flow *flow)
{
	return (struct flow_life){.flow = flow, .life = flow->live};
}

void flow_get_stats(const struct flow *flow, struct flow_stats *stats)
{
	unsigned n = __atomic_load_n(&n_counters, __ATOMIC_ACQUIRE);
	uint32_t id = flow_id(flow);

	*stats = (struct flow_stats){0};
	for (unsigned i = 0; i < n; i++) {
		const struct flow_counters *c = epoch_load(&counters[i]);

		if (!c)
			continue;
		c += id;
		stats->packets += __atomic_load_n(&c->packets, __ATOMIC_RELAXED);
		stats->bytes += __atomic_load_n(&c->bytes, __ATOMIC_RELAXED);
		stats->tcp_flags |= __atomic_load_n(&c->tcp_flags, __ATOMIC_RELAXED);
		int64_t used = __atomic_load_n(&c->used_ms, __ATOMIC_RELAXED);

		if (used > stats->used_ms)
			stats->used_ms = used;
	}
}

void flow_foreach(bool (*visit)(const struct flow *flow, void *context), void *context)
{
	uint32_t n = __atomic_load_n(&n_ids, __ATOMIC_ACQUIRE);

	for (uint32_t id = 1; id < n; id++)
		if (__atomic_load_n(&flows[id].live, __ATOMIC_ACQUIRE) &&
		    !visit(&flows[id], context))
			return;
}

bool flow_next(uint32_t *at, const struct flow **flow)
{
	uint32_t id = ++*at;

	*flow = NULL;
	if (id >= __atomic_load_n(&n_ids, __ATOMIC_ACQUIRE))
		return false;
	if (__atomic_load_n(&flows[id].live, __ATOMIC_ACQUIRE))
		*flow = &flows[id];
	return true;
}

void flow_get_match(const struct flow *flow, struct key *key, struct key *mask)
{
	const struct subtable *subtable = flow->subtable;

	memset(key, 0, sizeof(*key));
	memset(mask, 0, sizeof(*mask));
	key->base = flow->key;
	mask->base = subtable->mask;
	for (unsigned i = 0; i < subtable->n_extra; i++) {
		memcpy(key->block[subtable->extra_block[i]], flow->extra[i], KEY_BLOCK_SIZE);
		memcpy(mask->block[subtable->extra_block[i]], subtable->extra[i], KEY_BLOCK_SIZE);
	}
}

void flow_peek(const struct flow *flow, const struct key_base **key, const struct key_base **mask)
{
	*key = &flow->key;
	*mask = &flow->subtable->mask;
}

unsigned flow_count(void)
{
	return __atomic_load_n(&n_flows, __ATOMIC_RELAXED);
}

unsigned flow_mask_count(void)
{
	return n_subtables;
}
