/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Hashes of packets, for the actions that choose by them. What is hashed becomes part of the flow's
 * mask, so that all packets of a flow agree in it.  */

#include <stdint.h>

#include "ofproto/wire/actions/hash_fields.h"

struct key;
struct xlate;

/* Any thread that holds an epoch. */

uint32_t hash_packet(struct xlate *x, enum hash_fields fields, uint32_t hash);
/* Over the bits of 'mask'. */
uint32_t hash_packet_masked(struct xlate *x, const struct key *mask, uint32_t basis);
/* What tells connections apart, and for the rest who talks to whom. */
uint32_t hash_packet_all(struct xlate *x, uint32_t hash);
