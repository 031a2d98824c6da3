/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How ops write the fields they set: "NAME=VALUE,", with "/MASK" if not all bits are set, nothing
 * if none is.  */

#include <stdint.h>

#include "lib/types.h"

struct strbuf;

/* Any thread. */

void format_mac(
	struct strbuf *out, const char *name, const struct mac *value, const struct mac *mask
);
void format_ip(struct strbuf *out, const char *name, be32 value, be32 mask);
void format_ip6(
	struct strbuf *out, const char *name, const uint8_t value[16], const uint8_t mask[16]
);
/* In decimal; in hex when there is a mask. 'all' is the mask of all bits. */
void format_number(
	struct strbuf *out, const char *name, uint32_t value, uint32_t mask, uint32_t all
);
