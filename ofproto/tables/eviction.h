/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Eviction: which rule goes to make room for another.
 *
 * Rules are in one group whose matches have the same values in some fields, 0 where they do not match
 * them. One of the largest group goes: of those that matter least the one that ends soonest. Without
 * fields the table is one group.  */

#include <stdbool.h>
#include <stdint.h>

#include "lib/flow/subfield.h"

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

/* Up to 'n' rules, one after the other as if those before were gone. Returns how many there are that may
 * go. 'timed_only': only rules with a timeout may. */
unsigned eviction_choose(
	const struct tables *tables,
	uint8_t table,
	const struct eviction_fields *by,
	bool timed_only,
	struct rule **rules,
	unsigned n
);
