/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Takes the outermost VLAN tag off. Takes no arguments. Packets without one stay as they are.  */

#include "datapath/program.h"

extern const struct op_type op_pop_vlan;
