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

/* Makes the bridge take part as declared; its lports have been. The caller publishes. */
void spanning_apply(struct bridge *bridge, const struct bridge_config *config);
void spanning_stop(struct bridge *bridge);
/* The lport goes. */
void spanning_forget(struct lport *lport);
/* To be called often: time passes, links come and go. */
void spanning_poll(struct bridge *bridge);
/* Every port tells that the topology has changed. False: the bridge takes no part. */
bool spanning_tell_change(struct bridge *bridge);
/* A port that the guard has blocked is let in again. */
void spanning_reset_guard(struct lport *lport);

/* Whether there is anything to say of the lport. */
bool spanning_has_port(const struct bridge *bridge, const char *lport);
/* For the database: adds status as strings and counters as integers to objects. */
void spanning_add_status(const struct bridge *bridge, enum spanning_mode mode, json_t *status);
void spanning_add_port_status(
	const struct bridge *bridge, const char *lport, enum spanning_mode mode, json_t *status
);
void spanning_add_port_statistics(
	const struct bridge *bridge, const char *lport, enum spanning_mode mode, json_t *statistics
);
