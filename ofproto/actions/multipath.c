/* SPDX-License-Identifier: Apache-2.0 */

/* multipath: a hash of the packet chooses one of several links, whose number goes into a field.  */

#include "ofproto/wire/actions/multipath.h"

#include "lib/hash.h"
#include "ofproto/actions/fields.h"
#include "ofproto/actions/hash.h"
#include "ofproto/actions/room.h"
#include "ofproto/xlate/xlate.h"

enum {
	TRIES = 64, /* of iter_hash, before it takes what comes */
};

/* The link that draws highest: one that comes or goes moves only its own packets. */
static uint32_t choose_highest(uint32_t hash, uint32_t n)
{
	uint32_t best = 0, highest = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t draw = hash_u64(i, hash);

		if (i && draw <= highest)
			continue;
		best = i;
		highest = draw;
	}
	return best;
}

/* Draws among 'range' links until it is one of those there are. */
static uint32_t choose_iterating(uint32_t hash, uint32_t n, uint32_t range)
{
	for (unsigned i = 0; i < TRIES; i++) {
		uint32_t link = hash_u64(i, hash) % (range > n ? range : n);

		if (link < n)
			return link;
	}
	return hash % n;
}

static uint32_t choose(const struct action_multipath *mp, uint32_t hash)
{
	uint32_t n = mp->max_link + 1u;

	switch ((enum multipath_algorithm)mp->algorithm) {
	case MULTIPATH_MODULO_N:
		return hash % n;
	case MULTIPATH_HASH_THRESHOLD:
		return (uint32_t)((uint64_t)hash * n >> 32);
	case MULTIPATH_HRW:
		return choose_highest(hash, n);
	case MULTIPATH_ITER_HASH:
		return choose_iterating(hash, n, mp->arg);
	}
	return 0;
}

static void translate(struct xlate *x, const void *args)
{
	const struct action_multipath *mp = args;
	uint32_t hash = hash_packet(x, mp->fields, mp->basis);

	fields_write_number(x, &mp->dst, choose(mp, hash));
}

ACTION_ROOM(multipath, translate);
