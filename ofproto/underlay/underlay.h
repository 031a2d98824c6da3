/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The underlay: how outer packets of tunnels get to their far ends.
 *
 * A far end is reached through a bridge that bears an address on its own device: a route (the
 * kernel's, or one given by command) names the bridge, our address and the next hop; the next hop's
 * MAC address is found by the switch itself. What is known is published as a snapshot that
 * translators read; what one misses comes back as an effect, is found out, and the flows that
 * depended on it are translated again.  */

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "lib/ipaddr.h"
#include "lib/types.h"
#include "ofproto/xlate/dep.h"

struct errbuf;
struct tunnel;

enum {
	UNDERLAY_NO_BRIDGE = UINT32_MAX
};

/* Where packets of a tunnel are to go. */
struct underlay_end {
	struct ipaddr dst;
	struct ipaddr from; /* our address, if the tunnel names one: policies may ask; else none */
	uint32_t mark;
};

/* The way to one far end. */
struct underlay_route {
	struct underlay_end end;
	uint32_t bridge; /* index, or UNDERLAY_NO_BRIDGE: there is no way through a bridge */
	struct ipaddr src; /* ours */
	struct ipaddr hop; /* who gets the packet next */
	struct mac mac; /* of the bridge's own device */
};

/* Any thread that holds an epoch. */

/* NULL: nobody knows yet. */
const struct underlay_route *underlay_find_route(const struct underlay_end *end);
/* NULL: nobody knows. */
const struct mac *underlay_find_neighbour(uint32_t bridge, const struct ipaddr *ip);
/* Whether no more packets can be held until the way there is known. */
bool underlay_is_full(const struct underlay_end *end);
/* Whether the bridge's own device bears an address; '*mac' is the device's. */
bool underlay_has_addresses(uint32_t bridge, struct mac *mac);
bool underlay_is_ours(uint32_t bridge, const struct ipaddr *ip);

bool underlay_end_equal(const struct underlay_end *a, const struct underlay_end *b);
uint32_t underlay_end_hash(const struct underlay_end *end, uint32_t basis);

/* What stands in a dep for these. */
uint64_t underlay_dep_of_route(const struct underlay_end *end);
uint64_t underlay_dep_of_neighbour(const struct ipaddr *ip);

/* Main thread. */

int underlay_start(struct errbuf *err);
void underlay_stop(void);

/* A translation wants to know. */
void underlay_want_route(const struct underlay_end *end);
void underlay_want_neighbour(uint32_t bridge, const struct ipaddr *ip);

/* Bridges or their ports have changed: finds far ends that tunnel ports name. */
void underlay_ports_changed(void);
/* For Interface.status of a tunnel port: where its packets leave. */
void underlay_add_status(const struct tunnel *tunnel, json_t *status);
/* Publishes what has been found out, now instead of soon. */
void underlay_flush(void);
