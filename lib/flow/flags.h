/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Flags: fields whose bits have names of their own, such as tcp_flags.  */

#include <stdbool.h>
#include <stdint.h>

struct errbuf;
struct field;
struct strbuf;

/* Any thread. */

bool flags_are_in(const struct field *field);
/* "+syn-ack": the bits that are named, one by one; "syn|ack": just these. 'value' and 'mask' are as
 * those of value_parse(). */
int flags_parse(
	const struct field *field,
	const char *text,
	uint8_t *value,
	uint8_t *mask,
	struct errbuf *err
);
void flags_format(const struct field *field, uint32_t value, uint32_t mask, struct strbuf *out);
