/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Guards: what the host behind an lport may send, and what it gets to see.
 *
 * A guard knows the addresses that are the host's. It keeps others' addresses from being used there,
 * keeps the host from playing DHCP server or router, and bounds what must be flooded.  */

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"

struct drop_reason;
struct guard;
struct xlate;

enum guard_family {
	GUARD_ANY, /* the MAC, whatever it says above Ethernet */
	GUARD_IPV4,
	GUARD_IPV6,
};

enum guard_storm {
	GUARD_BROADCAST,
	GUARD_MULTICAST,
	GUARD_UNKNOWN,
	GUARD_STORMS
};

/* One address that the host has. A MAC with none but GUARD_ANY may use all addresses. */
struct guard_address {
	struct mac mac;
	uint8_t family; /* enum guard_family */
	uint8_t prefix; /* bits of it that count */
	uint8_t ip[16]; /* an IPv4 address is in front */
};

struct guard_config {
	bool inspects; /* frames must use these addresses */
	bool forged; /* frames must use one of these MACs as source */
	bool changes; /* nothing goes to other MACs that the host says it has */
	bool promiscuous; /* nothing goes there that is for other MACs */
	bool dhcp, ra;
	uint32_t storms[GUARD_STORMS]; /* packets per second; 0: any number */
	unsigned n;
	struct guard_address addresses[];
};

/* Any thread that holds an epoch. 'guard' NULL: all is allowed. */

/* Why the packet may not come in, or NULL. */
const struct drop_reason *guard_refusal(const struct guard *guard, struct xlate *x);
/* Whether the host may be learned to have the MAC, and may get frames for it. */
bool guard_owns(const struct guard *guard, struct mac mac);
/* … and whether it gets frames for it that are flooded. */
bool guard_sees(const struct guard *guard, struct mac mac);
/* Adds what bounds such packets. */
void guard_limit(const struct guard *guard, struct xlate *x, enum guard_storm storm);

/* Main thread. */

/* What 'old' (or NULL) has become by 'config' (or NULL). */
struct guard *guard_renew(struct guard *take_old, const struct guard_config *config);
/* Ends it, with what it holds in the datapath. */
void guard_end(struct guard *guard);
/* Copies for views, which hold nothing. */
struct guard *guard_copy(const struct guard *guard);
bool guard_equal(const struct guard *a, const struct guard *b);
