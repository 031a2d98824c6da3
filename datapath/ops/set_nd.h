/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Changes fields of IPv6 neighbour solicitations and advertisements and keeps the checksum right.
 * An option that a packet lacks is not added.  */

#include "datapath/program.h"
#include "lib/types.h"

struct op_set_nd {
	uint8_t target[16]; /* no bits outside the masks */
	uint8_t target_mask[16];
	struct mac sll, tll;
	struct mac sll_mask, tll_mask;
	be32 reserved, reserved_mask;
	uint8_t options_type, options_type_mask; /* of the first link-layer address option */
};

extern const struct op_type op_set_nd;
