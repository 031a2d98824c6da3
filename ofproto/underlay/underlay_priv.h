/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files about the underlay share. Main thread only.  */

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "ofproto/underlay/underlay.h"

struct errbuf;
struct strbuf;

/* underlay.c */

/* The far end that a tunnel port names. */
struct underlay_end underlay_end_of(const struct tunnel *tunnel);

/* Something differs that flows may depend on; it is published soon. */
void underlay_note(enum dep_kind kind, uint32_t owner, uint64_t what);
/* For the snapshot that is being made. */
void underlay_put_route(const struct underlay_route *route);
void underlay_put_neighbour(uint32_t bridge, const struct ipaddr *ip, struct mac mac);
void underlay_put_full(const struct underlay_end *end);
void underlay_put_address(uint32_t bridge, const struct ipaddr *ip, struct mac mac);

/* host.c: links and addresses of the host, as the kernel tells them. */

int host_start(struct errbuf *err);
void host_stop(void);
/* The bridge whose own device has this index; UNDERLAY_NO_BRIDGE: none. */
uint32_t host_bridge_of(int index);
/* The MAC address of the bridge's own device. */
struct mac host_bridge_mac(uint32_t bridge);
/* An address of the bridge's device that suits packets to 'dst', best one of the same network. */
bool host_source_for(uint32_t bridge, const struct ipaddr *dst, struct ipaddr *src);
void host_put_addresses(void);

/* routes.c: the ways to far ends, asked from the kernel one by one. */

int routes_start(struct errbuf *err);
void routes_stop(void);
void routes_want(const struct underlay_end *end);
/* Between these, far ends that shall be known all the time are named anew. */
void routes_begin_pins(void);
void routes_pin(const struct underlay_end *end);
void routes_end_pins(void);
/* Everything may be different: asks again. */
void routes_doubt(void);
/* The way at this moment, also to a far end that no tunnel has. The kernel is asked at once. */
void routes_find_now(const struct underlay_end *end, struct underlay_route *found);
/* The same at once, for those that need not ask the kernel. */
void routes_ask_again(void);
/* Next hops of all routes that are not known are looked for again. */
void routes_want_neighbours(void);
void routes_put(void);
void routes_foreach(
	void (*visit)(const struct underlay_route *route, void *context), void *context
);

/* user_routes.c: routes given by command, which come first. */

bool user_routes_find(const struct underlay_end *end, struct underlay_route *route);
/* An address given with a route through the bridge. */
bool user_routes_find_source(uint32_t bridge, const struct ipaddr *dst, struct ipaddr *src);
void user_routes_put_addresses(void);
void user_routes_fini(void);

/* neighbours.c: MAC addresses of next hops. */

void neighbours_start(void);
void neighbours_stop(void);
void neighbours_want(uint32_t bridge, const struct ipaddr *ip);
/* Somebody said that 'ip' is at 'mac'. Believed if we asked, or with 'set'. */
void neighbours_learn(uint32_t bridge, const struct ipaddr *ip, struct mac mac, bool set);
void neighbours_put(void);
/* Forgets those of bridges that are gone. */
void neighbours_sweep(void);

/* waiting.c: packets that are held until the way to their far end is known. */

void waiting_put(void);
/* More may be known. */
void waiting_look_again(void);
/* Ends waits that have lasted too long. */
void waiting_tick(int64_t now);
void waiting_stop(void);

/* discovery.c: ARP and neighbour discovery. */

/* Asks who has 'ip'. */
void discovery_ask(
	uint32_t bridge, const struct ipaddr *ip, const struct ipaddr *src, struct mac mac
);
