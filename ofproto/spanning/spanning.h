/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Spanning trees of bridges: which lports may learn and forward so that no frame goes in circles,
 * and the guard that blocks a port where a bridge shows up though none should.  */

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "ofproto/bridge.h"

struct lport;

/* Main thread. */

/* Every port tells that the topology has changed. False: the bridge takes no part. */
bool spanning_tell_change(struct bridge *bridge);
/* A port that the guard has blocked is let in again. */
void spanning_reset_guard(struct lport *lport);

/* Whether there is anything to say of the lport. */
bool spanning_has_port(const struct bridge *bridge, const char *lport);
/* For the database: adds status as strings and counters as integers to objects. */
void spanning_add_status(const struct bridge *bridge, enum spanning_mode mode, json_t *map);
void spanning_add_port_status(
	const struct bridge *bridge, const char *lport, enum spanning_mode mode, json_t *map
);
void spanning_add_port_statistics(
	const struct bridge *bridge, const char *lport, enum spanning_mode mode, json_t *map
);
