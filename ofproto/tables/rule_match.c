/* SPDX-License-Identifier: Apache-2.0 */

/* What a rule matches, from the words that its subtable's mask has.  */

#include <string.h>

#include "lib/flow/match.h"
#include "ofproto/tables/subtable_priv.h"
#include "ofproto/tables/tables.h"

bool rule_overlaps(const struct rule *rule, const struct key *key, const struct key *mask)
{
	const uint64_t *key_word = key_words(key), *mask_word = key_words(mask);
	uint16_t absent = mask->base.blocks & ~key->base.blocks;

	for (unsigned i = 0; i < rule->subtable->n_words; i++) {
		const struct subtable_word *word = &rule->subtable->words[i];
		uint64_t bits = key_block_is_in(word->index / WORDS_OF_BLOCK, absent)
			? UINT64_MAX
			: mask_word[word->index];

		if ((key_word[word->index] ^ rule->values[i]) & bits & word->mask)
			return false;
	}
	return true;
}

bool rule_overlaps_base(
	const struct rule *rule,
	const struct key_base *key,
	const struct key_base *mask,
	uint32_t in_port
)
{
	const uint64_t *key_word = (const uint64_t *)key, *mask_word = (const uint64_t *)mask;
	const struct key_base port = {.in_port = in_port, .recirc = key->recirc};

	for (unsigned i = 0; i < rule->subtable->n_words; i++) {
		const struct subtable_word *word = &rule->subtable->words[i];

		if (word->index >= WORDS_OF_BLOCK)
			break;
		uint64_t value = word->index ? key_word[word->index] : *(const uint64_t *)&port;

		if ((value ^ rule->values[i]) & mask_word[word->index] & word->mask)
			return false;
	}
	return true;
}

void rule_get_match(const struct rule *rule, struct key *key, struct key *mask)
{
	uint64_t *key_word = (uint64_t *)key, *mask_word = (uint64_t *)mask;

	memset(key, 0, sizeof(*key));
	memset(mask, 0, sizeof(*mask));
	for (unsigned i = 0; i < rule->subtable->n_words; i++) {
		const struct subtable_word *word = &rule->subtable->words[i];

		key_word[word->index] = rule->values[i];
		mask_word[word->index] = word->mask;
	}
}

void rule_match(const struct rule *rule, struct match *match)
{
	match_init(match, rule->subtable->tlv);
	rule_get_match(rule, &match->key, &match->mask);
}

bool rule_is_of_base(const struct rule *rule)
{
	const struct subtable *subtable = rule->subtable;

	/* They are in order. */
	return !subtable->n_words || subtable->words[subtable->n_words - 1].index < WORDS_OF_BLOCK;
}

void rule_get_base(const struct rule *rule, struct key_base *key, struct key_base *mask)
{
	const struct subtable *subtable = rule->subtable;
	uint64_t words[2][WORDS_OF_BLOCK] = {{0}};

	for (unsigned i = 0; i < subtable->n_words; i++) {
		if (subtable->words[i].index >= WORDS_OF_BLOCK)
			break;
		words[0][subtable->words[i].index] = rule->values[i];
		words[1][subtable->words[i].index] = subtable->words[i].mask;
	}
	memcpy(key, words[0], sizeof(*key));
	memcpy(mask, words[1], sizeof(*mask));
}

void rule_get_key(const struct rule *rule, struct key *key)
{
	uint64_t *key_word = (uint64_t *)key;

	for (unsigned i = 0; i < rule->subtable->n_words; i++)
		key_word[rule->subtable->words[i].index] = rule->values[i];
}
