/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Which parts of a packet multipath and bundle hash, by Nicira's numbers.  */

#include <stdint.h>

struct errbuf;

enum hash_fields {
	HASH_FIELDS_ETH_SRC,
	HASH_FIELDS_SYMMETRIC_L4,
	HASH_FIELDS_SYMMETRIC_L3L4,
	HASH_FIELDS_SYMMETRIC_L3L4_UDP,
	HASH_FIELDS_NW_SRC,
	HASH_FIELDS_NW_DST,
	HASH_FIELDS_SYMMETRIC_L3,
	HASH_FIELDS_COUNT
};

/* Any thread. */

int hash_fields_parse(const char *text, uint16_t *fields, struct errbuf *err);
const char *hash_fields_name(uint16_t which);
