/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/tables/stages.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lib/flow/key.h"
#include "lib/hash.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

enum {
	COUNTS_MAX = 1 << 16, /* of a stage: more would cost more memory than it gains */
	COUNTS_MIN = 16,
	WORDS = sizeof(struct key) / 8,
};

struct stage_word {
	uint16_t index;
	uint64_t bits;
};

/* The bits that one stage adds. */
struct stage {
	unsigned first, n; /* its words */
	uint32_t *counts; /* main writes, translators read */
};

struct stages {
	unsigned n;
	uint32_t hash_mask; /* the number of counts, less one */
	struct stage stages[8];
	struct stage_word words[];
};

/* Marks all bits of a field, or its first bytes. */
#define OWN(part, field, bytes)                                                                    \
	memset((uint8_t *)(part) + offsetof(struct key, field), 0xff, (bytes))
#define ALL(part, field) OWN(part, field, sizeof((part)->field))

/* All bits up to and with a stage. Returns false behind the last but one, which has all. */
static bool get_part(struct key *part, unsigned stage)
{
	/* Bytes of IPv4 and IPv6 addresses. */
	static const unsigned prefixes[][2] = {{1, 2}, {2, 4}, {3, 8}};

	memset(part, 0, sizeof(*part));
	ALL(part, base.in_port);
	ALL(part, base.ct_state);
	OWN(part, base.tun_id, 16);
	ALL(part, tunnel);
	ALL(part, tunnel_options);
	ALL(part, ct);
	ALL(part, regs);
	ALL(part, pipeline);
	if (stage == 0)
		return true;
	OWN(part, base.eth_dst, 2 * sizeof(struct mac) + 2 * sizeof(be16));
	ALL(part, base.vlan_tpid);
	if (stage == 1)
		return true;
	if (stage - 2 < ARRAY_LENGTH(prefixes)) {
		OWN(part, base.ip_src, prefixes[stage - 2][0]);
		OWN(part, base.ip_dst, prefixes[stage - 2][0]);
		OWN(part, ipv6.src, prefixes[stage - 2][1]);
		OWN(part, ipv6.dst, prefixes[stage - 2][1]);
		return true;
	}
	OWN(part, base.ip_src, 8 + 4); /* with protocol, TOS, TTL, fragment */
	ALL(part, ipv6);
	ALL(part, extra);
	return stage == 2 + ARRAY_LENGTH(prefixes);
}

struct stages *stages_new(const struct key *mask, unsigned n)
{
	struct stages *stages = xcalloc(1, sizeof(*stages) + WORDS * 2 * sizeof(stages->words[0]));
	const uint64_t *bits = (const uint64_t *)mask;
	uint64_t covered[WORDS] = {0}, rest = 0;
	unsigned n_words = 0;
	struct key part;

	for (unsigned s = 0; get_part(&part, s); s++) {
		struct stage *stage = &stages->stages[stages->n];

		stage->first = n_words;
		for (unsigned i = 0; i < WORDS; i++) {
			uint64_t more = bits[i] & ((const uint64_t *)&part)[i] & ~covered[i];

			if (!more)
				continue;
			covered[i] |= more;
			stages->words[n_words++] = (struct stage_word){i, more};
		}
		stage->n = n_words - stage->first;
		stages->n += stage->n != 0;
	}
	for (unsigned i = 0; i < WORDS; i++)
		rest |= bits[i] & ~covered[i];
	/* The last stage is the lookup itself. */
	if (!rest && stages->n)
		stages->n--;
	if (!stages->n) {
		free(stages);
		return NULL;
	}
	stages->hash_mask = COUNTS_MIN - 1;
	while (stages->hash_mask < COUNTS_MAX - 1 && stages->hash_mask < n)
		stages->hash_mask = stages->hash_mask * 2 + 1;
	for (unsigned s = 0; s < stages->n; s++)
		stages->stages[s].counts = XNEW_N(uint32_t, stages->hash_mask + 1);
	return stages;
}

bool stages_are_small(const struct stages *stages, unsigned n)
{
	return stages && n > stages->hash_mask && stages->hash_mask < COUNTS_MAX - 1;
}

void stages_free(void *stages_)
{
	struct stages *stages = stages_;

	for (unsigned s = 0; stages && s < stages->n; s++)
		free(stages->stages[s].counts);
	free(stages);
}

/* Continues a hash over the bits that the stage adds. */
static uint64_t hash_stage(
	const struct stages *stages, const struct stage *stage, const uint64_t *key, uint64_t hash
)
{
	for (unsigned i = stage->first; i < stage->first + stage->n; i++) {
		const struct stage_word *word = &stages->words[i];

		hash = (hash ^ (key[word->index] & word->bits)) * 0x9e3779b97f4a7c15ULL;
		hash ^= hash >> 29;
	}
	return hash;
}

static uint32_t *count_of(const struct stages *stages, const struct stage *stage, uint64_t hash)
{
	return &stage->counts[hash_u64(hash, 0) & stages->hash_mask];
}

void stages_count(struct stages *stages, const struct key *key, int difference)
{
	uint64_t hash = 0;

	for (unsigned s = 0; stages && s < stages->n; s++) {
		const struct stage *stage = &stages->stages[s];

		hash = hash_stage(stages, stage, (const uint64_t *)key, hash);
		uint32_t *count = count_of(stages, stage, hash);

		__atomic_store_n(count, *count + (uint32_t)difference, __ATOMIC_RELAXED);
	}
}

static bool is_settled(
	const struct stages *stages, const struct stage *stage, const struct stages_lookup *lookup
)
{
	for (unsigned i = stage->first; lookup->agreed && i < stage->first + stage->n; i++) {
		const struct stage_word *word = &stages->words[i];

		if (word->bits & ~lookup->agreed[word->index] & ~lookup->known[word->index])
			return false;
	}
	return true;
}

/* All bits up to the end of the stage mattered. */
static void
note(const struct stages *stages, const struct stage *last, const struct stages_lookup *lookup)
{
	for (unsigned i = 0; i < last->first + last->n; i++) {
		const struct stage_word *word = &stages->words[i];

		lookup->looked[word->index] |= word->bits & ~lookup->known[word->index];
	}
}

bool stages_rule_out(const struct stages *stages, const struct stages_lookup *lookup)
{
	uint64_t hash = 0;

	for (unsigned s = 0; stages && s < stages->n; s++) {
		const struct stage *stage = &stages->stages[s];

		if (!is_settled(stages, stage, lookup))
			return false;
		hash = hash_stage(stages, stage, lookup->key, hash);
		if (__atomic_load_n(count_of(stages, stage, hash), __ATOMIC_RELAXED))
			continue;
		note(stages, stage, lookup);
		return true;
	}
	return false;
}
