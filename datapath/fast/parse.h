/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Parsing: from a packet's bytes to its key, its hash and the offsets of its headers.
 *
 * Whatever the packet says, nothing is read behind its end: a header that is cut off or wrong
 * leaves the fields behind it zero, the packet is still switched by what is before, and the fault
 * is counted.  */

#include <stdint.h>
#include <string.h>

#include "datapath/batch.h"
#include "lib/flow/key.h"
#include "lib/types.h"

struct inner_tunnel;
struct worker;

/* Faults found while parsing, counted per worker. */
enum parse_fault {
	PARSE_IP_CUT, /* IPv4 or IPv6 header, or extension headers, cut off */
	PARSE_IP_WRONG, /* version, header length or total length cannot be */
	PARSE_L4_CUT,
	PARSE_ARP_CUT,
	PARSE_VLAN_CUT,
	PARSE_MPLS_CUT,
	PARSE_N_FAULTS,
};

/* Where the headers of a packet start, 0: there is none. */
struct header_starts {
	uint16_t l3, l4;
};

/* The keys of a batch: block by block, so that the base blocks, all that most packets have, stand
 * together. */
struct keys {
	alignas(CACHE_LINE) uint8_t blocks[KEY_N_PACKET_BLOCKS][BATCH_SIZE][KEY_BLOCK_SIZE];
	uint32_t hashes[BATCH_SIZE]; /* of what names a connection */
	struct header_starts starts[BATCH_SIZE];
	uint64_t faults[PARSE_N_FAULTS]; /* worker writes, main reads */
};

enum {
	KEYS_STRIDE = BATCH_SIZE * KEY_BLOCK_SIZE, /* from a block of a packet to its next block */
};

/* Workers. */

/* Parses all packets of the batch, frames every one, into worker->keys. */
void parse_batch(struct worker *worker, const struct batch *batch);

/* Adds to the keys of a batch that came out of a tunnel what the outer headers said. */
void parse_tunnels(struct worker *worker, const struct batch *batch);
/* Both, for packets that all came out of this one. */
void parse_inside(
	struct worker *worker, const struct batch *batch, const struct inner_tunnel *tunnel
);

static inline const uint8_t *keys_base(const struct keys *keys, unsigned i)
{
	return keys->blocks[0][i];
}

/* Copies the key out of the batch. */
void keys_get(const struct keys *keys, unsigned i, struct key *key);
/* All but its base block, where 'key' had the blocks 'before'. */
void keys_get_blocks_again(const struct keys *keys, unsigned i, struct key *key, uint16_t before);
/* As keys_get(), where 'key' is what this left there the last time, which had these 'blocks', or zeros. It is
 * only written: whoever read it last may be on another core. */
static inline void
keys_get_again(const struct keys *keys, unsigned i, struct key *key, uint16_t *blocks)
{
	uint16_t before = *blocks;

	*blocks = ((const struct key_base *)(const void *)keys_base(keys, i))->blocks;
	memcpy(key->block[0], keys_base(keys, i), KEY_BLOCK_SIZE);
	if (unlikely(before | *blocks))
		keys_get_blocks_again(keys, i, key, before);
}

/* Main thread. */

/* How many VLAN tags of a packet are parsed, 1 or 2; what is behind them counts as payload. Flows that
 * were made before stand for packets parsed the old way. */
void parse_set_vlan_limit(unsigned limit);

/* Any thread. */

/* Parses one frame given as bytes, for those without a worker: the first 'length' bytes of a frame
 * of 'total'. Returns -EINVAL if it is too short to be one. */
int parse_frame(
	const void *frame, uint32_t length, uint32_t total, uint32_t in_port, struct key *key
);
const char *parse_fault_name(enum parse_fault fault);
