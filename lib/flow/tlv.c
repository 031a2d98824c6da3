/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/flow/tlv.h"

#include "lib/flow/key.h"

enum {
	UNITS = KEY_TUNNEL_OPTIONS_SIZE / 4
};

static_assert(UNITS == 64, "tlv: a bit for each unit");

/* The bits of 'n' units from 'first' on. */
static uint64_t run(unsigned first, unsigned n)
{
	return (n < UNITS ? (1ULL << n) - 1 : UINT64_MAX) << first;
}

bool tlv_bind(struct tlv_map *map, unsigned index, unsigned size)
{
	unsigned units = (size + 3) / 4;

	if (index >= TLV_FIELDS || !units || units * 4 > TLV_MAX_SIZE)
		return false;
	if (map->size[index])
		return map->size[index] == units * 4;
	for (unsigned first = 0; first + units <= UNITS; first++) {
		if (map->used & run(first, units))
			continue;
		map->size[index] = (uint8_t)(units * 4);
		map->offset[index] = (uint8_t)first;
		map->used |= run(first, units);
		return true;
	}
	return false;
}

void tlv_unbind(struct tlv_map *map, unsigned index)
{
	map->used &= ~run(map->offset[index], map->size[index] / 4U);
	map->size[index] = 0;
}
