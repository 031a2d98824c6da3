/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Which Geneve options the fields tun_metadata0…63 stand for, at the ports of one bridge.
 *
 * A controller binds them (NXT_TLV_TABLE_MOD). The bridge publishes a new table whenever it does; what
 * has been published never changes. Workers read the options of packets that come in, translation
 * makes those of packets that go out.  */

#include <stdbool.h>
#include <stdint.h>

#include "lib/flow/tlv.h"

struct key;
struct strbuf;

enum {
	OPTION_HEAD = 4, /* bytes before an option's data: class, type, length */
	OPTION_CRITICAL = 0x80, /* in the type: who does not know it must drop the packet */
	OPTION_WORDS = 0x1f, /* in the length: of the data, in units of 4 bytes */
	OPTIONS_SIZE = 252, /* of all together, at most */
};

struct tunnel_options {
	struct tlv_map map;
	uint64_t bound; /* fields, a bit each */
	uint32_t ids[TLV_FIELDS]; /* class << 8 | type, of those that are bound */
};

/* Any thread that holds an epoch. */

/* What the port's bridge published, NULL if nothing is bound. */
const struct tunnel_options *tunnel_options_of(uint16_t port_id);
/* The field for options of this id, or -1. */
int tunnel_options_find(const struct tunnel_options *options, uint32_t id);
/* The size of the option at 'option', its head included; 0 when it is longer than 'n' bytes. */
unsigned tunnel_option_size(const uint8_t *option, unsigned n);
/* Whether all options that demand to be known are. 'options' may be NULL. */
bool tunnel_options_know(const struct tunnel_options *options, const uint8_t *option, unsigned n);
/* Writes the options that the key has. Returns how many bytes, or -1 if they are too many. */
int tunnel_options_build(
	const struct tunnel_options *options, const struct key *key, uint8_t bytes[OPTIONS_SIZE]
);

/* Appends "geneve({class=0x102,type=0x3,len=4,0x5},…)": the options that the key has and the mask looks
 * at. Nothing if there are none. */
void tunnel_options_format(
	const struct tunnel_options *options,
	const struct key *key,
	const struct key *mask,
	struct strbuf *out
);

/* Main thread. */

/* Keeps a copy; NULL: none. */
void tunnel_options_set(uint16_t port_id, const struct tunnel_options *options);
