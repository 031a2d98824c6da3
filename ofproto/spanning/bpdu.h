/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* BPDUs: what bridges tell each other to agree on a spanning tree (IEEE 802.1D-2004, clause 9).  */

#include <stddef.h>
#include <stdint.h>

#include "lib/types.h"

enum {
	BPDU_FRAME_MIN = 60, /* bytes of the Ethernet frame */
};

enum bpdu_kind {
	BPDU_CONFIG,
	BPDU_CHANGE, /* of the topology, told towards the root */
	BPDU_RAPID,
};

enum bpdu_flags {
	BPDU_TOPOLOGY_CHANGE = 0x01,
	BPDU_PROPOSAL = 0x02,
	BPDU_LEARNING = 0x10,
	BPDU_FORWARDING = 0x20,
	BPDU_AGREEMENT = 0x40,
	BPDU_CHANGE_ACKNOWLEDGED = 0x80,
};

/* As the two bits in the flags say it. */
enum bpdu_role {
	BPDU_ROLE_UNKNOWN,
	BPDU_ROLE_ALTERNATE, /* or backup */
	BPDU_ROLE_ROOT,
	BPDU_ROLE_DESIGNATED,
};

/* How good a bridge's offer is: compared in this order, less is better. */
struct bpdu_vector {
	uint64_t root;
	uint32_t cost;
	uint64_t bridge;
	uint16_t port;
};

/* Seconds. */
struct bpdu_times {
	uint8_t message_age, max_age, hello, forward_delay;
};

struct bpdu {
	enum bpdu_kind kind;
	enum bpdu_role role;
	uint8_t flags; /* enum bpdu_flags */
	struct bpdu_vector vector;
	struct bpdu_times times;
};

/* Any thread. */

/* Less than, equal to or greater than 0, like memcmp(). */
int bpdu_vector_compare(const struct bpdu_vector *a, const struct bpdu_vector *b);
/* Reads an Ethernet frame. -EINVAL: it makes no sense as a BPDU. */
int bpdu_decode(const uint8_t *frame, size_t n, struct bpdu *bpdu);
void bpdu_encode(const struct bpdu *bpdu, struct mac source, uint8_t frame[BPDU_FRAME_MIN]);
