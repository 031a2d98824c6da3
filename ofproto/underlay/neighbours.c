/* SPDX-License-Identifier: Apache-2.0 */

/* MAC addresses of next hops. One is asked for when a route leads to it or a packet needs it, again
 * some times if nobody answers, and given up then, until somebody wants it anew. One that is known
 * is asked again before it is too old, so that a neighbour that lives is never forgotten.  */

#include "ofproto/underlay/neighbours.h"

#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "lib/clock.h"
#include "lib/hash.h"
#include "lib/hmap.h"
#include "lib/log.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/underlay/underlay_priv.h"

LOG_TOPIC(underlay);

enum {
	TICK_MS = 200,
	TRIES = 3,
	RETRY_MS = 1000,
	AGING_MS = 900 * 1000,
	NEIGHBOURS_MAX = 16384,
	ASKS_PER_TICK = 1000, /* of all together: packets could name any number of far ends */
	PINNED_RETRY_MS = 5000, /* a far end of a port is asked for as long as the port is there */
};

struct neighbour {
	struct hmap_node node;
	uint32_t bridge;
	struct ipaddr ip;
	struct mac mac;
	bool known;
	bool fixed; /* set by command: it does not age */
	unsigned tries; /* since it was heard of */
	int64_t heard_ms, asked_ms;
};

static struct hmap neighbours;
static uv_timer_t timer;
static int64_t aging_ms = AGING_MS, retry_ms = RETRY_MS;
static unsigned asks_left = ASKS_PER_TICK;
static bool started;

static uint32_t hash_of(uint32_t bridge, const struct ipaddr *ip)
{
	return hash_bytes(ip, sizeof(*ip), bridge);
}

static struct neighbour *find(uint32_t bridge, const struct ipaddr *ip)
{
	struct neighbour *n;

	HMAP_FOREACH_WITH_HASH(n, node, hash_of(bridge, ip), &neighbours)
		if (n->bridge == bridge && ipaddr_equal(&n->ip, ip))
			return n;
	return NULL;
}

static void note(const struct neighbour *n)
{
	underlay_note(DEP_NEIGHBOUR, n->bridge, underlay_dep_of_neighbour(&n->ip));
}

static void neighbour_free(struct neighbour *n)
{
	hmap_del(&neighbours, &n->node);
	note(n);
	free(n);
}

static struct neighbour *neighbour_new(uint32_t bridge, const struct ipaddr *ip)
{
	struct neighbour *n = XNEW(struct neighbour);

	n->bridge = bridge;
	n->ip = *ip;
	hmap_add(&neighbours, &n->node, hash_of(bridge, ip));
	return n;
}

static void ask(struct neighbour *n)
{
	struct ipaddr src;

	n->asked_ms = clock_ms();
	if (!asks_left) {
		n->asked_ms -= retry_ms; /* it is the next tick's turn */
		return;
	}
	asks_left--;
	n->tries++;
	if (host_source_for(n->bridge, &n->ip, &src) ||
	    user_routes_find_source(n->bridge, &n->ip, &src))
		discovery_ask(n->bridge, &n->ip, &src, host_bridge_mac(n->bridge));
}

void neighbours_want(uint32_t bridge, const struct ipaddr *ip)
{
	if (find(bridge, ip) || hmap_count(&neighbours) >= NEIGHBOURS_MAX)
		return;
	ask(neighbour_new(bridge, ip));
}

void neighbours_learn(uint32_t bridge, const struct ipaddr *ip, struct mac mac, bool set)
{
	struct neighbour *n = find(bridge, ip);

	if (mac.bytes[0] & 1)
		return;
	if (!n && set)
		n = neighbour_new(bridge, ip);
	if (!n || (n->fixed && !set))
		return;
	n->heard_ms = clock_ms();
	n->tries = 0;
	n->fixed |= set;
	if (n->known && !memcmp(&n->mac, &mac, sizeof(mac)))
		return;
	n->known = true;
	n->mac = mac;
	note(n);
}

void neighbours_put(void)
{
	struct neighbour *n;

	HMAP_FOREACH(n, node, &neighbours)
		if (n->known)
			underlay_put_neighbour(n->bridge, &n->ip, n->mac);
}

void neighbours_sweep(void)
{
	struct neighbour *n;

	HMAP_FOREACH_SAFE(n, node, &neighbours)
		if (!bridge_at(n->bridge))
			neighbour_free(n);
}

unsigned neighbours_flush(uint32_t bridge)
{
	struct neighbour *n;
	unsigned flushed = 0;

	HMAP_FOREACH_SAFE(n, node, &neighbours) {
		if (bridge != UNDERLAY_NO_BRIDGE && n->bridge != bridge)
			continue;
		neighbour_free(n);
		flushed++;
	}
	routes_want_neighbours();
	return flushed;
}

int64_t neighbours_aging_ms(int64_t set)
{
	if (set)
		aging_ms = set;
	return aging_ms;
}

int64_t neighbours_retry_ms(int64_t set)
{
	if (set)
		retry_ms = set;
	return retry_ms;
}

void neighbours_foreach(neighbours_visit_fn *visit, void *context)
{
	struct neighbour *n;

	HMAP_FOREACH(n, node, &neighbours)
		if (n->known)
			visit(n->bridge, &n->ip, n->mac, context);
}

static void tick_one(struct neighbour *n, int64_t now)
{
	int64_t silent = now - n->heard_ms;

	if (n->fixed)
		return;
	/* Towards its end a life is asked whether it goes on. */
	if (n->known && silent < aging_ms - (TRIES + 1) * retry_ms && silent < aging_ms / 4 * 3 + 1)
		return;
	if (now - n->asked_ms < retry_ms)
		return;
	if (n->tries < TRIES) {
		ask(n);
		return;
	}
	if (n->known && silent < aging_ms) {
		/* It had its chances, but its time is not over yet. */
		if (now - n->asked_ms >= PINNED_RETRY_MS)
			ask(n);
		return;
	}
	if (now - n->asked_ms < PINNED_RETRY_MS)
		return;
	log_dbg("a next hop does not answer and is forgotten");
	neighbour_free(n);
}

static void tick(uv_timer_t *unused)
{
	struct neighbour *n;
	int64_t now = clock_ms();
	size_t before = hmap_count(&neighbours);

	asks_left = ASKS_PER_TICK;
	HMAP_FOREACH_SAFE(n, node, &neighbours)
		tick_one(n, now);
	waiting_tick(now);
	/* Routes of ports want theirs again. */
	if (hmap_count(&neighbours) < before)
		routes_want_neighbours();
}

void neighbours_start(void)
{
	hmap_init(&neighbours);
	uv_timer_init(uv_default_loop(), &timer);
	uv_timer_start(&timer, tick, TICK_MS, TICK_MS);
	uv_unref((uv_handle_t *)&timer);
	started = true;
}

void neighbours_stop(void)
{
	struct neighbour *n;

	if (!started)
		return;
	started = false;
	uv_close((uv_handle_t *)&timer, NULL);
	HMAP_FOREACH_SAFE(n, node, &neighbours)
		neighbour_free(n);
	hmap_fini(&neighbours);
}
