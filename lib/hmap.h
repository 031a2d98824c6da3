/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* An intrusive hash table for one thread. Nodes are embedded in the objects; the table never owns
 * them. Tables that several threads read are liburcu's (cds_lfht).
 *
 *	HMAP_FOREACH_WITH_HASH(bridge, node, hash_string(name, 0), &bridges)
 *		if (!strcmp(bridge->name, name)) …  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/types.h"

struct hmap_node {
	uint32_t hash;
	struct hmap_node *next;
};

struct hmap {
	struct hmap_node **buckets;
	struct hmap_node *one; /* the only bucket of a small table */
	size_t mask;
	size_t n;
};

#define HMAP_INIT(map)                                                                             \
	{                                                                                          \
		&(map)->one, NULL, 0, 0                                                            \
	}

/* The owning thread. */

void hmap_init(struct hmap *map);
void hmap_fini(struct hmap *map); /* frees the buckets, not the nodes */
/* Makes room for so many nodes, so that adding them takes no longer now and then. */
void hmap_reserve(struct hmap *map, size_t n);
void hmap_add(struct hmap *map, struct hmap_node *node, uint32_t hash);
void hmap_del(struct hmap *map, struct hmap_node *node);
/* For HMAP_FOREACH: the first node, the next one, NULL at the end. */
struct hmap_node *hmap_first(const struct hmap *map);
struct hmap_node *hmap_next(const struct hmap *map, const struct hmap_node *node);

static inline struct hmap_node *hmap_find_from(struct hmap_node *node, uint32_t hash)
{
	while (node && node->hash != hash)
		node = node->next;
	return node;
}

static inline struct hmap_node *hmap_find(const struct hmap *map, uint32_t hash)
{
	return hmap_find_from(map->buckets[hash & map->mask], hash);
}

static inline size_t hmap_count(const struct hmap *map)
{
	return map->n;
}

#define HMAP_ENTRY(node, var, member) ((void)(var), container_of(node, typeof(*(var)), member))

#define HMAP_FOREACH(var, member, map)                                                             \
	for (struct hmap_node *var##_node = hmap_first(map);                                       \
	     var##_node && (var = HMAP_ENTRY(var##_node, var, member), 1);                         \
	     var##_node = hmap_next(map, var##_node))

/* The body may delete (and free) 'var'. */
#define HMAP_FOREACH_SAFE(var, member, map)                                                        \
	for (struct hmap_node *var##_node = hmap_first(map), *var##_next; var##_node &&            \
	     (var##_next = hmap_next(map, var##_node),                                             \
	     var = HMAP_ENTRY(var##_node, var, member),                                            \
	     1);                                                                                   \
	     var##_node = var##_next)

#define HMAP_FOREACH_WITH_HASH(var, member, value, map)                                            \
	for (struct hmap_node *var##_node = hmap_find(map, value);                                 \
	     var##_node && (var = HMAP_ENTRY(var##_node, var, member), 1);                         \
	     var##_node = hmap_find_from(var##_node->next, var##_node->hash))
