/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Lanes: the short way out of a tunnel.
 *
 * Most packets of a tunnel have the same outer headers, but for what the tunnel does not look at.
 * When one has gone the long way (parsed, looked up, taken out), a lane remembers its headers with
 * the bytes that mattered: to the flow it hit, and to finding the port. A packet that agrees in these
 * is taken out at once, and only the packet inside is looked up.
 *
 * A lane needs no invalidation: it names the flow by what it was when the lane was made (its
 * 'live'), and the map of tunnels by its version; when one of them is another, it does not match any
 * more.  */

#include <stdbool.h>
#include <stdint.h>

struct batch;
struct flow;
struct lanes;
struct rte_mbuf;
struct worker;

/* Main thread. */

struct lanes *lanes_new(void);
void lanes_free(struct lanes *lanes);

/* Workers. */

/* Whether packets of the port may have a lane. */
bool lanes_has(const struct lanes *lanes, uint16_t port_id);
/* Takes packets of the batch out of their tunnels: they are queued as what op_decap takes out, and the
 * others stay. Returns the bytes of those taken. */
uint64_t lanes_take(struct worker *worker, struct batch *batch);
/* A packet that hit the flow, whose only op is decap, and has its metadata, is about to go the long
 * way. */
void lanes_learn(struct worker *worker, const struct flow *flow, struct rte_mbuf *pkt);
