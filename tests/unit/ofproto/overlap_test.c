/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/keeper/overlap.h"

#include <stdlib.h>
#include <string.h>

#include "datapath/flow.h"
#include "datapath/program.h"
#include "lib/xmalloc.h"
#include "ofproto/keeper/index.h"
#include "tests/unit/datapath/fixture.h"
#include "tests/unit/unit.h"

enum {
	FLOWS = 600,
	RULES = 400
};

static struct kept *kept[FLOWS];
static bool visited[FLOWS];
static struct port *port;

static int setup(void **state)
{
	port = fixture_port("p");
	overlap_init();
	return 0;
}

static int teardown(void **state)
{
	overlap_fini();
	port_close(port);
	return 0;
}

/* Flow 'i' looks at the destination and, if it is odd, at the source's first byte. */
static void add_flow(unsigned i)
{
	struct key key, mask;

	memset(&key, 0, sizeof(key));
	memset(&mask, 0, sizeof(mask));
	fixture_mask_port(&mask);
	key.base.in_port = port->id;
	key.base.ip_dst = be32_from(0x0a000000 + i);
	mask.base.ip_dst = UINT32_MAX;
	if (i % 2) {
		key.base.ip_src = be32_from((i % 16) << 24);
		mask.base.ip_src = be32_from(0xff000000);
	}
	kept[i] = XNEW(struct kept);
	assert_int_equal(
		flow_add(NULL, &key, &mask, fixture_output(port), kept[i], &kept[i]->flow), 0
	);
	overlap_add(kept[i]);
}

static void del_flow(unsigned i)
{
	overlap_del(kept[i]);
	flow_del(kept[i]->flow);
	free(kept[i]);
	kept[i] = NULL;
}

static void note(struct kept *found, void *unused)
{
	for (unsigned i = 0; i < FLOWS; i++)
		if (kept[i] == found)
			visited[i] = true;
}

static bool agrees(unsigned i, const struct key_base *key, const struct key_base *mask)
{
	const struct key_base *flow_key, *flow_mask;

	flow_peek(kept[i]->flow, &flow_key, &flow_mask);
	return !((flow_key->ip_dst ^ key->ip_dst) & flow_mask->ip_dst & mask->ip_dst) &&
		!((flow_key->ip_src ^ key->ip_src) & flow_mask->ip_src & mask->ip_src);
}

/* A rule of one of a few masks, as many flows agree with it or few. */
static void make_rule(struct key_base *key, struct key_base *mask)
{
	static const uint32_t masks[] = {0, 0xffffff00, UINT32_MAX, 0xfffffff0, 0xff, 0xf0, 0x0f};

	memset(key, 0, sizeof(*key));
	memset(mask, 0, sizeof(*mask));
	key->in_port = mask->in_port = UINT32_MAX;
	mask->ip_dst = be32_from(masks[(unsigned)rand() % ARRAY_LENGTH(masks)]);
	mask->ip_src = rand() % 2 ? UINT32_MAX : 0;
	key->ip_dst = be32_from(0x0a000000 + (unsigned)rand() % FLOWS) & mask->ip_dst;
	key->ip_src = be32_from((unsigned)rand() % 16 << 24) & mask->ip_src;
}

static void test_overlap_finds_the_flows_that_a_rule_meets(void **state)
{
	unsigned more = 0;

	srand(2);
	for (unsigned i = 0; i < FLOWS; i++)
		add_flow(i);
	for (unsigned n = 0; n < RULES; n++) {
		unsigned other = (unsigned)rand() % FLOWS;
		struct key_base key, mask;

		if (kept[other])
			del_flow(other);
		else
			add_flow(other);
		/* Some rules come before all flows are prepared for them. */
		if (rand() % 4)
			overlap_prepare((unsigned)rand() % FLOWS);
		make_rule(&key, &mask);
		memset(visited, 0, sizeof(visited));
		overlap_visit(&key, &mask, note, NULL);
		for (unsigned i = 0; i < FLOWS; i++) {
			bool meets = kept[i] && agrees(i, &key, &mask);

			assert_true(visited[i] || !meets);
			more += visited[i] && !meets;
		}
		overlap_sweep();
	}
	/* It may find others, but not to speak of. */
	assert_true(more < RULES);
	for (unsigned i = 0; i < FLOWS; i++)
		if (kept[i])
			del_flow(i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_overlap_finds_the_flows_that_a_rule_meets, setup, teardown
		),
	};

	return cmocka_run_group_tests(tests, fixture_start, fixture_stop);
}
