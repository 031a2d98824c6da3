/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Steps: what a translation is doing for whom, and what it has left to do.  */

#include <stdbool.h>
#include <stdint.h>

#include "ofproto/wire/action.h"

/* Whose actions are run. */
enum xlate_origin {
	XLATE_ORIGIN_PACKET_OUT,
	XLATE_ORIGIN_RULE,
	XLATE_ORIGIN_MISS, /* a rule that asks for what no other matches */
	XLATE_ORIGIN_SET, /* the action set */
	XLATE_ORIGIN_GROUP,
};

/* What of the packet the key still tells. */
enum xlate_sight {
	XLATE_SEES_ALL,
	XLATE_SEES_ETHERNET, /* and VLAN tags, not what is inside */
	XLATE_SEES_NOTHING,
};

/* Something left to do, of one rule. */
struct xlate_step {
	struct action_list list;
	uint64_t cookie;
	uint32_t in_port; /* of a lookup, for which it stands in; or PORT_IN_PORT */
	uint8_t table;
	uint8_t origin;
	bool is_lookup; /* in the table */
};
