/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/hmap.h"

#include <stdlib.h>

#include "lib/xmalloc.h"

void hmap_init(struct hmap *map)
{
	*map = (struct hmap)HMAP_INIT(map);
}

void hmap_fini(struct hmap *map)
{
	if (map->buckets != &map->one)
		free(map->buckets);
	hmap_init(map);
}

static void resize(struct hmap *map, size_t length)
{
	struct hmap_node **buckets = XNEW_N(struct hmap_node *, length);

	for (size_t i = 0; i <= map->mask; i++) {
		struct hmap_node *node = map->buckets[i], *next;

		for (; node; node = next) {
			next = node->next;
			node->next = buckets[node->hash & (length - 1)];
			buckets[node->hash & (length - 1)] = node;
		}
	}
	if (map->buckets != &map->one)
		free(map->buckets);
	map->buckets = buckets;
	map->mask = length - 1;
}

void hmap_reserve(struct hmap *map, size_t n)
{
	size_t length = map->mask + 1;

	while (length < n)
		length *= 2;
	if (length > map->mask + 1)
		resize(map, length);
}

void hmap_add(struct hmap *map, struct hmap_node *node, uint32_t hash)
{
	if (map->n > map->mask * 2)
		resize(map, (map->mask + 1) * 4);
	node->hash = hash;
	node->next = map->buckets[hash & map->mask];
	map->buckets[hash & map->mask] = node;
	map->n++;
}

void hmap_del(struct hmap *map, struct hmap_node *node)
{
	struct hmap_node **at = &map->buckets[node->hash & map->mask];

	while (*at != node)
		at = &(*at)->next;
	*at = node->next;
	map->n--;
}

static struct hmap_node *first_from(const struct hmap *map, size_t i)
{
	for (; i <= map->mask; i++)
		if (map->buckets[i])
			return map->buckets[i];
	return NULL;
}

struct hmap_node *hmap_first(const struct hmap *map)
{
	return first_from(map, 0);
}

struct hmap_node *hmap_next(const struct hmap *map, const struct hmap_node *node)
{
	return node->next ? node->next : first_from(map, (node->hash & map->mask) + 1);
}
