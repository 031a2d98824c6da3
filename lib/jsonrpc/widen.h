/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Integers that 64 bits do not hold.
 *
 * To JSON they are numbers as any other, the parser takes none of them. Whoever sends one is to hear
 * what is wrong with his request, not to lose the connection, so such integers are written as reals.  */

#include <stddef.h>

struct strbuf;

/* Any thread. */

/* Adds the message 'text' to 'out', with an exponent behind each integer that is too large. */
void widen_integers(const char *text, size_t n, struct strbuf *out);
