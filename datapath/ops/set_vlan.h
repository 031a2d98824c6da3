/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Overwrites VLAN id and priority, or some bits of them, of the outermost tag. Packets without a tag
 * stay as they are.  */

#include "datapath/program.h"
#include "lib/types.h"

struct op_set_vlan {
	be16 tci; /* as on the wire: without KEY_VLAN_PRESENT */
	be16 keep; /* bits that are not changed; tci has none of them */
};

extern const struct op_type op_set_vlan;
