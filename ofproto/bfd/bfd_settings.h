/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How a port's far end is to be watched.  */

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"

/* Of a session; times in milliseconds. */
struct bfd_config {
	uint32_t min_tx, min_rx;
	uint32_t
		decay_min_rx; /* instead of min_rx while there is no other traffic; 0: no difference */
	uint8_t mult;
	bool forwarding_if_rx; /* as long as anything is received the link counts as working */
	bool cpath_down; /* the far end is told that the way behind us is broken */
};

struct bfd_settings {
	struct bfd_config config;
	struct mac from, to; /* of frames sent; 'from' zero: the port's own */
	uint32_t from_ip, to_ip; /* host order */
	struct mac destination; /* of frames received; zero: any */
	bool check_tunnel_key; /* they must have come with key 0 */
	bool oam; /* tunnel packets with frames are marked so */
};
