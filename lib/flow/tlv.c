/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/flow/tlv.h"

#include "lib/flow/key.h"

bool tlv_bind(struct tlv_map *map, unsigned index, unsigned size)
{
	unsigned units = (size + 3) / 4;

	if (index >= TLV_FIELDS || !units || units * 4 > TLV_MAX_SIZE)
		return false;
	if (map->size[index])
		return map->size[index] == units * 4;
	if (map->used + units > KEY_TUNNEL_OPTIONS_SIZE / 4)
		return false;
	map->size[index] = (uint8_t)(units * 4);
	map->offset[index] = map->used;
	map->used = (uint8_t)(map->used + units);
	return true;
}
