/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Changes fields of an ARP packet.  */

#include "datapath/program.h"
#include "lib/types.h"

struct op_set_arp {
	be32 spa, tpa; /* no bits outside the masks */
	be32 spa_mask, tpa_mask;
	struct mac sha, tha;
	struct mac sha_mask, tha_mask;
	uint8_t op, op_mask; /* the low byte; with any bit of it the high one becomes zero */
};

extern const struct op_type op_set_arp;
