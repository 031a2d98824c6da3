/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the spanning trees of bridges keep. Main thread only.  */

#include "ofproto/spanning/rstp.h"
#include "ofproto/spanning/spanning.h"

enum {
	SPANNING_PORT_NUMBERS = 4096 /* and none is 0 */
};

struct spanning {
	enum spanning_mode mode;
	struct rstp *rstp;
	struct rstp_config config;
	int64_t ticked_ms;
	bool changed; /* what the view should show differs from what it does */
	uint64_t numbers[SPANNING_PORT_NUMBERS / 64]; /* in use */
};

/* What was declared for an lport. */
struct spanning_port_config {
	bool takes_part;
	bool down; /* carries nothing, whatever its link does */
	bool guard; /* no bridge may be behind it */
	bool check_version;
	int64_t guard_ms; /* how long the guard blocks; 0: until told */
	uint16_t number; /* 0: any */
	struct rstp_port_config rstp; /* cost 0: by the speed of the link */
};

struct spanning_port {
	struct bridge *bridge;
	struct lport *lport;
	struct rstp_port *rstp; /* NULL: takes no part */
	struct spanning_port_config config;
	uint16_t number;
	bool link_up; /* as the protocol was told, … */
	uint32_t cost; /* … which goes by this one */
	bool learning, forwarding;
	bool stale; /* what was learnt on it must be forgotten */
	bool caught; /* by the guard, … */
	int64_t caught_ms; /* … then */
};

/* The bits of a port's id that are its number; those in front are its priority. */
static inline unsigned spanning_number_mask(enum spanning_mode mode)
{
	return mode == SPANNING_STP ? 0xff : SPANNING_PORT_NUMBERS - 1;
}

bool spanning_takes_part(const struct bridge *bridge, enum spanning_mode mode);
const char *spanning_role_name(enum spanning_mode mode, enum rstp_role role);
const char *spanning_state_name(enum spanning_mode mode, const struct rstp_port_status *status);

/* spanning_config.c */
/* Of a link of 'speed' Mbit/s; 0: nobody knows. */
uint32_t spanning_cost(enum spanning_mode mode, uint32_t speed);
void spanning_read_bridge(const struct bridge_config *declared, struct rstp_config *config);
void spanning_read_port(
	const struct bridge_config *bridge,
	const struct bridge_lport_config *declared,
	struct spanning_port_config *config
);
