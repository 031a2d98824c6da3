/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* bundle and bundle_load: one of several ports is chosen, and gets the packet or is written to a
 * field.  */

#include "lib/flow/subfield.h"
#include "ofproto/wire/action.h"

enum bundle_algorithm {
	BUNDLE_ACTIVE_BACKUP, /* the first that is live */
	BUNDLE_HRW,
};

struct action_bundle {
	struct action action;
	struct subfield dst; /* of bundle_load; else its field is NULL */
	uint16_t algorithm;
	uint16_t fields; /* enum hash_fields */
	uint16_t basis;
	uint16_t n_members;
	uint32_t members[]; /* ports */
};
