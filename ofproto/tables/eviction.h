/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Eviction: which rule of a table goes to make room for another.
 *
 * Rules are in one group whose matches have the same values in some fields, 0 where they do not match
 * them. One of the largest group goes: of those that matter least the one that ends soonest. Without
 * fields the table is one group.
 *
 * To know that of each new rule anew would mean to look at all there are, so an order of them is kept
 * as long as the table is full: groups in a heap, and the rules of each in another. A rule that is
 * used ends later than it stands there; that is found out when its turn comes, and it is put back.  */

#include <stdbool.h>
#include <stdint.h>

#include "lib/flow/subfield.h"

struct eviction;
struct rule;
struct tables;

enum {
	EVICTION_FIELDS = 8
};

struct eviction_fields {
	unsigned n;
	struct subfield list[EVICTION_FIELDS];
};

/* Main thread. */

/* Of the table's rules. 'timed_only': only rules with a timeout may go. */
struct eviction *eviction_new(
	const struct tables *tables,
	uint8_t table,
	const struct eviction_fields *by,
	bool timed_only
);
void eviction_free(struct eviction *eviction); /* NULL is fine */
/* Whether it chooses so. */
bool eviction_is_by(
	const struct eviction *eviction, const struct eviction_fields *by, bool timed_only
);

/* A rule is in the table from now on, with its timeouts and importance; or is no longer. */
void eviction_add(struct eviction *eviction, struct rule *rule);
void eviction_del(struct eviction *eviction, const struct rule *rule);
/* Who goes next, or NULL if nobody may. It stays in the order until it is deleted. */
struct rule *eviction_next(struct eviction *eviction);
