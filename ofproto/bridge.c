/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/bridge.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/port.h"
#include "lib/hash.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_changes.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/service.h"
#include "ofproto/groups/groups.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/l2/l2.h"
#include "ofproto/meters/meters.h"
#include "ofproto/tables/limits.h"

enum {
	LOCAL_IN_DATABASE = 65534, /* OpenFlow 1.0's number, which the ofport column has kept */
	TYPE_8021AD = 0x88a8,
};

static struct hmap bridges = HMAP_INIT(&bridges);
static struct bridge *by_index[VIEW_BRIDGES];
static uint64_t patches[VIEW_PATCHES / 64]; /* slots of patch ports in use */

struct hmap *bridges_all(void)
{
	return &bridges;
}

struct bridge *bridge_at(uint32_t index)
{
	return index < VIEW_BRIDGES ? by_index[index] : NULL;
}

struct bridge *bridge_find(const char *name)
{
	struct bridge *bridge;

	HMAP_FOREACH_WITH_HASH(bridge, node, hash_string(name, 0), &bridges)
		if (!strcmp(bridge->name, name))
			return bridge;
	return NULL;
}

/* Bits in use. */

static uint32_t take_lowest_free(uint64_t *used, uint32_t first, uint32_t last)
{
	for (uint32_t i = first; i <= last; i++) {
		if (used[i / 64] == UINT64_MAX) {
			i |= 63;
			continue;
		}
		if (!(used[i / 64] >> i % 64 & 1)) {
			used[i / 64] |= 1ULL << i % 64;
			return i;
		}
	}
	return 0;
}

static void give_back(uint64_t *used, uint32_t i)
{
	used[i / 64] &= ~(1ULL << i % 64);
}

/* Ports. */

struct bridge_port *bridge_find_port(const struct bridge *bridge, const char *name)
{
	struct bridge_port *port;

	HMAP_FOREACH_WITH_HASH(port, node, hash_string(name, 0), &bridge->ports)
		if (!strcmp(port->name, name))
			return port;
	return NULL;
}

static void release_number(struct bridge *bridge, struct bridge_port *port)
{
	if (port->number && port->number <= PORT_NUMBER_MAX)
		give_back(bridge->numbers, port->number);
	port->number = 0;
}

static void release_slot(struct bridge_port *port)
{
	if (port->slot >= PORT_IDS)
		give_back(patches, port->slot - PORT_IDS);
	port->slot = VIEW_NO_SLOT;
}

static void port_free(struct bridge *bridge, struct bridge_port *port)
{
	l2_forget_port(port);
	release_number(bridge, port);
	release_slot(port);
	hmap_del(&bridge->ports, &port->node);
	free(port->name);
	free(port->peer);
	free(port);
}

static struct bridge_port *
declare_port(struct bridge *bridge, const struct bridge_port_config *config)
{
	struct bridge_port *port = bridge_find_port(bridge, config->name);
	struct port *device = config->peer ? NULL : config->port;

	if (!port) {
		port = XNEW(struct bridge_port);
		port->name = xstrdup(config->name);
		port->since_ms = bridge_changes_time();
		hmap_add(&bridge->ports, &port->node, hash_string(config->name, 0));
	}
	port->wanted = true;
	port->requested = config->requested_number == LOCAL_IN_DATABASE ? PORT_LOCAL
									: config->requested_number;
	port->remembered = config->last_number;
	free(port->peer);
	port->peer = config->peer ? xstrdup(config->peer) : NULL;
	if (port->port != device)
		port->since_ms = bridge_changes_time();
	port->port = device;
	return port;
}

static bool has_number(const struct bridge_port *port)
{
	return port->number && port->number != PORT_LOCAL;
}

/* A port that asks for a number gets it unless another holds it; those that hold one keep it. */
static void number_port(struct bridge *bridge, struct bridge_port *port)
{
	uint32_t wish = port->requested;

	if (!wish && !has_number(port))
		wish = port->remembered;

	if (!port->port && !port->peer) {
		release_number(bridge, port);
		return;
	}
	if (wish == PORT_LOCAL) {
		release_number(bridge, port);
		port->number = PORT_LOCAL;
		return;
	}
	bool wish_free =
		wish && wish <= PORT_NUMBER_MAX && !(bridge->numbers[wish / 64] >> wish % 64 & 1);

	if (wish_free) {
		release_number(bridge, port);
		bridge->numbers[wish / 64] |= 1ULL << wish % 64;
		port->number = wish;
	} else if (!has_number(port)) {
		port->number = take_lowest_free(bridge->numbers, 1, PORT_NUMBER_MAX);
	}
}

static void place_port(struct bridge_port *port)
{
	if (port->peer && port->slot < PORT_IDS) {
		uint32_t patch = take_lowest_free(patches, 1, VIEW_PATCHES - 1);

		port->slot = patch ? PORT_IDS + patch : VIEW_NO_SLOT;
	} else if (!port->peer) {
		release_slot(port);
		port->slot = port->port ? port->port->id : VIEW_NO_SLOT;
	}
}

enum turn {
	TURN_ASKING,
	TURN_REMEMBERED,
	TURN_OTHERS,
	N_TURNS
};

static enum turn turn_of(const struct bridge_port *port)
{
	if (port->requested)
		return TURN_ASKING;
	return port->remembered ? TURN_REMEMBERED : TURN_OTHERS;
}

/* In the order of the configuration, but first those that ask, then those that had a number, so that
 * the others take what is left. */
static void number_ports(struct bridge *bridge, const struct bridge_config *config, enum turn turn)
{
	for (unsigned i = 0; i < config->n_lports; i++) {
		const struct bridge_lport_config *lport = &config->lports[i];

		for (unsigned j = 0; j < lport->n_ports; j++) {
			struct bridge_port *port = bridge_find_port(bridge, lport->ports[j].name);

			assert(port);
			if (turn_of(port) != turn)
				continue;
			number_port(bridge, port);
			place_port(port);
		}
	}
}

/* Lports. */

struct lport *bridge_find_lport(const struct bridge *bridge, const char *name)
{
	struct lport *lport;

	HMAP_FOREACH_WITH_HASH(lport, node, hash_string(name, 0), &bridge->lports)
		if (!strcmp(lport->name, name))
			return lport;
	return NULL;
}

struct lport *bridge_lport_of(const struct bridge *bridge, const struct bridge_port *port)
{
	struct lport *lport;

	HMAP_FOREACH(lport, node, &bridge->lports)
		for (unsigned i = 0; i < lport->n_ports; i++)
			if (lport->ports[i] == port)
				return lport;
	return NULL;
}

/* A set of VLANs as views have it: NULL is all of them. */
static uint64_t *vlans_new(const uint64_t vlans[4096 / 64])
{
	bool all = true;

	for (unsigned i = 0; i < 4096 / 64; i++)
		all &= vlans[i] == UINT64_MAX;
	return all ? NULL : memcpy(xmalloc(4096 / 8), vlans, 4096 / 8);
}

static void set_draft(struct lport *lport, const struct bridge_lport_config *config)
{
	struct view_lport *draft = lport->draft;
	bool tunnel = config->vlan_mode == VLAN_MODE_DOT1Q_TUNNEL;

	draft->vlan_mode = config->vlan_mode;
	draft->tag = config->vlan_mode == VLAN_MODE_TRUNK ? 0 : config->tag & 0xfff;
	draft->priority_tags = config->priority_tags;
	draft->private_trunk = config->private_trunk;
	draft->protected_port = config->protected_port;
	l2_set_lport(draft, config);
	draft->qinq_type = be16_from(config->qinq_type ? config->qinq_type : TYPE_8021AD);
	free(draft->trunks);
	free(draft->cvlans);
	draft->cvlans = tunnel ? vlans_new(config->cvlans) : NULL;
	draft->trunks =
		tunnel || config->vlan_mode == VLAN_MODE_ACCESS ? NULL : vlans_new(config->trunks);
}

static void declare_lport(struct bridge *bridge, const struct bridge_lport_config *config)
{
	static uint32_t last_id;
	struct lport *lport = bridge_find_lport(bridge, config->name);

	if (!lport) {
		lport = XNEW(struct lport);
		lport->name = xstrdup(config->name);
		lport->id = ++last_id;
		lport->draft = XNEW(struct view_lport);
		lport->draft->id = lport->id;
		lport->draft->bridge = bridge->index;
		hmap_add(&bridge->lports, &lport->node, hash_string(config->name, 0));
	}
	lport->wanted = true;
	set_draft(lport, config);
	free(lport->ports);
	lport->ports = XNEW_N(struct bridge_port *, config->n_ports + 1);
	lport->n_ports = config->n_ports;
	for (unsigned i = 0; i < config->n_ports; i++)
		lport->ports[i] = declare_port(bridge, &config->ports[i]);
}

static void lport_free(struct bridge *bridge, struct lport *lport)
{
	l2_forget_lport(bridge, lport);
	hmap_del(&bridge->lports, &lport->node);
	view_lport_free(lport->draft);
	free(lport->ports);
	free(lport->name);
	free(lport);
}

/* Bridges. */

struct bridge *bridge_new(const char *name)
{
	uint32_t index = 0;

	while (index < VIEW_BRIDGES && by_index[index])
		index++;
	if (index == VIEW_BRIDGES)
		return NULL;
	struct bridge *bridge = XNEW(struct bridge);

	bridge->name = xstrdup(name);
	bridge->index = index;
	hmap_init(&bridge->ports);
	hmap_init(&bridge->lports);
	bridge->numbers[0] = 1; /* 0 is no number */
	bridge->tables = tables_new();
	bindings_init(bridge);
	bridge->limits = limits_new();
	bridge->groups = groups_new();
	bridge->meters = meters_new();
	l2_start(bridge);
	CDS_INIT_LIST_HEAD(&bridge->timed);
	CDS_INIT_LIST_HEAD(&bridge->conns);
	CDS_INIT_LIST_HEAD(&bridge->snoops);
	CDS_INIT_LIST_HEAD(&bridge->controllers);
	by_index[index] = bridge;
	hmap_add(&bridges, &bridge->node, hash_string(name, 0));
	service_start(bridge);
	return bridge;
}

/* Forgets lports and ports that are no longer wanted; their views have gone before. */
static void sweep(struct bridge *bridge)
{
	struct lport *lport;
	struct bridge_port *port;

	HMAP_FOREACH_SAFE(lport, node, &bridge->lports)
		if (!lport->wanted)
			lport_free(bridge, lport);
	HMAP_FOREACH_SAFE(port, node, &bridge->ports)
		if (!port->wanted)
			port_free(bridge, port);
}

static void unwant(struct bridge *bridge)
{
	struct lport *lport;
	struct bridge_port *port;

	HMAP_FOREACH(lport, node, &bridge->lports)
		lport->wanted = false;
	HMAP_FOREACH(port, node, &bridge->ports)
		port->wanted = false;
}

void bridge_free(struct bridge *bridge)
{
	if (!bridge)
		return;
	service_stop(bridge);
	l2_stop(bridge);
	struct change *change = bridge_changes_begin();

	unwant(bridge);
	bridges_publish(change);
	groups_clear(bridge);
	bridge_drop_rules(bridge, change);
	hmap_del(&bridges, &bridge->node);
	sweep(bridge);
	bridges_publish(change);
	bridge_changes_end();
	/* The keeper must have let go of the rules, translators of the whole. Rules take two turns. */
	for (unsigned i = 0; i < 2; i++) {
		keeper_sync();
		keeper_catch_up();
	}
	by_index[bridge->index] = NULL;
	bridges_publish_gone();
	epoch_wait();
	service_forget(bridge);
	l2_free(bridge);
	tables_free(bridge->tables);
	bindings_fini(bridge);
	limits_free(bridge->limits);
	groups_free(bridge->groups);
	meters_free(bridge->meters);
	view_bridge_free(bridge->view);
	hmap_fini(&bridge->ports);
	hmap_fini(&bridge->lports);
	free(bridge->name);
	free(bridge);
}

static void
apply_settings(struct bridge *bridge, const struct bridge_config *config, struct change *change)
{
	bool begins = service_apply(bridge, config);

	bridge->datapath_id = config->datapath_id;
	if (!bridge->configured || bridge->fail_mode != config->fail_mode) {
		if (bridge->configured)
			bridge_begin_anew(bridge);
		bridge->fail_mode = config->fail_mode;
		bridge->dirty = true;
		begins = true;
	}
	if (begins)
		bridge_add_default_rules(bridge, change);
	bridge->configured = true;
}

void bridge_apply(struct bridge *bridge, const struct bridge_config *config)
{
	struct change *change = bridge_changes_begin();
	struct bridge_port *port;

	apply_settings(bridge, config, change);
	unwant(bridge);
	for (unsigned i = 0; i < config->n_lports; i++)
		declare_lport(bridge, &config->lports[i]);
	/* Numbers of those that leave are free for those that come. */
	HMAP_FOREACH(port, node, &bridge->ports)
		if (!port->wanted)
			release_number(bridge, port);
	for (enum turn turn = 0; turn < N_TURNS; turn++)
		number_ports(bridge, config, turn);
	l2_apply(bridge, config, change);
	bridges_publish(change);
	sweep(bridge);
	bridge_changes_end();
}

uint32_t bridge_port_number(const struct bridge *bridge, const char *port_name)
{
	const struct bridge_port *port = bridge_find_port(bridge, port_name);

	if (!port)
		return 0;
	return port->number == PORT_LOCAL ? LOCAL_IN_DATABASE : port->number;
}

void bridges_forget_ports(struct port *const *ports, unsigned n)
{
	struct change *change;
	struct bridge *bridge;
	struct bridge_port *mine;

	if (!n)
		return;
	change = bridge_changes_begin();
	for (unsigned i = 0; i < n; i++)
		ports[i]->leaves_bridges = true;
	HMAP_FOREACH(bridge, node, &bridges)
		HMAP_FOREACH(mine, node, &bridge->ports)
			if (mine->port && mine->port->leaves_bridges) {
				/* It keeps its number, in case it comes back under its name. */
				mine->port = NULL;
				place_port(mine);
			}
	for (unsigned i = 0; i < n; i++)
		ports[i]->leaves_bridges = false;
	bridges_publish(change);
	bridge_changes_end();
	keeper_sync();
}
