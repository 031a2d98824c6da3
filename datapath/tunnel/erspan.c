/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/tunnel/erspan.h"

#include "datapath/fast/headers.h"
#include "lib/flow/key.h"

enum {
	INDEX = 0xfffff
};

void erspan_read(const uint8_t *erspan, struct key_tunnel *key)
{
	key->erspan_ver = erspan[0] >> 4;
	if (key->erspan_ver == ERSPAN_VERSION2) {
		key->erspan_idx = be32_from(be32_to(load32(erspan + ERSPAN2_INDEX)) & INDEX);
		return;
	}
	key->erspan_hwid =
		(uint8_t)((erspan[ERSPAN3_LAST - 1] & 3) << 4 | erspan[ERSPAN3_LAST] >> 4);
	key->erspan_dir = erspan[ERSPAN3_LAST] >> 3 & 1;
}
