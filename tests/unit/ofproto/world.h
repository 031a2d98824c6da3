/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A world for tests of translation: one bridge, declared port by port, with datapath ports that
 * exist in name only, and no keeper and no workers.  */

#include <stdbool.h>
#include <stdint.h>

#include "datapath/port.h"
#include "lib/flow/key.h"
#include "ofproto/bridge.h"
#include "ofproto/tables/rule.h"
#include "ofproto/wire/messages.h"
#include "ofproto/xlate/xlate.h"

enum {
	WORLD_PORTS = 300
};

struct world {
	struct bridge *bridge;
	struct bridge_config config;
	struct bridge_lport_config lports[WORLD_PORTS];
	struct bridge_port_config ports[WORLD_PORTS];
	struct port devices[WORLD_PORTS];
	unsigned n;
	struct xlate x;
};

/* A bridge "br0" without ports; the first call also makes this thread one that holds epochs. */
void world_init(struct world *world);
void world_fini(struct world *world);
/* Adds port 'name'; its datapath id is the number of ports so far, from 'first_id' on. Returns the
 * row, to be changed before world_apply(). */
struct bridge_lport_config *
world_add(struct world *world, const char *name, enum vlan_mode mode, uint16_t tag);
void world_apply(struct world *world);
/* A world with the ports "p1" to "p3", trunks of all VLANs. */
void world_init_trunks(struct world *world);

/* The trunk list: VLANs up to a 0. */
void world_trunks(struct bridge_lport_config *lport, const uint16_t *vlans);

/* A frame from 02:…:src to 02:…:dst ('0xff' is broadcast); tci 0: untagged, else as on the wire with
 * KEY_VLAN_PRESENT. */
struct key world_frame(uint16_t in_id, uint8_t src, uint8_t dst, uint16_t tci);
/* Translates and says what the program is. The text is valid until the next call. */
const char *world_run(struct world *world, const struct key *key);
/* A rule's actions that are one function of the test (NULL: none). */
struct rule_actions *world_actions(rule_action_fn *translate);
/* What a controller would send, of priority 100; for world_send(). */
struct of_flow_mod world_flow_mod(unsigned command, const char *match, const char *actions);
/* Has the bridge do it, and frees it. */
enum of_error world_send(struct bridge *bridge, struct of_flow_mod *mod, uint8_t version);
/* As the main thread would do. */
void world_learn(struct world *world);
