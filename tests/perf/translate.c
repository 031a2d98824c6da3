/* SPDX-License-Identifier: Apache-2.0 */

/* What a new flow costs the keeper: finding that there is none, translating, making it; without the
 * daemon, so that a change can be judged at once, also by counting instructions.
 *
 *	translate [TABLES [RULES [RATE]]]
 *
 * Each packet meets one rule in each table and is sent out by the last; the other rules look at
 * Ethernet sources, networks and ports, and match nobody. With RATE it then goes on making so many a
 * second until it is ended: what that costs others on the machine can be measured.  */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/epoch.h"
#include "lib/flow/match.h"
#include "ofproto/keeper/again.h"
#include "ofproto/keeper/book.h"
#include "ofproto/keeper/crowd.h"
#include "ofproto/rules.h"
#include "ofproto/wire/messages.h"
#include "tests/unit/datapath/fixture.h"
#include "tests/unit/ofproto/world.h"

enum {
	FLOWS = 50000,
	WINDOW = 500,
	MATCH_SIZE = 128,
	PAUSE_US = 300,
};

static struct world world;
static struct book book;

static void add_rule(unsigned table, unsigned priority, const char *match, const char *actions)
{
	struct of_flow_mod mod = {
		.table_id = (uint8_t)table,
		.priority = (uint16_t)priority,
		.out_port = UINT32_MAX,
		.out_group = UINT32_MAX,
	};

	match_init(&mod.match, NULL);
	action_list_init(&mod.actions);
	if (match_parse(&mod.match, match, NULL, NULL) ||
	    actions_parse(&mod.actions, actions, NULL, NULL) || rules_mod(world.bridge, &mod, OF13))
		abort();
	action_list_fini(&mod.actions);
}

static void add_rules(unsigned tables, unsigned rules)
{
	char match[MATCH_SIZE], actions[MATCH_SIZE];

	for (unsigned t = 0; t < tables; t++) {
		snprintf(actions, sizeof(actions), "resubmit(,%u)", t + 1);
		add_rule(t, 1, "ip", t + 1 < tables ? actions : "output:2");
		for (unsigned i = 0; i < rules / tables; i++) {
			int n = snprintf(
				match,
				sizeof(match),
				"udp,dl_src=0e:00:00:%02x:%02x:%02x",
				t,
				i >> 8,
				i & 255
			);

			if (i % 3 == 1)
				snprintf(
					match + n,
					sizeof(match) - n,
					",nw_dst=192.%u.%u.0/24",
					i >> 8,
					i & 255
				);
			else if (i % 3)
				snprintf(match + n, sizeof(match) - n, ",tp_dst=99");
			add_rule(t, 100, match, "drop");
		}
	}
}

static void make_flow(unsigned number)
{
	struct key key = world_frame(1, 0xa, 0xb, 0);

	key.base.eth_type = be16_from(0x0800);
	key.base.eth_src.bytes[3] = (uint8_t)(number >> 16);
	key.base.eth_src.bytes[4] = (uint8_t)(number >> 8);
	key.base.eth_src.bytes[5] = (uint8_t)number;
	key.base.ip_proto = 17;
	key.base.ip_ttl = 64;
	key.base.ip_src = be32_from(0x0a000000 + number);
	key.base.ip_dst = be32_from(0x0a800001);
	key.base.l4_src = be16_from(1024);
	key.base.l4_dst = be16_from(2000);
	if (book_find(&world.x, &key, NULL))
		abort();
	again_make(&world.x, &key);
	crowd_limit(&world.x, &key);
	book_make(&world.x, &key, NULL, NULL);
}

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static int by_size(const void *a_, const void *b_)
{
	const double *a = a_, *b = b_;

	return *a < *b ? -1 : *a > *b;
}

static void measure(void)
{
	static double took[FLOWS / WINDOW];

	for (unsigned window = 0; window < FLOWS / WINDOW; window++) {
		double start = now_ns();

		for (unsigned i = 0; i < WINDOW; i++)
			make_flow(window * WINDOW + i);
		took[window] = (now_ns() - start) / WINDOW;
		epoch_quiesce();
	}
	qsort(took, FLOWS / WINDOW, sizeof(took[0]), by_size);
	printf("%u flows, ns each: least %.0f, median %.0f\n",
	       book.stats.flows,
	       took[0],
	       took[FLOWS / WINDOW / 2]);
}

/* After a pause it does not make up for more than a hundredth of a second. */
static void go_on(unsigned rate)
{
	double start = now_ns(), made = 0;

	for (unsigned number = FLOWS;;) {
		double due = (now_ns() - start) * rate / 1e9;

		if (due > made + rate / 100.0)
			made = due - rate / 100.0;
		for (; made < due; made++)
			make_flow(number++);
		epoch_quiesce();
		usleep(PAUSE_US);
	}
}

int main(int argc, char **argv)
{
	unsigned tables = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1;
	unsigned rules = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : tables * 3;

	fixture_start(NULL);
	epoch_unregister(); /* the world does it again */
	world_init(&world);
	world_add(&world, "p1", VLAN_MODE_TRUNK, 0);
	world_add(&world, "p2", VLAN_MODE_TRUNK, 0);
	world_apply(&world);
	add_rules(tables, rules);
	book.config.flow_limit = FLOWS * 2;
	book.config.max_idle_ms = INT64_MAX;
	book_init(&book);
	xlate_start();
	measure();
	fflush(stdout);
	if (argc > 3)
		go_on((unsigned)strtoul(argv[3], NULL, 10));
	book_fini();
	world_fini(&world);
	return fixture_stop(NULL);
}
