/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Subtables: the rules of one mask, for the files that know how rules keep what they match.  */

#include <stdint.h>

#include <urcu/list.h>

#include "lib/flow/key.h"

struct slots;
struct stages;
struct tlv_map;

enum {
	WORDS_OF_BLOCK = KEY_BLOCK_SIZE / 8
};

/* Rules with the same mask. Immutable but for the hash table and the counts. */
struct subtable {
	struct slots *slots; /* main writes, translators read; the first rule of each match */
	struct stages *stages; /* main writes, translators read; NULL: of no use */
	uint32_t max_priority; /* main writes, translators read; may be too high */
	uint64_t serial; /* the lower goes before the higher among rules of the same priority */
	/* Main: of all its rules, as they came; one that replaced another stands in its place. */
	struct cds_list_head in_order;
	unsigned n_rules; /* main */
	struct tlv_map *tlv; /* where tunnel options are that the mask looks at; NULL: at none */
	unsigned n_words;
	struct subtable_word {
		uint64_t mask;
		uint16_t index;
	} words[];
};

static inline const uint64_t *key_words(const struct key *key)
{
	return (const uint64_t *)key;
}
