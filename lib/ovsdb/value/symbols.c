/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/value/symbols.h"

#include <stdlib.h>
#include <string.h>

#include "lib/hash.h"
#include "lib/xmalloc.h"

void symbols_init(struct symbols *symbols)
{
	hmap_init(&symbols->map);
}

void symbols_fini(struct symbols *symbols)
{
	struct symbol *symbol;

	HMAP_FOREACH_SAFE(symbol, node, &symbols->map)
		free(symbol);
	hmap_fini(&symbols->map);
}

struct symbol *symbols_find(const struct symbols *symbols, const char *name)
{
	struct symbol *symbol;

	HMAP_FOREACH_WITH_HASH(symbol, node, hash_string(name, 0), &symbols->map)
		if (!strcmp(symbol->name, name))
			return symbol;
	return NULL;
}

struct symbol *symbols_add(struct symbols *symbols, const char *name, const struct uuid *uuid)
{
	struct symbol *symbol = symbols_find(symbols, name);
	size_t length = strlen(name);

	if (symbol)
		return symbol;
	symbol = xcalloc(1, sizeof(*symbol) + length + 1);
	memcpy(symbol->name, name, length);
	if (uuid)
		symbol->uuid = *uuid;
	else
		uuid_new(&symbol->uuid);
	hmap_add(&symbols->map, &symbol->node, hash_string(name, 0));
	return symbol;
}
