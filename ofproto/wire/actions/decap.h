/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* encap and decap: a header is put before the packet or taken off it.  */

#include "ofproto/wire/action.h"

/* Packet types, namespace above type. */
enum {
	PACKET_TYPE_ETHERNET = 0,
	PACKET_TYPE_NSH = 0x1894f,
	PACKET_TYPE_MPLS = 0x18847,
	PACKET_TYPE_MPLS_MC = 0x18848,
	PACKET_TYPE_NEXT_PROTO = 0xfffe, /* decap: what the header says */
};

struct action_encap {
	struct action action;
	uint32_t packet_type; /* of encap: the new header; of decap: what is below */
};
