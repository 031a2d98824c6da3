/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Decap: takes the packet out of the tunnel it came in, finds the tunnel port it belongs to, and
 * looks it up as received there.  */

#include "datapath/program.h"

struct encapsulation;

struct op_decap {
	const struct encapsulation *type;
};

extern const struct op_type op_decap;
