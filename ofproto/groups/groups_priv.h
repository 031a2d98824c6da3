/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Making groups from messages, for groups.c.  */

#include "lib/flow/key.h"
#include "ofproto/groups/groups.h"
#include "ofproto/tables/rule.h"

struct group_list {
	unsigned n;
	struct group_bucket *buckets;
};

/* What a property of OpenFlow 1.5 says about choosing buckets. */
struct group_selection {
	struct key fields; /* a mask */
	bool has_fields;
	uint32_t basis;
};

/* Main thread. */

/* Fails on properties that the switch does not know. */
enum of_error group_selection_read(
	struct group_selection *selection, const struct wire_bytes *properties, uint8_t type
);

/* Reads the buckets of a message. On error the list is empty. */
enum of_error
group_buckets_read(struct group_list *list, const struct of_group_mod *mod, uint8_t type);
void group_buckets_free(struct group_list *list);
/* Takes the buckets over. */
struct group *group_new(
	uint32_t id, uint8_t type, const struct wire_bytes *properties, struct group_list *take_list
);
void group_free(void *group);
/* Copies the buckets of a group, before and after those of 'list', as OpenFlow 1.5's commands want:
 * 'list' goes in at 'at'. */
void group_buckets_copy(struct group_list *list, const struct group *group, unsigned at);
/* Checks what depends on all buckets together. */
enum of_error group_buckets_check(const struct group_list *list, uint8_t type);
