/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Takes the backbone header with its service tag off: the customer's addresses take the place of the
 * backbone's. Tags in front of it stay.  */

#include "datapath/program.h"

extern const struct op_type op_pop_pbb; /* no arguments */
