/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Pieces of text that several messages have.  */

#include <stdint.h>

#include "lib/flow/match.h"
#include "lib/flow/names.h"
#include "lib/strbuf.h"
#include "lib/types.h"
#include "ofproto/wire/messages.h"
#include "ofproto/wire/show/show.h"

struct show_bit {
	uint32_t bit;
	const char *name;
};

struct show_number {
	unsigned number;
	const char *name;
};

/* Any thread. */

/* The names of the numbers whose bits are in 'set', or 'none', as the rest of a line. Ends at a row
 * without a name. */
void show_numbers(
	const struct show_number *names, uint32_t set, const char *none, struct strbuf *out
);
/* The same for the types of actions. */
void show_actions(uint32_t set, const char *none, struct strbuf *out);
/* The names of the bits that are set, with 'separator' between, unknown ones as a number; "0" if
 * none is. Ends at a row without a name. */
void show_bits(const struct show_bit *bits, uint32_t value, char separator, struct strbuf *out);
/* "4.5", with as many digits of the fraction as are not zero, at least three if there are any. */
void show_duration(uint32_t sec, uint32_t nsec, struct strbuf *out);
/* "primary", "secondary"… */
const char *show_role(uint32_t role);
/* The text of a group of its own messages: without a line break. */
void show_meter(
	uint32_t meter_id, uint16_t flags, const struct wire_bytes *bands, struct strbuf *out
);
void show_meter_id(uint32_t meter_id, char separator, struct strbuf *out);
void show_group_mod(const struct show *show, const struct of_group_mod *mod, struct strbuf *out);
void show_meter_mod(const struct of_meter_mod *mod, struct strbuf *out);
