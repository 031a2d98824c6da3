/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The "uuid-name"s of a transaction: names for rows that it inserts.
 *
 * All inserts are registered before the first operation runs, which is what lets an operation
 * refer to a row that a later one inserts.  */

#include <stdbool.h>

#include "lib/hmap.h"
#include "lib/ovsdb/value/uuid.h"

struct symbol {
	struct hmap_node node;
	struct uuid uuid;
	bool is_used; /* its insert has run */
	char name[];
};

struct symbols {
	struct hmap map;
};

/* Main thread. */

void symbols_init(struct symbols *symbols);
void symbols_fini(struct symbols *symbols);
/* Returns the symbol of that name; a new one gets 'uuid' or, if that is NULL, a random UUID. */
struct symbol *symbols_add(struct symbols *symbols, const char *name, const struct uuid *uuid);
/* NULL when there is none. */
struct symbol *symbols_find(const struct symbols *symbols, const char *name);
