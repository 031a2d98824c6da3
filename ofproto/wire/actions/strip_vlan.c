/* SPDX-License-Identifier: Apache-2.0 */
/* strip_vlan and pop_vlan: the outer VLAN tag comes off. Two names that OpenFlow 1.0 and its
 * successors gave the same thing.  */

#include "ofproto/wire/action_codec.h"

enum {
	STRIP_VLAN = 3,
	POP_VLAN = 18,
};

static void encode(struct wire_out *out, const struct action *action)
{
	const struct action_wire wire = {.number = out->version == OF10 ? STRIP_VLAN : POP_VLAN};

	action_put_end(out, action_put_begin(out, &wire));
}

#define ACTION_TAKE_TAG(id, first_version, last_version, n)                                        \
	static const struct action_type action_##id = {                                            \
		.name = #id,                                                                       \
		.help = #id,                                                                       \
		.wires = {ACTION_OF(first_version, last_version, n)},                              \
		.size = sizeof(struct action),                                                     \
		.set_slot = ACTION_SET_POP,                                                        \
		.decode = action_void_decode,                                                      \
		.encode = encode,                                                                  \
		.parse = action_void_parse,                                                        \
		.format = action_void_format,                                                      \
	};                                                                                         \
	REGISTRY_ADD(action_type, action_##id)

ACTION_TAKE_TAG(strip_vlan, OF10, OF10, STRIP_VLAN);
ACTION_TAKE_TAG(pop_vlan, OF11, OF15, POP_VLAN);
