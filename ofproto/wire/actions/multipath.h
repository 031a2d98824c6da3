/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* multipath: a hash of the packet chooses one of several links, whose number goes into a field.  */

#include "lib/flow/subfield.h"
#include "ofproto/wire/action.h"

enum multipath_algorithm {
	MULTIPATH_MODULO_N,
	MULTIPATH_HASH_THRESHOLD,
	MULTIPATH_HRW,
	MULTIPATH_ITER_HASH,
};

struct action_multipath {
	struct action action;
	struct subfield dst;
	uint32_t arg;
	uint16_t fields; /* enum hash_fields */
	uint16_t basis;
	uint16_t algorithm;
	uint16_t max_link; /* links are 0 to this */
};
