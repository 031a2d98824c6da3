/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/underlay/underlay.h"

#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "datapath/tunnel/tunnel.h"
#include "lib/epoch.h"
#include "lib/hash.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_changes.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/underlay/underlay_priv.h"

enum {
	FLUSH_MS = 5 /* news that come together are published together */
};

struct place {
	bool used;
	uint32_t bridge;
	struct ipaddr ip;
	struct mac mac;
};

/* Open addressing, half empty at least. */
struct places {
	uint32_t mask, n;
	struct place *places;
};

/* Published; immutable. */
struct snapshot {
	struct places neighbours, addresses, full;
	uint32_t mask, n;
	struct underlay_route *routes; /* src none: empty place */
	struct mac macs[VIEW_BRIDGES];
	uint64_t with_address[VIEW_BRIDGES / 64];
};

struct note {
	enum dep_kind kind;
	uint32_t owner;
	uint64_t what;
};

static struct snapshot *current; /* main writes, translators read */
static struct snapshot *making;
static struct note *notes;
static unsigned n_notes, notes_size;
static uv_timer_t timer;
static bool running;

/* Reading. */

static uint32_t hash_place(uint32_t bridge, const struct ipaddr *ip)
{
	return hash_bytes(ip, sizeof(*ip), bridge);
}

static const struct place *
find_place(const struct places *places, uint32_t bridge, const struct ipaddr *ip)
{
	if (!places->n)
		return NULL;
	for (uint32_t i = hash_place(bridge, ip);; i++) {
		const struct place *place = &places->places[i & places->mask];

		if (!place->used)
			return NULL;
		if (place->bridge == bridge && ipaddr_equal(&place->ip, ip))
			return place;
	}
}

bool underlay_end_equal(const struct underlay_end *a, const struct underlay_end *b)
{
	return a->mark == b->mark && ipaddr_equal(&a->dst, &b->dst) &&
		ipaddr_equal(&a->from, &b->from);
}

uint32_t underlay_end_hash(const struct underlay_end *end, uint32_t basis)
{
	return hash_bytes(&end->from, sizeof(end->from), hash_place(end->mark ^ basis, &end->dst));
}

const struct underlay_route *underlay_find_route(const struct underlay_end *end)
{
	const struct snapshot *s = epoch_load(&current);

	if (!s || !s->n)
		return NULL;
	for (uint32_t i = underlay_end_hash(end, 0);; i++) {
		const struct underlay_route *route = &s->routes[i & s->mask];

		if (ipaddr_is_none(&route->end.dst))
			return NULL;
		if (underlay_end_equal(&route->end, end))
			return route;
	}
}

const struct mac *underlay_find_neighbour(uint32_t bridge, const struct ipaddr *ip)
{
	const struct snapshot *s = epoch_load(&current);
	const struct place *place = s ? find_place(&s->neighbours, bridge, ip) : NULL;

	return place ? &place->mac : NULL;
}

bool underlay_is_full(const struct underlay_end *end)
{
	const struct snapshot *s = epoch_load(&current);

	return s && find_place(&s->full, end->mark, &end->dst);
}

bool underlay_has_addresses(uint32_t bridge, struct mac *mac)
{
	const struct snapshot *s = epoch_load(&current);

	if (!s || bridge >= VIEW_BRIDGES || !(s->with_address[bridge / 64] >> bridge % 64 & 1))
		return false;
	*mac = s->macs[bridge];
	return true;
}

bool underlay_is_ours(uint32_t bridge, const struct ipaddr *ip)
{
	const struct snapshot *s = epoch_load(&current);

	return s && find_place(&s->addresses, bridge, ip);
}

uint64_t underlay_dep_of_route(const struct underlay_end *end)
{
	return (uint64_t)underlay_end_hash(end, 0) << 32 | underlay_end_hash(end, 1);
}

uint64_t underlay_dep_of_neighbour(const struct ipaddr *ip)
{
	return (uint64_t)hash_place(0, ip) << 32 | hash_bytes(ip, sizeof(*ip), 1);
}

/* Making. */

static void grow(struct places *places)
{
	struct places old = *places;
	uint32_t size = old.places ? (old.mask + 1) * 2 : 16;

	places->places = XNEW_N(struct place, size);
	places->mask = size - 1;
	for (uint32_t i = 0; old.places && i <= old.mask; i++) {
		if (!old.places[i].used)
			continue;
		uint32_t at = hash_place(old.places[i].bridge, &old.places[i].ip);

		while (places->places[at & places->mask].used)
			at++;
		places->places[at & places->mask] = old.places[i];
	}
	free(old.places);
}

static void
put_place(struct places *places, uint32_t bridge, const struct ipaddr *ip, struct mac mac)
{
	if (find_place(places, bridge, ip))
		return;
	if (!places->places || places->n * 2 > places->mask)
		grow(places);
	uint32_t i = hash_place(bridge, ip);

	while (places->places[i & places->mask].used)
		i++;
	places->places[i & places->mask] =
		(struct place){.used = true, .bridge = bridge, .ip = *ip, .mac = mac};
	places->n++;
}

static void insert_route(struct snapshot *s, const struct underlay_route *route)
{
	uint32_t i = underlay_end_hash(&route->end, 0);

	while (!ipaddr_is_none(&s->routes[i & s->mask].end.dst))
		i++;
	s->routes[i & s->mask] = *route;
}

void underlay_put_route(const struct underlay_route *route)
{
	struct snapshot *s = making;

	if (!s->routes || s->n * 2 > s->mask) {
		struct underlay_route *old = s->routes;
		uint32_t n_old = old ? s->mask + 1 : 0;
		uint32_t size = old ? n_old * 2 : 16;

		s->routes = XNEW_N(struct underlay_route, size);
		s->mask = size - 1;
		for (uint32_t i = 0; i < n_old; i++)
			if (!ipaddr_is_none(&old[i].end.dst))
				insert_route(s, &old[i]);
		free(old);
	}
	insert_route(s, route);
	s->n++;
}

void underlay_put_neighbour(uint32_t bridge, const struct ipaddr *ip, struct mac mac)
{
	put_place(&making->neighbours, bridge, ip, mac);
}

void underlay_put_address(uint32_t bridge, const struct ipaddr *ip, struct mac mac)
{
	put_place(&making->addresses, bridge, ip, mac);
	making->macs[bridge] = mac;
	making->with_address[bridge / 64] |= 1ULL << bridge % 64;
}

void underlay_put_full(const struct underlay_end *end)
{
	put_place(&making->full, end->mark, &end->dst, (struct mac){{0}});
}

static void snapshot_free(void *snapshot_)
{
	struct snapshot *snapshot = snapshot_;

	if (!snapshot)
		return;
	free(snapshot->neighbours.places);
	free(snapshot->addresses.places);
	free(snapshot->full.places);
	free(snapshot->routes);
	free(snapshot);
}

void underlay_note(enum dep_kind kind, uint32_t owner, uint64_t what)
{
	if (!running)
		return;
	if (n_notes == notes_size) {
		notes_size = notes_size * 2 + 64;
		notes = xrealloc(notes, notes_size * sizeof(notes[0]));
	}
	notes[n_notes++] = (struct note){kind, owner, what};
	if (!uv_is_active((uv_handle_t *)&timer))
		uv_timer_start(&timer, (uv_timer_cb)underlay_flush, FLUSH_MS, 0);
}

void underlay_flush(void)
{
	struct snapshot *old = current;

	if (!running || !n_notes)
		return;
	uv_timer_stop(&timer);
	making = XNEW(struct snapshot);
	routes_put();
	neighbours_put();
	host_put_addresses();
	user_routes_put_addresses();
	waiting_put();
	epoch_store(&current, making);
	epoch_free(old, snapshot_free);
	making = NULL;
	/* Only now: who is told looks at what was published. */
	struct change *change = bridge_changes_begin();

	for (unsigned i = 0; i < n_notes; i++)
		change_add(change, notes[i].kind, notes[i].owner, 0, notes[i].what);
	n_notes = 0;
	bridge_changes_end();
	waiting_look_again();
}

void underlay_want_route(const struct underlay_end *end)
{
	if (running)
		routes_want(end);
}

void underlay_want_neighbour(uint32_t bridge, const struct ipaddr *ip)
{
	if (running)
		neighbours_want(bridge, ip);
}

struct underlay_end underlay_end_of(const struct tunnel *tunnel)
{
	return (struct underlay_end){
		.dst = tunnel->remote,
		.from = tunnel->local,
		.mark = tunnel->egress_mark,
	};
}

/* Every bridge may have become the way to somewhere, or tunnels expected where none were. */
void underlay_ports_changed(void)
{
	struct bridge *bridge;

	if (!running)
		return;
	routes_begin_pins();
	HMAP_FOREACH(bridge, node, bridges_all()) {
		underlay_note(DEP_UNDERLAY_ADDRESS, bridge->index, 0);
		for (unsigned i = 0; bridge->view && i < bridge->view->n_ports; i++) {
			const struct tunnel *tunnel = bridge->view->ports[i]->tunnel;

			if (!tunnel || tunnel->remote_flow)
				continue;
			struct underlay_end end = underlay_end_of(tunnel);

			routes_pin(&end);
		}
	}
	routes_end_pins();
	routes_doubt();
	neighbours_sweep();
	underlay_flush();
}

int underlay_start(struct errbuf *err)
{
	int error = host_start(err);

	if (!error)
		error = routes_start(err);
	if (error) {
		host_stop();
		return error;
	}
	uv_timer_init(uv_default_loop(), &timer);
	uv_unref((uv_handle_t *)&timer);
	neighbours_start();
	running = true;
	return 0;
}

void underlay_stop(void)
{
	if (!running)
		return;
	running = false;
	uv_close((uv_handle_t *)&timer, NULL);
	waiting_stop();
	neighbours_stop();
	routes_stop();
	host_stop();
	user_routes_fini();
	epoch_free(current, snapshot_free);
	current = NULL;
	free(notes);
	notes = NULL;
	n_notes = notes_size = 0;
}
