/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* ct and nat: connection tracking, and the address translation inside of it.  */

#include <stdbool.h>

#include "lib/flow/subfield.h"
#include "ofproto/wire/action.h"

enum {
	CT_COMMIT = 1,
	CT_FORCE = 2,
	CT_NO_RECIRC = 255,
	NAT_SRC = 1,
	NAT_DST = 2,
	NAT_PERSISTENT = 4,
	NAT_HASH = 8,
	NAT_RANDOM = 16,
};

/* The actions of exec(…), and nat, stand inside. */
struct action_ct {
	struct action action;
	struct subfield zone_from; /* field NULL: the number */
	uint16_t flags;
	uint16_t zone;
	uint16_t alg; /* the control connection's port: 21 ftp, 69 tftp, 0 none */
	uint8_t recirc_table; /* CT_NO_RECIRC: the packet does not come back */
};

struct action_nat {
	struct action action;
	uint8_t flags;
	uint8_t family; /* 4, 6; 0: no address */
	uint8_t has_max; /* an address range */
	uint8_t has_ports; /* 1 one, 2 a range */
	uint8_t min[16], max[16];
	uint16_t port_min, port_max;
};
