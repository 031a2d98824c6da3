/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* ARP and neighbour discovery (RFC 4861): what bridges' own devices hear of it.  */

#include <stdint.h>

#include "datapath/punt.h"

/* What a translation notes about such a packet. */
struct discovery_note {
	uint32_t bridge; /* its index */
};

static_assert(sizeof(struct discovery_note) <= PUNT_NOTE_SIZE, "discovery: the note does not fit");

/* Learns from ARP packets, and from solicitations and advertisements. */
extern const struct punt_target discovery_target;
