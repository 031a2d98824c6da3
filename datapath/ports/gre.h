/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Encapsulations that are told apart by GRE's protocol type.  */

#include <stdint.h>

struct encapsulation;

enum {
	TYPE_ERSPAN2 = 0x88be, /* type II */
	TYPE_ERSPAN3 = 0x22eb, /* type III */
};

extern const struct encapsulation encapsulation_gre, encapsulation_erspan;

/* Workers. */

const struct encapsulation *gre_choose(const uint8_t *header);
