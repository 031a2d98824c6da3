/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/keeper/index.h"

#include <stdlib.h>
#include <string.h>

#include "datapath/flow.h"
#include "lib/xmalloc.h"
#include "tests/unit/datapath/fixture.h"
#include "tests/unit/unit.h"

enum {
	SENDERS = 30,
	RECEIVERS = 20,
	FLOWS = SENDERS * RECEIVERS,
	MANY = 100, /* more than are filed in two sets */
	OTHER = 3, /* a bridge */
	TIMES = 20000,
};

static struct port *port;
static struct kept *kept[FLOWS];
static bool visited[FLOWS];

static int setup(void **state)
{
	port = fixture_port("p");
	index_init();
	memset(visited, 0, sizeof(visited));
	for (uint32_t i = 0; i < FLOWS; i++) {
		struct key key, mask;

		memset(&key, 0, sizeof(key));
		memset(&mask, 0, sizeof(mask));
		fixture_mask_port(&mask);
		key.base.in_port = port->id;
		key.base.eth_src.bytes[5] = (uint8_t)(i / RECEIVERS);
		memset(&mask.base.eth_src, 0xff, sizeof(mask.base.eth_src));
		key.base.ip_dst = be32_from(i % RECEIVERS);
		mask.base.ip_dst = UINT32_MAX;
		kept[i] = XNEW(struct kept);
		assert_int_equal(
			flow_add(NULL, &key, &mask, fixture_output(port), kept[i], &kept[i]->flow),
			0
		);
	}
	return 0;
}

static int teardown(void **state)
{
	for (unsigned i = 0; i < FLOWS; i++) {
		index_take(kept[i]);
		flow_del(kept[i]->flow);
		free(kept[i]);
	}
	assert_int_equal(index_sets(), 0);
	index_fini();
	port_close(port);
	return 0;
}

static struct dep dep_of(enum dep_kind kind, uint64_t what)
{
	return (struct dep){.kind = kind, .what = what};
}

static struct dep lport(uint32_t id)
{
	return (struct dep){.kind = DEP_LPORT, .owner = id};
}

/* What a flow that is learned from, and forwarded by NORMAL, depends on. */
static void file(unsigned i, uint32_t out)
{
	struct dep list[] = {
		lport(1),
		dep_of(DEP_RULE, 0x1000),
		dep_of(DEP_MAC_SRC, i / RECEIVERS),
		dep_of(DEP_MAC_DST, i % RECEIVERS),
		lport(out),
	};

	index_put(kept[i], list, ARRAY_LENGTH(list));
}

static void file_all(void)
{
	for (unsigned i = 0; i < FLOWS; i++)
		file(i, 2);
}

static void visit(struct kept *found, const struct dep *dep, void *n)
{
	for (unsigned i = 0; i < FLOWS; i++)
		if (kept[i] == found)
			visited[i] = true;
	++*(unsigned *)n;
}

static unsigned count(struct dep dep)
{
	unsigned n = 0;

	memset(visited, 0, sizeof(visited));
	index_visit(&dep, visit, &n);
	return n;
}

static void test_index_has_sets_of_senders_and_of_receivers(void **state)
{
	file_all();
	assert_int_equal(index_sets(), SENDERS + RECEIVERS);
	assert_int_equal(count(lport(1)), FLOWS);
	assert_int_equal(count(lport(2)), FLOWS);
	assert_int_equal(count(dep_of(DEP_RULE, 0x1000)), FLOWS);
	assert_int_equal(count(dep_of(DEP_MAC_SRC, 4)), RECEIVERS);
	assert_int_equal(count(dep_of(DEP_MAC_DST, 7)), SENDERS);
	for (unsigned i = 0; i < FLOWS; i++)
		assert_int_equal(visited[i], i % RECEIVERS == 7);
}

static void test_index_tells_what_a_flow_depends_on(void **state)
{
	file_all();
	assert_int_equal(index_n_deps(kept[25]), 5);
	assert_int_equal(index_dep_at(kept[25], 2)->dep.what, 25 / RECEIVERS);
	assert_int_equal(index_dep_at(kept[25], 3)->dep.what, 25 % RECEIVERS);
	assert_int_equal(index_dep_at(kept[25], 4)->dep.owner, 2);
}

static void test_index_files_flows_like_another(void **state)
{
	file_all();
	file(7, 3);
	for (unsigned i = 7 + RECEIVERS; i < FLOWS; i += RECEIVERS)
		assert_true(index_put_like(kept[i], kept[7]));
	/* Another receiver, or somebody who came another way, is not alike. */
	assert_false(index_put_like(kept[8], kept[7]));
	assert_int_equal(index_sets(), SENDERS + RECEIVERS);
	assert_int_equal(count(lport(2)), FLOWS - SENDERS);
	assert_int_equal(count(lport(3)), SENDERS);
	for (unsigned i = 0; i < FLOWS; i++)
		assert_int_equal(visited[i], i % RECEIVERS == 7);
}

static void test_index_tells_apart_who_is_not_alike(void **state)
{
	const struct dep way[] = {dep_of(DEP_MAC_DST, 7), lport(3)};
	struct dep before[][4] = {
		{lport(1), dep_of(DEP_RULE, 0x1000), dep_of(DEP_MAC_SRC, 1), way[0]},
		{lport(1), dep_of(DEP_RULE, 0x1000), dep_of(DEP_MAC_SRC, 2), way[0]},
		{lport(4), dep_of(DEP_RULE, 0x1000), dep_of(DEP_MAC_SRC, 2), way[0]},
		{lport(1), dep_of(DEP_RULE, 0x2000), dep_of(DEP_MAC_SRC, 2), way[0]},
		{lport(1), dep_of(DEP_MAC_SRC, 2), dep_of(DEP_RULE, 0x1000), way[0]},
		{lport(1), dep_of(DEP_RULE, 0x1000), dep_of(DEP_MAC_SRC, 2), way[0]},
		{lport(1), dep_of(DEP_RULE, 0x1000), way[0], way[1]},
	};

	before[5][2].owner = OTHER;
	for (unsigned i = 0; i < ARRAY_LENGTH(before); i++)
		index_put(kept[i], before[i], ARRAY_LENGTH(before[i]));
	for (unsigned i = 1; i < ARRAY_LENGTH(before); i++)
		assert_int_equal(index_put_like(kept[i], kept[0]), i == 1);
	/* One without a destination. */
	index_put(kept[8], before[0], 3);
	assert_false(index_put_like(kept[8], kept[0]));
	assert_false(index_put_like(kept[0], kept[8]));
}

static void test_index_has_what_counts_but_once(void **state)
{
	const struct dep list[] = {
		dep_of(DEP_RULE, 0x1000),
		dep_of(DEP_MAC_DST, 7),
		dep_of(DEP_RULE, 0x1000),
		dep_of(DEP_RULE, 0x2000),
		dep_of(DEP_RULE, 0x2000),
	};

	index_put(kept[0], list, ARRAY_LENGTH(list));
	assert_int_equal(index_n_deps(kept[0]), 3);
	assert_int_equal(count(list[0]), 1);
	assert_int_equal(count(list[3]), 1);
	assert_true(index_has(kept[0], list, ARRAY_LENGTH(list)));
	assert_false(index_has(kept[0], list, 1));
	assert_false(index_has(kept[0], list, 2));
}

static void test_index_files_long_lists_in_one_set(void **state)
{
	struct dep list[MANY];

	for (unsigned i = 0; i < MANY; i++)
		list[i] = i % 2 ? lport(i / 4) : dep_of(DEP_MAC_DST, 7);
	for (unsigned i = 0; i < FLOWS; i++)
		index_put(kept[i], list, MANY);
	assert_int_equal(index_sets(), 1);
	assert_int_equal(count(list[0]), FLOWS);
	assert_int_equal(count(lport(5)), FLOWS);
	file_all();
	assert_int_equal(index_sets(), SENDERS + RECEIVERS);
	assert_int_equal(count(lport(5)), 0);
}

static struct index_set *found_set;
static unsigned n_sets;

static void visit_set(struct index_set *set, const struct dep *dep, void *context)
{
	found_set = set;
	n_sets++;
}

static struct index_set *set_to(unsigned receiver)
{
	struct dep dep = dep_of(DEP_MAC_DST, receiver);

	n_sets = 0;
	index_visit_sets(&dep, visit_set, NULL);
	return found_set;
}

static void test_index_turns_all_flows_of_a_set(void **state)
{
	const struct dep moved[] = {
		lport(1),
		dep_of(DEP_RULE, 0x1000),
		dep_of(DEP_MAC_SRC, 0),
		dep_of(DEP_MAC_DST, 7),
		lport(3),
	};
	const struct dep behind[] = {
		lport(1),
		dep_of(DEP_RULE, 0x1000),
		dep_of(DEP_MAC_SRC, 0),
		dep_of(DEP_MAC_DST, 7),
		lport(5),
		dep_of(DEP_UNDERLAY_ADDRESS, 0),
	};

	file_all();
	struct index_set *set = set_to(7);

	assert_int_equal(n_sets, 1);
	assert_int_equal(set->n_flows, SENDERS);
	assert_true(index_turn(set, kept[7], moved, ARRAY_LENGTH(moved)));
	assert_int_equal(index_sets(), SENDERS + RECEIVERS);
	assert_int_equal(count(lport(2)), FLOWS - SENDERS);
	assert_int_equal(count(lport(3)), SENDERS);
	for (unsigned i = 0; i < FLOWS; i++)
		assert_int_equal(visited[i], i % RECEIVERS == 7);
	assert_true(index_has(kept[7], moved, ARRAY_LENGTH(moved)));
	/* What is so already is no trouble. */
	assert_true(index_turn(set, kept[7], moved, ARRAY_LENGTH(moved)));
	/* More, and less, than it was. */
	assert_true(index_turn(set, kept[7], behind, ARRAY_LENGTH(behind)));
	assert_int_equal(count(lport(5)), SENDERS);
	assert_int_equal(count(lport(3)), 0);
	assert_true(index_turn(set, kept[7], moved, ARRAY_LENGTH(moved)));
	assert_int_equal(count(lport(3)), SENDERS);
	assert_int_equal(count(dep_of(DEP_UNDERLAY_ADDRESS, 0)), 0);
	assert_int_equal(count(dep_of(DEP_MAC_DST, 7)), SENDERS);
	assert_true(index_came_alike(kept[7], kept[7 + RECEIVERS]));
	assert_true(index_came_alike(kept[7 + RECEIVERS], kept[7 + 2 * RECEIVERS]));
}

static void test_index_leaves_sets_that_cannot_be_turned(void **state)
{
	const struct dep others[][5] = {
		/* Not who sent it, */
		{lport(1),
		 dep_of(DEP_RULE, 0x1000),
		 dep_of(DEP_MAC_SRC, 1),
		 dep_of(DEP_MAC_DST, 7),
		 lport(3)},
		/* not where it went, */
		{lport(1),
		 dep_of(DEP_RULE, 0x1000),
		 dep_of(DEP_MAC_SRC, 0),
		 dep_of(DEP_MAC_DST, 8),
		 lport(3)},
		/* and with something that counts. */
		{lport(1),
		 dep_of(DEP_RULE, 0x1000),
		 dep_of(DEP_MAC_SRC, 0),
		 dep_of(DEP_MAC_DST, 7),
		 dep_of(DEP_RULE, 0x2000)},
	};
	const struct dep there[] = {lport(4), dep_of(DEP_MAC_DST, 7), lport(3)};

	file_all();
	for (unsigned i = 0; i < ARRAY_LENGTH(others); i++)
		assert_false(index_turn(set_to(7), kept[7], others[i], 5));
	assert_int_equal(count(lport(2)), FLOWS);
	/* Another set is there already; without the flow that was in it before. */
	struct index_set *set = set_to(7);
	struct dep moved[] = {
		lport(1),
		dep_of(DEP_RULE, 0x1000),
		dep_of(DEP_MAC_SRC, 0),
		dep_of(DEP_MAC_DST, 7),
		lport(3),
	};

	index_put(kept[8], there, ARRAY_LENGTH(there));
	assert_false(index_turn(set, kept[7], moved, ARRAY_LENGTH(moved)));
	assert_int_equal(count(lport(3)), 1);
	assert_false(index_came_alike(kept[7], kept[8]));
}

/* To the receiver, by a way of the sender's own. */
static void file_way(struct kept *flow, uint32_t in, uint64_t src, uint64_t receiver)
{
	const struct dep list[] = {
		lport(in),
		dep_of(DEP_RULE, 0x1000),
		dep_of(DEP_MAC_SRC, src),
		dep_of(DEP_MAC_DST, receiver),
		lport(2),
	};

	index_put(flow, list, ARRAY_LENGTH(list));
}

/* The flow in the set that it goes to the destination by. */
static struct index_flow *flow_in_set(const struct kept *flow)
{
	return &flow->places[INDEX_FROM].set->flows[flow->places[INDEX_FROM].at];
}

static bool is_like(unsigned i, unsigned other)
{
	return index_is_like(flow_in_set(kept[i]), flow_in_set(kept[other]));
}

static void test_index_remembers_who_is_like_another(void **state)
{
	unsigned one = 7, two = 7 + RECEIVERS, three = 7 + 2 * RECEIVERS;

	file_all();
	for (unsigned times = 0; times < 2; times++)
		for (unsigned i = one; i < FLOWS; i += RECEIVERS)
			assert_true(is_like(i, one));
	/* Until it comes another way; also if nobody else came as it does, and nobody does then. */
	file_way(kept[two], 4, 1, 7);
	assert_false(is_like(two, one));
	assert_true(is_like(three, one));
	file_way(kept[two], 1, 99, 7);
	assert_true(is_like(two, one));
	file_way(kept[two], 4, 99, 7);
	assert_int_equal(index_sets(), SENDERS + RECEIVERS + 1);
	assert_false(is_like(two, one));
	assert_false(is_like(two, three));
	/* Other ones that go there are not like it, though they come the same way. */
	file_way(kept[one + 1], 1, 0, 7);
	assert_true(index_came_alike(kept[one + 1], kept[one]));
	assert_false(is_like(one + 1, one));
	/* Who takes the place of one that leaves is still who it was. */
	index_take(kept[one]);
	assert_true(is_like(three, three + RECEIVERS));
	assert_false(is_like(one + 1, three));
	assert_false(is_like(two, three));
}

/* Any order of filing and taking leaves each flow where it was put last. */
static void test_index_finds_flows_wherever_they_go(void **state)
{
	uint32_t out[FLOWS] = {0};

	srand(3);
	for (unsigned n = 0; n < TIMES; n++) {
		unsigned i = (unsigned)rand() % FLOWS, like = (unsigned)rand() % FLOWS;

		if (!(rand() % 8)) {
			index_take(kept[i]);
			out[i] = 0;
		} else if (out[i] && out[like] && rand() % 2) {
			if (index_put_like(kept[i], kept[like]))
				out[i] = out[like];
		} else {
			out[i] = 2 + (uint32_t)rand() % 3;
			file(i, out[i]);
		}
	}
	for (uint32_t id = 2; id < 5; id++) {
		count(lport(id));
		for (unsigned i = 0; i < FLOWS; i++)
			assert_int_equal(visited[i], out[i] == id);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_index_has_sets_of_senders_and_of_receivers, setup, teardown
		),
		cmocka_unit_test_setup_teardown(
			test_index_tells_what_a_flow_depends_on, setup, teardown
		),
		cmocka_unit_test_setup_teardown(
			test_index_files_flows_like_another, setup, teardown
		),
		cmocka_unit_test_setup_teardown(
			test_index_tells_apart_who_is_not_alike, setup, teardown
		),
		cmocka_unit_test_setup_teardown(
			test_index_has_what_counts_but_once, setup, teardown
		),
		cmocka_unit_test_setup_teardown(
			test_index_files_long_lists_in_one_set, setup, teardown
		),
		cmocka_unit_test_setup_teardown(
			test_index_turns_all_flows_of_a_set, setup, teardown
		),
		cmocka_unit_test_setup_teardown(
			test_index_leaves_sets_that_cannot_be_turned, setup, teardown
		),
		cmocka_unit_test_setup_teardown(
			test_index_remembers_who_is_like_another, setup, teardown
		),
		cmocka_unit_test_setup_teardown(
			test_index_finds_flows_wherever_they_go, setup, teardown
		),
	};

	return cmocka_run_group_tests(tests, fixture_start, fixture_stop);
}
