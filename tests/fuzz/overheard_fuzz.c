/* SPDX-License-Identifier: Apache-2.0 */

/* Frames that a bridge overhears and learns from: ARP and neighbour discovery, IGMP and MLD. Each
 * begins with a byte that says who hears it, and one with its length.  */

#include <string.h>

#include "datapath/port.h"
#include "lib/epoch.h"
#include "ofproto/bridge.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/l2/l2.h"
#include "ofproto/l2/mcast_priv.h"
#include "ofproto/l2/membership.h"
#include "ofproto/underlay/discovery.h"
#include "ofproto/underlay/neighbours.h"
#include "ofproto/underlay/underlay_priv.h"
#include "ofproto/view.h"
#include "tests/fuzz/fuzz.h"

enum {
	GROUPS_MAX = 50,
	WANTED = 2,
};

/* 192.0.2.1 and fe80::1 */
static const struct ipaddr wanted[] = {
	{{[10] = 0xff, [11] = 0xff, [12] = 192, [14] = 2, [15] = 1}},
	{{[0] = 0xfe, [1] = 0x80, [15] = 1}},
};
static struct bridge *bridge;
static uint32_t lport;

static void start(void)
{
	static struct port device = {.name = "p1", .id = 1};
	static const struct bridge_port_config port = {.name = "p1", .port = &device};
	static struct bridge_lport_config row = {.name = "p1", .ports = &port, .n_ports = 1};
	static const struct l2_config l2 = {
		.mcast = {.snoops = true, .max = GROUPS_MAX, .aging_ms = 300000}};
	static const struct bridge_config config = {
		.name = "br0", .lports = &row, .n_lports = 1, .l2 = &l2};

	epoch_register();
	memset(row.trunks, 0xff, sizeof(row.trunks));
	bridge = bridge_new("br0");
	bridge_apply(bridge, &config);
	for (uint32_t id = 0; id < 100 && !lport; id++)
		if (view_find_lport(bridge->view, id))
			lport = id;
	if (!l2_mcast(bridge)->config.snoops)
		abort();
	neighbours_start();
	/* Only what somebody wants to know is learned. */
	for (unsigned i = 0; i < WANTED; i++)
		underlay_want_neighbour(bridge->index, &wanted[i]);
}

static void count(void *context, enum membership_kind kind, const uint8_t *ip)
{
	(*(unsigned *)context)++;
}

static void
count_neighbour(uint32_t of_bridge, const struct ipaddr *ip, struct mac mac, void *context)
{
	(*(unsigned *)context)++;
}

/* Nothing is taken for more than it is: a frame tells of no more groups than fit into it. */
static void check_membership(const uint8_t *frame, uint32_t n)
{
	unsigned told = 0;

	membership_parse(frame, n, count, &told);
	if (told > n / 8)
		abort();
}

static void hear(uint8_t who, const uint8_t *frame, uint32_t n)
{
	const struct mcast_note groups = {.bridge = bridge->index, .lport = lport, .vlan = who & 3};
	const struct discovery_note neighbours = {.bridge = bridge->index};
	/* At the very end of heap memory, so that the sanitizer sees what is read behind it. */
	uint8_t *copy = malloc(n ? n : 1);

	if (!copy)
		abort();
	memcpy(copy, frame, n);
	check_membership(copy, n);
	if (who & 4)
		mcast_punt.receive((const uint8_t *)&groups, copy, n, n);
	else
		discovery_target.receive((const uint8_t *)&neighbours, copy, n, n);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mcast_stats stats;
	unsigned n_neighbours = 0;

	if (!bridge)
		start();
	for (; size >= 2 && size >= 2U + data[1];) {
		hear(data[0], data + 2, data[1]);
		size -= 2U + data[1];
		data += 2U + data[1];
	}
	mcast_table_get_stats(l2_mcast(bridge)->table, &stats);
	neighbours_foreach(count_neighbour, &n_neighbours);
	if (stats.n > GROUPS_MAX || n_neighbours > WANTED)
		abort();
	mcast_poll(bridge, l2_mcast(bridge));
	mcast_forget(l2_mcast(bridge));
	keeper_sync();
	keeper_catch_up();
	epoch_quiesce();
	return 0;
}
