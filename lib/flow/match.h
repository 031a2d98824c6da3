/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Matches: which packets a rule is for, as a key and the mask of the bits that count.
 *
 * The key never has a bit that the mask has not. base.blocks is not part of a rule's match: a
 * block that a packet lacks reads as zeros.
 *
 * A struct match is a working object (1.7 kB); who keeps many keeps them packed.  */

#include <stdbool.h>
#include <stdint.h>

#include "lib/flow/key.h"
#include "lib/flow/tlv.h"

struct errbuf;
struct field;
struct names;
struct strbuf;

struct match {
	struct key key;
	struct key mask;
	struct tlv_map tlv; /* where tunnel options stand in the two */
};

/* Any thread. */

/* Matches everything. 'tlv' is copied; NULL: no tunnel option is bound. */
void match_init(struct match *match, const struct tlv_map *tlv);

/* Values and masks are field_size() bytes; 'mask' NULL means all of the field. */
void match_set(
	struct match *match, const struct field *field, const uint8_t *value, const uint8_t *mask
);
void match_set_number(struct match *match, const struct field *field, uint64_t number);
void match_get(const struct match *match, const struct field *field, uint8_t *value, uint8_t *mask);
/* Whether any bit of the field is matched. */
bool match_has(const struct match *match, const struct field *field);
/* Whether every bit of the field is matched. */
bool match_is_exact(const struct match *match, const struct field *field);

/* Whether what 'field' needs (an Ethernet type, a protocol…) is matched. */
bool match_allows(const struct match *match, const struct field *field);
/* Drops what is matched of fields whose needs are not met, as OpenFlow 1.0 asks. */
void match_normalize(struct match *match);
/* Fails with a sentence if match_normalize() would drop anything. */
int match_check(const struct match *match, struct errbuf *err);
/* What the field needs, for messages: "ip or ipv6", or NULL. */
const char *match_needs_text(const struct field *field);

bool match_equal(const struct match *a, const struct match *b);
uint32_t match_hash(const struct match *match, uint32_t basis);
/* Whether every packet that 'narrow' is for is one that 'wide' is for. */
bool match_is_within(const struct match *narrow, const struct match *wide);
/* Whether there can be a packet that both are for. */
bool match_overlaps(const struct match *a, const struct match *b);

/* Text as ovs-ofctl writes it (match_text.c). */

/* Parses "tcp,nw_src=192.0.2.0/24,tp_dst=80" on top of what 'match' has. */
int match_parse(
	struct match *match, const char *text, const struct names *names, struct errbuf *err
);
/* Parses one "name=value" (or "tcp"): 'value' is NULL without '='. -ENOENT when 'name' is not a
 * field's or a protocol's, for callers that know other words. Words may come in any order: who
 * has parsed the last one calls match_check(). */
int match_parse_word(
	struct match *match,
	const char *name,
	const char *value,
	const struct names *names,
	struct errbuf *err
);
/* Appends the match; nothing when it matches all. */
void match_format(const struct match *match, const struct names *names, struct strbuf *out);
/* Offers all words that match_parse_word() knows. */
struct near;
void match_near(struct near *near);
