/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The outer headers of a packet in a tunnel: read and checked before anything is believed.  */

#include <stdbool.h>
#include <stdint.h>

#include "datapath/tunnel/map.h"
#include "datapath/tunnel/tunnel.h"

struct drop_reason;
struct rte_mbuf;

/* The outer packet, as far as it has been read. Offsets are from its start. */
struct outer {
	const struct encapsulation *type;
	struct rte_mbuf *pkt;
	uint8_t *ip, *l4;
	uint32_t l4_at;
	uint32_t end; /* of what IP and UDP say is theirs */
	bool ipv6;
	struct tunnel_place place;
	struct tunnel_info info;
};

/* Workers. */

/* Fills all but type and packet, whose metadata says where its headers are. Returns NULL, or why the
 * packet must die. */
const struct drop_reason *outer_read(struct outer *outer);
/* Whether the port knows all options that demand to be known. */
bool outer_knows_options(const struct outer *outer, uint16_t port_id);
