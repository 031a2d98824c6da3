/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/tunnel/map.h"

#include <stdlib.h>
#include <string.h>

#include "datapath/port.h"
#include "datapath/tunnel/tunnel.h"
#include "lib/epoch.h"
#include "lib/hash.h"
#include "lib/xmalloc.h"

enum {
	PATTERNS = 8, /* bits: own address, far end, key left open */
	OPEN_LOCAL = 1,
	OPEN_REMOTE = 2,
	OPEN_KEY = 4,
};

struct entry {
	const struct encapsulation *type; /* NULL: none */
	struct tunnel_place place;
	uint16_t port_id;
	uint8_t pattern;
};

/* A protocol, or a UDP port, that tunnels use. */
struct service {
	const struct encapsulation *type; /* NULL: none */
	be16 dst_port;
};

/* Published; both tables with open addressing, half empty at least. */
struct map {
	uint32_t mask;
	uint32_t version; /* never 0 */
	uint8_t patterns; /* those that there are */
	uint64_t protocols[4]; /* a bit for each that some tunnel uses */
	struct service *services; /* behind the entries */
	struct entry entries[];
};

static struct map *current; /* main writes, others read; NULL: no tunnels */
static struct port *ports[PORT_IDS]; /* main's: those of tunnels */
static unsigned n_ports;

static unsigned pattern_of(const struct tunnel *tunnel)
{
	return (ipaddr_is_none(&tunnel->local) ? OPEN_LOCAL : 0) |
		(ipaddr_is_none(&tunnel->remote) ? OPEN_REMOTE : 0) |
		(tunnel->in_key_flow ? OPEN_KEY : 0);
}

static struct tunnel_place place_of(const struct tunnel *tunnel)
{
	return (struct tunnel_place){
		.id = tunnel->in_key_flow ? 0 : tunnel->in_key,
		.remote = tunnel->remote,
		.local = tunnel->local,
		.dst_port = tunnel->dst_port,
		.bare = tunnel->bare,
	};
}

static uint32_t hash_place(const struct tunnel_place *place, unsigned pattern)
{
	uint64_t words[4];
	uint64_t hash = place->id + pattern;

	memcpy(words, &place->remote, sizeof(place->remote));
	memcpy(words + 2, &place->local, sizeof(place->local));
	for (unsigned i = 0; i < ARRAY_LENGTH(words); i++)
		hash = (hash ^ words[i]) * 0x9e3779b97f4a7c15ULL + (hash >> 29);
	return hash_finish(hash + place->dst_port + ((uint32_t)place->bare << 16));
}

/* Where the service is, or the free place where it would be. */
static struct service *find_service(const struct map *map, uint8_t proto, be16 dst_port)
{
	uint32_t i = hash_u64((uint64_t)proto << 16 | dst_port, 0) & map->mask;

	while (map->services[i].type &&
	       (map->services[i].type->proto != proto || map->services[i].dst_port != dst_port))
		i = (i + 1) & map->mask;
	return &map->services[i];
}

static void add_service(struct map *map, const struct tunnel *tunnel)
{
	struct service *service = find_service(map, tunnel->encapsulation->proto, tunnel->dst_port);

	map->protocols[tunnel->encapsulation->proto / 64] |= 1ULL
		<< tunnel->encapsulation->proto % 64;
	if (!service->type)
		*service = (struct service){tunnel->encapsulation, tunnel->dst_port};
}

static void add_entry(struct map *map, const struct port *port)
{
	struct tunnel_place place = place_of(port->tunnel);
	unsigned pattern = pattern_of(port->tunnel);
	uint32_t i = hash_place(&place, pattern) & map->mask;

	while (map->entries[i].type)
		i = (i + 1) & map->mask;
	map->entries[i].type = port->tunnel->encapsulation;
	map->entries[i].place = place;
	map->entries[i].port_id = port->id;
	map->entries[i].pattern = (uint8_t)pattern;
	map->patterns |= (uint8_t)(1u << pattern);
	add_service(map, port->tunnel);
}

static void publish(void)
{
	struct map *old = current;
	struct map *map = NULL;
	static uint32_t version;
	uint32_t size = 16;

	while (size < 2 * n_ports)
		size *= 2;
	if (n_ports) {
		map =
			xcalloc(1,
				sizeof(*map
				) + size * (sizeof(map->entries[0]) + sizeof(map->services[0])));
		map->mask = size - 1;
		map->services = (void *)(map->entries + size);
		map->version = ++version ? version : ++version;
		for (unsigned id = 0; id < PORT_IDS; id++)
			if (ports[id])
				add_entry(map, ports[id]);
	}
	epoch_store(&current, map);
	epoch_free(old, free);
}

void tunnels_add(struct port *port)
{
	ports[port->id] = port;
	n_ports++;
	publish();
}

void tunnels_del(struct port *port)
{
	tunnels_withdraw(&port, 1);
}

void tunnels_withdraw(struct port *const *leaving, unsigned n)
{
	bool changed = false;

	for (unsigned i = 0; i < n; i++) {
		uint16_t id = leaving[i]->id;

		if (ports[id] != leaving[i])
			continue;
		ports[id] = NULL;
		n_ports--;
		changed = true;
	}
	if (changed)
		publish();
}

static const struct entry *
find(const struct map *map,
     const struct encapsulation *type,
     const struct tunnel_place *place,
     unsigned pattern)
{
	uint32_t i = hash_place(place, pattern) & map->mask;

	for (; map->entries[i].type; i = (i + 1) & map->mask)
		if (map->entries[i].type == type && map->entries[i].pattern == pattern &&
		    tunnel_place_equal(&map->entries[i].place, place))
			return &map->entries[i];
	return NULL;
}

struct port *tunnels_find_twin(const struct tunnel *tunnel)
{
	struct tunnel_place place = place_of(tunnel);
	unsigned pattern = pattern_of(tunnel);

	for (unsigned id = 0; id < PORT_IDS; id++) {
		if (!ports[id] || ports[id]->tunnel->encapsulation != tunnel->encapsulation)
			continue;
		struct tunnel_place other = place_of(ports[id]->tunnel);

		if (pattern_of(ports[id]->tunnel) == pattern && tunnel_place_equal(&other, &place))
			return ports[id];
	}
	return NULL;
}

uint32_t tunnels_version(void)
{
	const struct map *map = epoch_load(&current);

	return map ? map->version : 0;
}

uint16_t tunnels_lookup(const struct encapsulation *type, const struct tunnel_place *place)
{
	const struct map *map = epoch_load(&current);

	if (!map)
		return 0;
	for (unsigned pattern = 0; pattern < PATTERNS; pattern++) {
		if (!(map->patterns >> pattern & 1))
			continue;
		struct tunnel_place asked = *place;

		if (pattern & OPEN_KEY)
			asked.id = 0;
		if (pattern & OPEN_REMOTE)
			asked.remote = (struct ipaddr){{0}};
		if (pattern & OPEN_LOCAL)
			asked.local = (struct ipaddr){{0}};
		const struct entry *entry = find(map, type, &asked, pattern);

		if (entry)
			return entry->port_id;
	}
	return 0;
}

bool tunnels_are_there(void)
{
	return epoch_load(&current);
}

bool tunnels_use(uint8_t proto)
{
	const struct map *map = epoch_load(&current);

	return map && map->protocols[proto / 64] >> proto % 64 & 1;
}

const struct encapsulation *tunnel_find(uint8_t proto, be16 udp_port)
{
	const struct map *map = epoch_load(&current);

	return map ? find_service(map, proto, udp_port)->type : NULL;
}
