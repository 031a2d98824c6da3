/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Punt: a copy of the packet as it is now goes to somebody on the main thread (datapath/punt.h).  */

#include <stdint.h>

#include "datapath/program.h"

enum {
	PUNT_NOTE_SIZE = 256
};

struct punt_target;

struct op_punt {
	const struct punt_target *to;
	uint16_t max_size; /* bytes of the packet that go at most */
	alignas(8) uint8_t note[PUNT_NOTE_SIZE]; /* goes with it; the datapath does not look */
};

extern const struct op_type op_punt;
