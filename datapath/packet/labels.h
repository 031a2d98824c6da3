/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* MPLS labels in front of IP.  */

#include <stdbool.h>
#include <stdint.h>

#include "datapath/fast/headers.h"
#include "lib/types.h"

enum {
	LABELS_MAX = 8, /* looked through */
};

/* Workers. */

/* Moves 'at' from the first label to what is behind the last, of which 'least' bytes (at least one) are among
 * the 'n'. False: it is not there. */
static inline bool labels_skip(const uint8_t *bytes, uint32_t n, uint32_t *at, uint32_t least)
{
	for (unsigned i = 0; i < LABELS_MAX; i++) {
		if (*at + MPLS_SIZE + least > n)
			return false;
		uint32_t label = be32_to(load32(bytes + *at));

		*at += MPLS_SIZE;
		if (label & MPLS_BOTTOM)
			return true;
	}
	return false;
}
