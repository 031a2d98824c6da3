/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Packets that go to controllers: what a translation notes about them, and how they are told.  */

#include <stdint.h>

#include "datapath/punt.h"
#include "lib/flow/key.h"
#include "lib/types.h"

enum packet_in_reason {
	PACKET_IN_NO_MATCH,
	PACKET_IN_ACTION,
	PACKET_IN_INVALID_TTL,
	PACKET_IN_ACTION_SET,
	PACKET_IN_GROUP,
	PACKET_IN_PACKET_OUT,
};

/* Behind it stand userdata and what is left to be done. */
struct packet_in_note {
	uint32_t bridge; /* its index */
	uint32_t in_port;
	uint64_t cookie; /* of the rule; all ones: of none */
	be64 metadata, tun_id;
	be32 tun_src, tun_dst, pkt_mark;
	be32 regs[KEY_N_REGS];
	uint8_t tun_ipv6_src[16], tun_ipv6_dst[16];
	uint16_t controller_id;
	uint8_t table;
	uint8_t reason;
	uint16_t n_userdata, n_rest;
	uint16_t n_options; /* bytes of tunnel options behind those */
};

static_assert(sizeof(struct packet_in_note) <= PUNT_NOTE_SIZE, "packet_in: the note does not fit");

/* Sends packets to the controllers of the bridge that the note names. */
extern const struct punt_target packet_in_target;
