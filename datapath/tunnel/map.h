/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The map of tunnels: which port a packet belongs to, by what its outer headers say.
 *
 * A port may name the key, the far end and its own end, or leave them open; of several that fit, a
 * named key counts for more than a named far end, and that for more than a named address of our
 * own. The main thread publishes a new map when a tunnel port comes or goes.  */

#include <stdbool.h>
#include <stdint.h>

#include "lib/ipaddr.h"

struct encapsulation;
struct port;
struct tunnel;

/* What a packet says about where it belongs. */
struct tunnel_place {
	be64 id;
	struct ipaddr remote, local;
	be16 dst_port;
	bool bare; /* what is inside has no Ethernet header */
};

/* Any thread. */

static inline bool tunnel_place_equal(const struct tunnel_place *a, const struct tunnel_place *b)
{
	return a->id == b->id && a->dst_port == b->dst_port && a->bare == b->bare &&
		ipaddr_equal(&a->remote, &b->remote) && ipaddr_equal(&a->local, &b->local);
}

/* Main thread. */

void tunnels_add(struct port *port);
void tunnels_del(struct port *port);
/* Ports that will be closed, tunnels or not, get no packets any more. */
void tunnels_withdraw(struct port *const *leaving, unsigned n);
/* A port that gets the very same packets, or NULL. */
struct port *tunnels_find_twin(const struct tunnel *tunnel);

/* Workers. */

/* Of what lookups ask; another one after a change. */
uint32_t tunnels_version(void);
/* The id of the port, 0 if there is none. */
uint16_t tunnels_lookup(const struct encapsulation *type, const struct tunnel_place *place);
