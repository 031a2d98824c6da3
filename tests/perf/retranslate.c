/* SPDX-License-Identifier: Apache-2.0 */

/* What a change costs the keeper: marking the flows that it affects, and translating them again; without
 * the daemon, so that a change of the code can be judged at once, also by counting instructions.
 *
 *	retranslate macs|rules|same [ROUNDS]
 *
 * macs: NORMAL; addresses that SENDERS flows each go to move from one port to another, one by one.
 * rules: a rule comes and goes that takes the flows of a network, one in NETS, to another port.
 * same: the same, but the rule does what the one below it does.
 * The instructions of a flow: those of book_mark() and book_redo() in callgrind's output, by the number
 * that is printed.  */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/epoch.h"
#include "lib/flow/match.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/keeper/again.h"
#include "ofproto/keeper/book.h"
#include "ofproto/keeper/change.h"
#include "ofproto/mac_table.h"
#include "ofproto/rules.h"
#include "ofproto/tables/tables.h"
#include "ofproto/wire/messages.h"
#include "tests/unit/datapath/fixture.h"
#include "tests/unit/ofproto/world.h"

enum {
	MACS = 1000,
	SENDERS = 50,
	NETS = 50,
	HOSTS = 1000,
	FLOWS = MACS * SENDERS,
	MATCH_SIZE = 128,
	PRIORITY = 200,
	DO_AT_ONCE = 64,
};

static struct world world;
static struct book book;
static unsigned n_done;
static double took_ns, least_ns = 1e9;

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void parse_mod(struct of_flow_mod *mod, const char *match, const char *actions)
{
	memset(mod, 0, sizeof(*mod));
	mod->out_port = UINT32_MAX;
	mod->out_group = UINT32_MAX;
	match_init(&mod->match, NULL);
	action_list_init(&mod->actions);
	if (match_parse(&mod->match, match, NULL, NULL) ||
	    actions_parse(&mod->actions, actions, NULL, NULL))
		abort();
}

static void add_rule(unsigned priority, const char *match, const char *actions)
{
	struct of_flow_mod mod;

	parse_mod(&mod, match, actions);
	mod.priority = (uint16_t)priority;
	if (rules_mod(world.bridge, &mod, OF13))
		abort();
	action_list_fini(&mod.actions);
}

/* Number 'src' sends to number 'dst'. */
static struct key frame(unsigned src, unsigned dst)
{
	struct key key = world_frame(1, 0xa, 0xb, 0);

	key.base.eth_type = be16_from(0x0800);
	key.base.eth_src.bytes[4] = (uint8_t)(src >> 8);
	key.base.eth_src.bytes[5] = (uint8_t)src;
	key.base.eth_dst.bytes[3] = 1;
	key.base.eth_dst.bytes[4] = (uint8_t)(dst >> 8);
	key.base.eth_dst.bytes[5] = (uint8_t)dst;
	key.base.ip_proto = 17;
	key.base.ip_ttl = 64;
	key.base.ip_src = be32_from(0x0a000000 + src);
	key.base.ip_dst = be32_from(0x0a800000 + (dst << 10) + src);
	key.base.l4_src = be16_from(1024);
	key.base.l4_dst = be16_from(2000);
	return key;
}

static void make_flow(const struct key *key)
{
	again_make(&world.x, key);
	world_learn(&world);
	again_make(&world.x, key);
	book_make(&world.x, key, NULL, NULL);
}

/* What has changed is marked, and done. */
static void apply(struct change *change)
{
	double start = now_ns(), took;
	uint64_t before = book.stats.stale;

	book_mark(&world.x, change);
	while (book_redo(&world.x, DO_AT_ONCE))
		;
	took = now_ns() - start;
	change_free(change);
	unsigned n = (unsigned)(book.stats.stale - before);

	took_ns += took;
	n_done += n;
	if (n && took / n < least_ns)
		least_ns = took / n;
	epoch_quiesce();
}

static struct mac address(unsigned number)
{
	return frame(0, number).base.eth_dst;
}

static void move(unsigned number, unsigned lport)
{
	struct mac mac = address(number);
	struct change *change = change_new();

	mac_table_fix(world.bridge->macs, 0, mac, world.bridge->view->lports[lport]->id);
	change_add(change, DEP_MAC_DST, world.bridge->index, 0, dep_mac(mac));
	change_add(change, DEP_MAC_SRC, world.bridge->index, 0, dep_mac(mac));
	apply(change);
}

static void move_macs(unsigned rounds)
{
	mac_table_configure(world.bridge->macs, MACS * 2, 0);
	add_rule(1, "", "NORMAL");
	for (unsigned i = 0; i < MACS; i++)
		mac_table_fix(world.bridge->macs, 0, address(i), world.bridge->view->lports[1]->id);
	for (unsigned src = 0; src < SENDERS; src++)
		for (unsigned dst = 0; dst < MACS; dst++) {
			struct key key = frame(src, dst);

			make_flow(&key);
		}
	for (unsigned round = 0; round < rounds; round++)
		for (unsigned i = 0; i < MACS; i++)
			move(i, round % 2 ? 1 : 2);
}

/* What is sent to one of the networks. */
static void print_match(char *match, unsigned net)
{
	snprintf(
		match, MATCH_SIZE, "in_port=1,ip,nw_dst=10.%u.%u.0/22", 128 + net / 64, net % 64 * 4
	);
}

static void change_rule(unsigned net, const char *actions)
{
	char match[MATCH_SIZE];
	struct of_flow_mod mod;
	struct change *change = change_new();

	print_match(match, net);
	add_rule(PRIORITY, match, actions);
	parse_mod(&mod, match, "");
	struct rule *rule = tables_find_exactly(
		world.bridge->tables, 0, PRIORITY, &mod.match.key, &mod.match.mask
	);

	change_add_rule(change, world.bridge->index, rule);
	apply(change);
	change = change_new();
	tables_end(world.bridge->tables, rule);
	tables_flip(world.bridge->tables);
	change_add(change, DEP_RULE, 0, 0, (uintptr_t)rule);
	apply(change);
}

static void change_rules(unsigned rounds, const char *actions)
{
	add_rule(250, "in_port=1,dl_src=0e:00:00:00:00:01", "drop");
	add_rule(1, "in_port=1,ip", "output:2");
	for (unsigned net = 0; net < NETS; net++) {
		char match[MATCH_SIZE];

		print_match(match, net);
		add_rule(100, match, "output:2");
		for (unsigned host = 0; host < HOSTS; host++) {
			struct key key = frame(host, net);

			make_flow(&key);
		}
	}
	for (unsigned round = 0; round < rounds; round++)
		for (unsigned net = 0; net < NETS; net++)
			change_rule(net, actions);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "macs";
	unsigned rounds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 4;

	fixture_start(NULL);
	epoch_unregister(); /* the world does it again */
	world_init(&world);
	world_add(&world, "p1", VLAN_MODE_TRUNK, 0);
	world_add(&world, "p2", VLAN_MODE_TRUNK, 0);
	world_add(&world, "p3", VLAN_MODE_TRUNK, 0);
	world_apply(&world);
	book.config.flow_limit = FLOWS * 2;
	book.config.max_idle_ms = INT64_MAX;
	book_init(&book);
	xlate_start();
	if (!strcmp(what, "macs"))
		move_macs(rounds);
	else
		change_rules(rounds, strcmp(what, "same") ? "output:3" : "output:2");
	printf("%u flows; %u done again, ns each: %.0f, least of a change %.0f\n",
	       book.stats.flows,
	       n_done,
	       took_ns / n_done,
	       least_ns);
	printf("kept %lu, replaced %lu, deleted %lu, widened %lu\n",
	       book.stats.kept,
	       book.stats.replaced,
	       book.stats.deleted,
	       book.stats.widened);
	book_fini();
	world_fini(&world);
	return fixture_stop(NULL);
}
