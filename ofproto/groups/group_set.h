/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Sets of groups, by id.
 *
 * A set is made of pieces, which its copies share until one of them changes a piece: making a copy with
 * one more group costs little, however many there are. Once a set is published it never changes. The
 * groups are borrowed.  */

#include <stdint.h>

struct group;
struct group_set;

/* Any thread that holds an epoch. */

const struct group *group_set_find(const struct group_set *set, uint32_t id);

/* Main thread. */

/* The group with that id or else the next higher one; NULL at the end. */
const struct group *group_set_find_from(const struct group_set *set, uint32_t id);
uint32_t group_set_count(const struct group_set *set);

struct group_set *group_set_new(void);
struct group_set *group_set_copy(const struct group_set *set);
/* For epoch_free(). NULL is fine. */
void group_set_free(void *set);

/* On a set that nobody else has seen. They return the group that was there with that id, or NULL. */
const struct group *group_set_put(struct group_set *set, const struct group *group);
const struct group *group_set_del(struct group_set *set, uint32_t id);
void group_set_clear(struct group_set *set);

#define GROUP_SET_FOREACH(group, set)                                                              \
	for ((group) = group_set_find_from((set), 0); (group);                                     \
	     (group) = group_set_find_from((set), (group)->id + 1))
