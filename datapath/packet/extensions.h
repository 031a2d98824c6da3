/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* IPv6's extension headers.  */

#include <stdbool.h>
#include <stdint.h>

#include "datapath/fast/headers.h"

enum {
	EXTENSION_NEXT = 6, /* where IPv6's header says which comes first */
	EXTENSION_LEFT = 3, /* where a routing header says how many addresses are to come */
};

/* Workers. */

/* The size of the header whose second byte is 'length'; 0: this protocol is none. */
static inline unsigned extension_size(uint8_t proto, uint8_t length)
{
	switch (proto) {
	case PROTO_HOP:
	case PROTO_ROUTING:
	case PROTO_DEST:
		return (length + 1U) * 8;
	case PROTO_FRAGMENT:
		return 8;
	case PROTO_AH:
		return (length + 2U) * 4;
	default:
		return 0;
	}
}

/* Whether a routing header between that of IPv6 and 'l4' leads on from the destination: checksums then
 * count the last one of the addresses that it names. */
static inline bool extension_leads_on(const uint8_t *ip, const uint8_t *l4)
{
	const uint8_t *p = ip + IPV6_SIZE;
	uint8_t proto = ip[EXTENSION_NEXT];
	unsigned size;

	for (; p < l4 && (size = extension_size(proto, p[1])); p += size) {
		if (proto == PROTO_ROUTING && p[EXTENSION_LEFT])
			return true;
		proto = p[0];
	}
	return false;
}
