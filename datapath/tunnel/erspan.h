/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* ERSPAN's part of a tunnel header, behind GRE's.  */

#include <stdint.h>

struct key_tunnel;

enum {
	ERSPAN_VERSION2 = 1, /* on the wire, of type II */
	ERSPAN_VERSION3 = 2,
	ERSPAN2_INDEX = 4, /* offset: 12 bits for the device's own use, and 20 of the port */
	ERSPAN3_TIME = 4,
	ERSPAN3_LAST = 11,
};

/* Any thread. */

/* Fills in what it says; it has been checked. */
void erspan_read(const uint8_t *erspan, struct key_tunnel *key);
