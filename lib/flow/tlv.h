/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Where tunnel options live in the key.
 *
 * The fields tun_metadata0…63 have no place of their own: a controller binds each to a Geneve
 * option (NXT_TLV_TABLE_MOD), and the binding gives it a range of the key's option data. A match
 * that was typed without any table makes its own bindings as it goes.  */

#include <stdbool.h>
#include <stdint.h>

enum {
	TLV_FIELDS = 64,
	TLV_MAX_SIZE = 124 /* of one option's data, in bytes */
};

struct tlv_map {
	uint8_t size[TLV_FIELDS]; /* bytes of option data, a multiple of 4; 0: not bound */
	uint8_t offset[TLV_FIELDS]; /* in the key's option data, in units of 4 bytes */
	uint64_t used; /* units of 4 bytes of the option data, a bit each */
};

/* Any thread. */

/* Binds field 'index' to 'size' bytes. False when there is no room, or it is bound to another size.
 */
bool tlv_bind(struct tlv_map *map, unsigned index, unsigned size);
/* What is bound keeps its place. */
void tlv_unbind(struct tlv_map *map, unsigned index);
