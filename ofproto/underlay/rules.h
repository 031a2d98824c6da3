/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* In which tables of added routes the way to a far end is looked for. Main thread only.  */

#include <stdbool.h>
#include <stdint.h>

struct underlay_end;

/* Calls 'look' with each table, in order, until it returns true. False: it never did. */
bool rules_walk(
	const struct underlay_end *end, bool (*look)(uint32_t table, void *context), void *context
);
/* "main", "10". */
bool rules_read_table(const char *text, uint32_t *table);
void rules_fini(void);
