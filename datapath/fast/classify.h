/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Classifying: finding the flows of packets the exact cache did not know, mask by mask.
 *
 * A hint remembers where packets to the same place (address and port) were found last: one look
 * then does for most packets, however many masks there are.  */

#include <stdint.h>

struct flow;
struct worker;

enum {
	HINTS = 1 << 16 /* 256 kB: for ten thousand places most are their own */
};

/* Of packets to one place: the subtable's position in the index of their port. May be wrong. */
struct hint {
	uint16_t tag;
	uint16_t position;
};

/* Workers. */

/* Looks for the flows of worker->lookup.left; those found are filled in, the rest stays left. */
void classify(struct worker *worker);
