/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Numbers that 64 bits do not hold.
 *
 * To JSON they are numbers as any other, the parser takes none of them. Whoever sends one is to hear
 * what is wrong with his request, not to lose the connection, so integers that are too large are written
 * as reals. What no real is large enough for is none of JSON's values then, but null.  */

#include <stdbool.h>
#include <stddef.h>

struct strbuf;

/* Any thread. */

/* Adds the message 'text', which ends in a bracket, to 'out', with an exponent behind each integer that is
 * too large. True if a number was beyond all reals. */
bool widen_numbers(const char *text, size_t n, struct strbuf *out);
