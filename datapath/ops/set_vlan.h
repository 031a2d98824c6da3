/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Overwrites VLAN id and priority of the outermost tag. The packet must have one.  */

#include "datapath/program.h"
#include "lib/types.h"

struct op_set_vlan {
	be16 tci; /* as on the wire: without KEY_VLAN_PRESENT */
};

extern const struct op_type op_set_vlan;
