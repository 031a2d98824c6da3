/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* LLDP frames: what a station says of itself to whoever is at the other end of the link (IEEE
 * 802.1AB).  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/types.h"

enum {
	LLDP_TEXT_SIZE = 256,
	LLDP_FRAME_SIZE = 1514,
	LLDP_ETH_TYPE = 0x88cc,
};

enum lldp_capability {
	LLDP_BRIDGE = 1 << 2,
	LLDP_ROUTER = 1 << 4,
	LLDP_STATION = 1 << 7,
};

/* Texts are cut where they are too long, and hold nothing that a terminal would obey. */
struct lldp_news {
	char chassis[LLDP_TEXT_SIZE]; /* ids: as text, whatever they are */
	char port[LLDP_TEXT_SIZE];
	char port_description[LLDP_TEXT_SIZE];
	char system[LLDP_TEXT_SIZE];
	char description[LLDP_TEXT_SIZE];
	char address[LLDP_TEXT_SIZE]; /* to manage it at */
	uint16_t ttl; /* seconds; 0: forget it */
	uint16_t vlan; /* of untagged frames, 0: not said */
	uint16_t capabilities; /* enum lldp_capability, those in use */
};

/* Any thread. */

/* Reads an Ethernet frame. -EINVAL: it makes no sense. */
int lldp_decode(const uint8_t *frame, size_t n, struct lldp_news *news);
/* Returns how many bytes the frame has. The chassis is known by the bridge's address. */
size_t lldp_encode(
	const struct lldp_news *news,
	struct mac chassis,
	struct mac source,
	uint8_t frame[LLDP_FRAME_SIZE]
);
