/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Punt: a copy of the packet as it is now goes to somebody on the main thread (datapath/punt.h).  */

#include <stdbool.h>
#include <stdint.h>

#include "datapath/program.h"

enum {
	PUNT_NOTE_SIZE = 256,
	PUNT_MORE_MAX = 1400, /* bytes that can go along behind the note */
};

struct punt_target;

struct op_punt {
	const struct punt_target *to;
	uint16_t max_size; /* bytes of the packet that go at most */
	bool whole; /* the copy is to be sent one day: one of a part, or to be cut yet, is no use */
	uint16_t n_more; /* bytes of 'more'; the op is added with that much more room */
	uint32_t meter; /* slot of the one that limits them; 0: none */
	alignas(8) uint8_t note[PUNT_NOTE_SIZE]; /* goes with it; the datapath does not look */
	uint8_t more[];
};

extern const struct op_type op_punt;
