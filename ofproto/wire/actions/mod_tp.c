/* SPDX-License-Identifier: Apache-2.0 */
/* Set the source or destination port of TCP, UDP or SCTP, whichever the packet has.  */

#include "lib/flow/field.h"
#include "lib/flow/match.h"
#include "ofproto/wire/action_codec.h"

static enum of_error check(const struct action *action, struct action_check *check)
{
	const struct match *match = check->match;
	uint8_t proto;

	if (!check->strict || !match)
		return OF_OK;
	proto = match->mask.base.ip_proto == 0xff ? match->key.base.ip_proto : 0;
	return proto == 6 || proto == 17 || proto == 132 ? OF_OK : OF_BAC_MATCH_INCONSISTENT;
}

ACTION_VALUE_WITH(
	mod_tp_src,
	action_value_encode,
	check,
	.name = "mod_tp_src",
	.help = "mod_tp_src:PORT",
	.kind = FIELD_KIND_DECIMAL,
	.wires = {ACTION_OF(OF10, OF10, 9, .bytes = 2)},
	.field = FIELD_TCP_SRC,
	.set_slot = ACTION_SET_FIELDS,
);
ACTION_VALUE_WITH(
	mod_tp_dst,
	action_value_encode,
	check,
	.name = "mod_tp_dst",
	.help = "mod_tp_dst:PORT",
	.kind = FIELD_KIND_DECIMAL,
	.wires = {ACTION_OF(OF10, OF10, 10, .bytes = 2)},
	.field = FIELD_TCP_DST,
	.set_slot = ACTION_SET_FIELDS,
);
