/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* LLDP on ports that ask for it: tells neighbours who this is, and remembers who they are. Main
 * thread only.  */

#include <jansson.h>

#include "ofproto/lldp/lldp_frame.h"

struct bridge_port;

enum {
	LLDP_NEIGHBORS = 8 /* on one link; more are not remembered */
};

struct lldp_neighbor {
	struct lldp_news news;
	int64_t until_ms;
};

struct lldp_port {
	int64_t sent_ms, next_ms; /* when something was sent, and is sent again */
	uint64_t sent, received, errors;
	unsigned n_neighbors;
	struct lldp_neighbor neighbors[LLDP_NEIGHBORS]; /* the newest first */
};

/* For Interface.status: adds the neighbour heard last. */
void lldp_add_status(const struct bridge_port *port, json_t *status);
