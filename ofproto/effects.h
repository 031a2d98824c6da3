/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Effects: what translations want done, applied where it belongs.  */

#include <stdbool.h>
#include <stdint.h>

#include "lib/ipaddr.h"
#include "lib/types.h"

struct errbuf;

enum effect_kind {
	EFFECT_LEARN, /* "This MAC is behind that lport." */
	EFFECT_WANT_ROUTE, /* how is 'ip' reached? */
	EFFECT_WANT_NEIGHBOUR, /* which MAC has 'ip' on the bridge's network? */
};

/* Unsafe to believe until the main thread has checked it. */
struct effect {
	enum effect_kind kind;
	uint32_t bridge;
	uint32_t lport;
	uint16_t vlan;
	struct mac mac;
	bool lock; /* a gratuitous ARP said so */
	uint32_t mark; /* of packets to 'ip' */
	struct ipaddr ip, from; /* from: our address, if packets have one already */
};

/* Main thread. */

/* Starts and stops those that act on effects and no bridge owns. */
int effects_start(struct errbuf *err);
void effects_stop(void);
/* For the keeper. */
void effects_apply(const struct effect *effects, unsigned n);
