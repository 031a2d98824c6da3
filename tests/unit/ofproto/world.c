/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/ofproto/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/epoch.h"
#include "lib/flow/match.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/mac_table.h"
#include "ofproto/rules.h"

void world_init(struct world *world)
{
	static bool registered;

	if (!registered)
		epoch_register();
	registered = true;
	memset(world, 0, sizeof(*world));
	world->bridge = bridge_new("br0");
	world->config.name = "br0";
	world->config.lports = world->lports;
	world_apply(world);
}

void world_fini(struct world *world)
{
	bridge_free(world->bridge);
	epoch_quiesce();
}

struct bridge_lport_config *
world_add(struct world *world, const char *name, enum vlan_mode mode, uint16_t tag)
{
	unsigned i = world->n++;
	struct bridge_lport_config *lport = &world->lports[i];

	snprintf(world->devices[i].name, sizeof(world->devices[i].name), "%s", name);
	world->devices[i].id = i + 1;
	world->ports[i].name = name;
	world->ports[i].port = &world->devices[i];
	lport->name = name;
	lport->ports = &world->ports[i];
	lport->n_ports = 1;
	lport->vlan_mode = mode;
	lport->tag = tag;
	memset(lport->trunks, 0xff, sizeof(lport->trunks));
	memset(lport->cvlans, 0xff, sizeof(lport->cvlans));
	return lport;
}

void world_apply(struct world *world)
{
	world->config.n_lports = world->n;
	bridge_apply(world->bridge, &world->config);
}

void world_init_trunks(struct world *world)
{
	world_init(world);
	world_add(world, "p1", VLAN_MODE_TRUNK, 0);
	world_add(world, "p2", VLAN_MODE_TRUNK, 0);
	world_add(world, "p3", VLAN_MODE_TRUNK, 0);
	world_apply(world);
}

void world_trunks(struct bridge_lport_config *lport, const uint16_t *vlans)
{
	memset(lport->trunks, 0, sizeof(lport->trunks));
	for (; *vlans; vlans++)
		lport->trunks[*vlans / 64] |= 1ULL << *vlans % 64;
}

struct key world_frame(uint16_t in_id, uint8_t src, uint8_t dst, uint16_t tci)
{
	struct key key;

	memset(&key, 0, sizeof(key));
	key.base.in_port = in_id;
	key.base.eth_src = (struct mac){{2, 0, 0, 0, 0, src}};
	key.base.eth_dst = (struct mac){{2, 0, 0, 0, 0, dst}};
	if (dst == 0xff)
		memset(&key.base.eth_dst, 0xff, sizeof(key.base.eth_dst));
	key.base.eth_type = be16_from(0x88b5);
	key.base.vlan_tci = be16_from(tci);
	key.base.vlan_tpid = tci ? be16_from(0x8100) : 0;
	return key;
}

const char *world_run(struct world *world, const struct key *key)
{
	static struct strbuf text;

	strbuf_clear(&text);
	xlate_run(&world->x, view_get(), key, NULL);
	program_builder_format(&world->x.program, &text);
	return strbuf_text(&text);
}

struct rule_actions *world_actions(rule_action_fn *translate)
{
	struct rule_actions *actions = xcalloc(1, sizeof(*actions) + sizeof(struct rule_action));

	action_list_init(&actions->list);
	actions->n = translate != NULL;
	actions->actions[0].translate = translate;
	return actions;
}

struct of_flow_mod world_flow_mod(unsigned command, const char *match, const char *actions)
{
	struct of_flow_mod mod = {
		.command = (uint8_t)command,
		.priority = 100,
		.out_port = UINT32_MAX,
		.out_group = UINT32_MAX,
	};

	match_init(&mod.match, NULL);
	action_list_init(&mod.actions);
	if (match_parse(&mod.match, match, NULL, NULL) ||
	    actions_parse(&mod.actions, actions, NULL, NULL))
		abort();
	return mod;
}

enum of_error world_send(struct bridge *bridge, struct of_flow_mod *mod, uint8_t version)
{
	enum of_error error = rules_mod(bridge, mod, version);

	action_list_fini(&mod->actions);
	return error;
}

void world_learn(struct world *world)
{
	for (unsigned i = 0; i < world->x.n_effects; i++) {
		const struct effect *effect = &world->x.effects[i];

		mac_table_learn(
			bridge_at(effect->bridge)->macs,
			effect->vlan,
			effect->mac,
			effect->lport,
			effect->lock
		);
	}
}
