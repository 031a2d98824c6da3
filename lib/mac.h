/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* MAC addresses as text and as integers.  */

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"

enum {
	MAC_TEXT_SIZE = 18 /* with the NUL */
};

/* Any thread. */

/* "02:00:00:00:00:01" into 'text', which is returned. */
char *mac_format(struct mac mac, char text[MAC_TEXT_SIZE]);
/* False, with 'mac' as it was: the text is something else. */
bool mac_parse(const char *text, struct mac *mac);

/* The lower 48 bits, the first byte highest. */
struct mac mac_from_integer(uint64_t value);
uint64_t mac_to_integer(struct mac mac);
