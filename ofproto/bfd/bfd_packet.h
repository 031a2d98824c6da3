/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* BFD control packets (RFC 5880), and the frames that carry them over one hop (RFC 5881).  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/types.h"

enum {
	BFD_PORT = 3784, /* of UDP */
	BFD_FRAME_SIZE = 14 + 20 + 8 + 24,
};

enum bfd_state {
	BFD_ADMIN_DOWN,
	BFD_DOWN,
	BFD_INIT,
	BFD_UP,
};

/* Why a session left the state it had. */
enum bfd_diagnostic {
	BFD_NO_DIAGNOSTIC,
	BFD_DETECTION_EXPIRED,
	BFD_ECHO_FAILED,
	BFD_NEIGHBOR_DOWN,
	BFD_PLANE_RESET,
	BFD_PATH_DOWN,
	BFD_CONCATENATED_DOWN,
	BFD_ADMINISTRATIVE,
	BFD_REVERSE_CONCATENATED_DOWN,
};

struct bfd_packet {
	enum bfd_state state;
	unsigned diagnostic; /* the far end may know more than we */
	bool poll, final, demand;
	uint8_t mult;
	uint32_t my_id, your_id;
	uint32_t min_tx_us, min_rx_us;
};

/* Between whom a frame goes. */
struct bfd_ends {
	struct mac from, to;
	uint32_t from_ip, to_ip; /* host order */
	uint16_t from_port;
};

/* Any thread. */

/* Reads an Ethernet frame. Returns NULL, or what is wrong with it. */
const char *bfd_decode(const uint8_t *frame, size_t n, struct bfd_packet *packet);
void bfd_encode(
	const struct bfd_packet *packet, const struct bfd_ends *ends, uint8_t frame[BFD_FRAME_SIZE]
);
