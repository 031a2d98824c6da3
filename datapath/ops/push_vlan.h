/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Puts a VLAN tag in front of those the packet has.  */

#include "datapath/program.h"
#include "lib/types.h"

struct op_push_vlan {
	be16 tpid;
	be16 tci; /* as on the wire: without KEY_VLAN_PRESENT */
};

extern const struct op_type op_push_vlan;
