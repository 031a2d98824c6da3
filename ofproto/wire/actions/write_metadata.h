/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* write_metadata: bits of the metadata get constant values.  */

#include "ofproto/wire/action.h"

struct action_write_metadata {
	struct action action;
	uint64_t value, mask;
};
