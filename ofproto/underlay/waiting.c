/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/underlay/waiting.h"

#include <stdlib.h>
#include <string.h>

#include <urcu/list.h>

#include "datapath/drop.h"
#include "lib/clock.h"
#include "lib/hmap.h"
#include "lib/xmalloc.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/underlay/underlay_priv.h"

DROP_REASON(
	tunnel_wait_full,
	"enough packets were held while the way to a tunnel's far end was looked for"
);
DROP_REASON(
	tunnel_wait_in_vain,
	"a packet was held for a tunnel until nobody could be expected to answer"
);

enum {
	HELD_MAX = 8, /* packets of one far end */
	ROOMS_MAX = 1024,
	BYTES_MAX = 8 << 20, /* of all */
	WAIT_MS = 3500, /* somewhat longer than a next hop is asked for */
};

struct held {
	struct cds_list_head node;
	struct waiting_note note;
	uint8_t options[KEY_TUNNEL_OPTIONS_SIZE];
	uint32_t n;
	uint8_t bytes[];
};

/* What waits for one far end. */
struct room {
	struct hmap_node node;
	struct underlay_end end;
	struct cds_list_head packets; /* oldest first */
	unsigned n;
	int64_t since_ms;
};

static struct hmap rooms;
static bool made;
static size_t n_bytes;

static struct room *find(const struct underlay_end *end)
{
	struct room *room;

	if (!made)
		return NULL;
	HMAP_FOREACH_WITH_HASH(room, node, underlay_end_hash(end, 0), &rooms)
		if (underlay_end_equal(&room->end, end))
			return room;
	return NULL;
}

static void note(const struct room *room)
{
	underlay_note(DEP_ROUTE, 0, underlay_dep_of_route(&room->end));
}

static void room_free(struct room *room)
{
	/* Flows that found it full are to hold packets again. */
	if (room->n >= HELD_MAX)
		note(room);
	hmap_del(&rooms, &room->node);
	free(room);
}

static struct room *room_new(const struct underlay_end *end)
{
	if (!made)
		hmap_init(&rooms);
	made = true;
	if (hmap_count(&rooms) >= ROOMS_MAX)
		return NULL;
	struct room *room = XNEW(struct room);

	room->end = *end;
	room->since_ms = clock_ms();
	CDS_INIT_LIST_HEAD(&room->packets);
	hmap_add(&rooms, &room->node, underlay_end_hash(end, 0));
	return room;
}

static bool is_unknown(const struct underlay_end *end)
{
	const struct underlay_route *route = underlay_find_route(end);

	if (!route)
		return true;
	return route->bridge != UNDERLAY_NO_BRIDGE &&
		!underlay_find_neighbour(route->bridge, &route->hop);
}

/* Into the tunnel, or to find out that it cannot. */
static void
send(const struct waiting_note *note, const uint8_t *options, const uint8_t *bytes, uint32_t n)
{
	struct packet_out *packet = packet_out_new(bytes, n);
	struct key *key = xalloc_aligned(CACHE_LINE, sizeof(*key));

	key->base.tun_id = note->tun_id;
	key->base.tun_src = note->tun_src;
	key->base.tun_dst = note->tun_dst;
	key->extra.pkt_mark = note->pkt_mark;
	key->tunnel = note->tunnel;
	memcpy(key->tunnel_options, options, sizeof(key->tunnel_options));
	packet->bridge = note->bridge;
	packet->in_port = note->in_port;
	packet->tunnel = note->port;
	packet->key = key;
	keeper_send_packet(packet);
}

static void
hold(struct room *room,
     const struct waiting_note *note_,
     const uint8_t *options,
     const uint8_t *bytes,
     uint32_t n)
{
	struct held *held = xmalloc(sizeof(*held) + n);

	held->note = *note_;
	memcpy(held->options, options, sizeof(held->options));
	held->n = n;
	memcpy(held->bytes, bytes, n);
	cds_list_add_tail(&held->node, &room->packets);
	n_bytes += n;
	room->n++;
	/* From now on flows drop such packets themselves. */
	if (room->n == HELD_MAX)
		note(room);
}

static void receive(const uint8_t *note_, const uint8_t *packet, uint32_t n, uint32_t total)
{
	const struct punt_head *head = container_of(note_, struct punt_head, note[0]);
	struct waiting_note note;

	memcpy(&note, note_, sizeof(note));
	if (head->n_more != KEY_TUNNEL_OPTIONS_SIZE || n < total)
		return;
	if (!is_unknown(&note.end)) {
		send(&note, head->more, packet, n);
		return;
	}
	struct room *room = find(&note.end);

	if (!room)
		room = room_new(&note.end);
	if (room && room->n < HELD_MAX && n_bytes + n <= BYTES_MAX)
		hold(room, &note, head->more, packet, n);
	else
		drop_count_one(note.from, &drop_tunnel_wait_full);
}

static void empty(struct room *room, bool known)
{
	struct held *held, *next;

	cds_list_for_each_entry_safe(held, next, &room->packets, node) {
		if (known)
			send(&held->note, held->options, held->bytes, held->n);
		else
			drop_count_one(held->note.from, &drop_tunnel_wait_in_vain);
		n_bytes -= held->n;
		free(held);
	}
	room_free(room);
}

void waiting_put(void)
{
	struct room *room;

	if (!made)
		return;
	HMAP_FOREACH(room, node, &rooms)
		if (room->n >= HELD_MAX)
			underlay_put_full(&room->end);
}

void waiting_look_again(void)
{
	struct room *room;

	if (!made)
		return;
	HMAP_FOREACH_SAFE(room, node, &rooms)
		if (!is_unknown(&room->end))
			empty(room, true);
}

void waiting_tick(int64_t now)
{
	struct room *room;

	if (!made)
		return;
	HMAP_FOREACH_SAFE(room, node, &rooms)
		if (now - room->since_ms >= WAIT_MS)
			empty(room, false);
}

void waiting_stop(void)
{
	struct room *room;

	if (!made)
		return;
	HMAP_FOREACH_SAFE(room, node, &rooms)
		empty(room, false);
	hmap_fini(&rooms);
	made = false;
}

const struct punt_target waiting_target = {
	.name = "wait",
	.receive = receive,
};
