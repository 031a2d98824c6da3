/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/flow.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "datapath/batch.h"
#include "datapath/fast/classify.h"
#include "datapath/program.h"
#include "datapath/worker_priv.h"
#include "lib/epoch.h"
#include "tests/unit/datapath/fixture.h"

enum {
	N_FLOWS = 1500,
	N_MASKS = 12,
	N_STEPS = 6000,
	IN_PORT = 9,
	OUT_PORT = 8,
};

/* The slow, obvious table: masks whose flows cannot overlap, because each has its own eth_type. */
struct model_flow {
	struct key key; /* masked */
	struct key mask;
	struct flow *flow; /* NULL: not there */
	bool stale;
};

static struct worker *worker;
static struct key masks[N_MASKS];
static struct model_flow model[N_FLOWS];

static struct program *any_program(void)
{
	struct program_builder b;

	program_begin(&b);
	program_add_output(&b, OUT_PORT);
	return program_intern(&b);
}

static int make_worker(void **state)
{
	int error = fixture_start(state);

	worker = fixture_worker_new();
	worker->in_port = IN_PORT;
	return error;
}

static int free_worker(void **state)
{
	fixture_worker_free(worker);
	return fixture_stop(state);
}

static void make_masks(void)
{
	for (unsigned i = 0; i < N_MASKS; i++) {
		struct key *mask = &masks[i];

		fixture_mask_port(mask);
		mask->base.eth_type = UINT16_MAX;
		mask->base.ip_src = be32_from(UINT32_MAX << (i * 2));
		mask->base.ip_dst = rand() % 2 ? UINT32_MAX : 0;
		if (i % 3)
			continue;
		mask->base.blocks = KEY_HAS(KEY_BLOCK_IPV6);
		memset(mask->ipv6.dst, 0xff, 16);
	}
}

/* A key of the family of mask i; few different values, so that they meet. */
static void random_key(unsigned i, struct key *key)
{
	memset(key, 0, sizeof(*key));
	key->base.in_port = IN_PORT;
	key->base.eth_type = be16_from(0x1000 + i);
	key->base.ip_src = be32_from((rand() % 64) << (i * 2));
	key->base.ip_dst = be32_from(rand() % 4);
	key->base.l4_src = rand();
	if (i % 3)
		return;
	key->base.blocks = KEY_HAS(KEY_BLOCK_IPV6);
	key->ipv6.dst[15] = rand() % 4;
	key->ipv6.src[15] = rand();
}

static struct model_flow *model_find(const struct key *key)
{
	for (unsigned i = 0; i < N_FLOWS; i++)
		if (model[i].flow && key_equal_masked(key, &model[i].key, &model[i].mask))
			return &model[i];
	return NULL;
}

static void model_add(struct model_flow *slot)
{
	unsigned i = rand() % N_MASKS;
	struct key key;
	struct flow *flow;

	random_key(i, &key);
	struct model_flow *there = model_find(&key);
	int error = flow_add(NULL, &key, &masks[i], any_program(), slot, &flow);

	assert_int_equal(error, there ? -EEXIST : 0);
	if (error)
		return;
	slot->flow = flow;
	slot->stale = false;
	slot->mask = masks[i];
	key_apply_mask(&slot->key, &key, &masks[i]);
	assert_ptr_equal(flow_owner(flow), slot);
}

static void change_something(void)
{
	struct model_flow *slot = &model[rand() % N_FLOWS];

	if (!slot->flow) {
		model_add(slot);
	} else if (rand() % 3 == 0) {
		flow_del(slot->flow);
		slot->flow = NULL;
	} else if (slot->stale) {
		flow_set_program(slot->flow, any_program());
		slot->stale = false;
	} else if (rand() % 4 == 0) {
		flow_mark_stale(slot->flow);
		slot->stale = true;
	}
}

/* Looks for a batch of random keys as a worker does, hashes as bad as can be among them. */
static void check_lookups(void)
{
	struct key keys[BATCH_SIZE];

	for (unsigned i = 0; i < BATCH_SIZE; i++) {
		random_key(rand() % N_MASKS, &keys[i]);
		for (unsigned b = 0; b < KEY_N_PACKET_BLOCKS; b++)
			if (b == 0 || keys[i].base.blocks & KEY_HAS(b))
				memcpy(worker->keys.blocks[b][i], keys[i].block[b], KEY_BLOCK_SIZE);
		worker->keys.hashes[i] = keys[i].base.ip_src * 0x9e3779b1u;
	}
	exact_find(worker, BATCH_SIZE);
	classify(worker);
	for (unsigned i = 0; i < BATCH_SIZE; i++) {
		struct model_flow *expected = model_find(&keys[i]);

		if (expected && expected->stale)
			expected = NULL;
		assert_ptr_equal(worker->lookup.flows[i], expected ? expected->flow : NULL);
		assert_ptr_equal(flow_find(&keys[i]), expected ? expected->flow : NULL);
	}
}

static void test_flow_lookups_agree_with_a_simple_table(void **state)
{
	unsigned n = 0;

	srand(4);
	make_masks();
	for (unsigned i = 0; i < N_STEPS; i++) {
		change_something();
		if (i % 8 == 0)
			check_lookups();
		if (i % 64 == 0)
			epoch_quiesce();
	}
	for (unsigned i = 0; i < N_FLOWS; i++)
		n += model[i].flow != NULL;
	assert_int_equal(flow_count(), n);
	assert_in_range(flow_mask_count(), 2, N_MASKS);
	for (unsigned i = 0; i < N_FLOWS; i++)
		if (model[i].flow)
			flow_del(model[i].flow);
	assert_int_equal(flow_count(), 0);
	assert_int_equal(flow_mask_count(), 0);
	memset(model, 0, sizeof(model));
	check_lookups();
}

static void test_flow_get_match_gives_back_what_was_added(void **state)
{
	struct key key, mask, got_key, got_mask, masked;
	struct flow *flow;

	make_masks();
	random_key(0, &key);
	mask = masks[0];
	assert_int_equal(flow_add(NULL, &key, &mask, any_program(), NULL, &flow), 0);
	flow_get_match(flow, &got_key, &got_mask);
	key_apply_mask(&masked, &key, &mask);
	assert_memory_equal(&got_key, &masked, sizeof(masked));
	assert_memory_equal(&got_mask, &mask, sizeof(mask));
	flow_del(flow);
}

static void test_flow_absent_blocks_are_told_from_present_ones(void **state)
{
	struct key with, without, mask;
	struct flow *flow;

	fixture_mask_port(&mask);
	mask.ipv6.dst[15] = 0xff;
	memset(&without, 0, sizeof(without));
	without.base.in_port = IN_PORT;
	with = without;
	with.base.blocks = KEY_HAS(KEY_BLOCK_IPV6);
	assert_int_equal(flow_add(NULL, &without, &mask, any_program(), NULL, &flow), 0);
	assert_ptr_equal(flow_find(&without), flow);
	assert_null(flow_find(&with));
	flow_del(flow);
}

static void test_flow_add_refuses_too_many_masks_for_a_port(void **state)
{
	struct key key = {0}, mask;
	struct flow *added[SUBTABLES_PER_PORT + 1];
	unsigned n = 0;
	int error;

	key.base.in_port = IN_PORT;
	for (;; n++) {
		fixture_mask_port(&mask);
		mask.base.l4_src = n + 1;
		key.base.eth_type = n;
		mask.base.eth_type = UINT16_MAX;
		error = flow_add(NULL, &key, &mask, any_program(), NULL, &added[n]);
		if (error)
			break;
	}
	assert_int_equal(error, -ENOSPC);
	assert_int_equal(n, SUBTABLES_PER_PORT);
	/* Another port is not hurt. */
	struct flow *other;

	key.base.in_port = IN_PORT + 1;
	assert_int_equal(flow_add(NULL, &key, &mask, any_program(), NULL, &other), 0);
	flow_del(other);
	while (n)
		flow_del(added[--n]);
}

static void test_flow_add_refuses_masks_without_port(void **state)
{
	struct key key = {0}, mask = {0};
	struct flow *flow;

	assert_int_equal(flow_add(NULL, &key, &mask, any_program(), NULL, &flow), -EINVAL);
}

/* Ids of deleted flows come back, with counters that start anew. */
static void test_flow_ids_are_used_again(void **state)
{
	enum {
		AT_ONCE = 100,
		ROUNDS = 200,
	};
	struct flow *added[AT_ONCE];
	struct key key = {0}, mask;
	struct flow_stats stats;
	uint32_t max = 0;

	key.base.in_port = IN_PORT;
	fixture_mask_port(&mask);
	mask.base.ip_dst = UINT32_MAX;
	/* With blocks of its own, which are freed with the flow. */
	mask.ipv6.dst[15] = UINT8_MAX;
	key.base.blocks = KEY_HAS(KEY_BLOCK_IPV6);
	epoch_drain();
	for (unsigned round = 0; round < ROUNDS; round++) {
		for (unsigned i = 0; i < AT_ONCE; i++) {
			key.base.ip_dst = round * AT_ONCE + i;
			assert_int_equal(
				flow_add(NULL, &key, &mask, any_program(), NULL, &added[i]), 0
			);
			flow_get_stats(added[i], &stats);
			assert_int_equal(stats.packets, 0);
			worker->flow_counters[flow_id(added[i])].packets = 7;
			if (flow_id(added[i]) > max)
				max = flow_id(added[i]);
		}
		for (unsigned i = 0; i < AT_ONCE; i++)
			flow_del(added[i]);
		epoch_drain();
	}
	/* Other tests have used some thousands. */
	assert_in_range(max, 1, AT_ONCE * ROUNDS / 2);
	assert_int_equal(flow_count(), 0);
	assert_int_equal(flow_mask_count(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flow_lookups_agree_with_a_simple_table),
		cmocka_unit_test(test_flow_get_match_gives_back_what_was_added),
		cmocka_unit_test(test_flow_absent_blocks_are_told_from_present_ones),
		cmocka_unit_test(test_flow_add_refuses_too_many_masks_for_a_port),
		cmocka_unit_test(test_flow_add_refuses_masks_without_port),
		cmocka_unit_test(test_flow_ids_are_used_again),
	};

	return cmocka_run_group_tests(tests, make_worker, free_worker);
}
