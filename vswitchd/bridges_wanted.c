/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/bridges_wanted.h"

#include <stdlib.h>
#include <string.h>

#include "lib/hash.h"
#include "lib/hmap.h"
#include "lib/ovsdb/db_row.h"
#include "lib/xmalloc.h"
#include "vswitchd/l2/l2_wanted.h"
#include "vswitchd/l2/lports_wanted.h"
#include "vswitchd/l2/mac_wanted.h"
#include "vswitchd/remote/controllers_wanted.h"
#include "vswitchd/remote/flow_tables_wanted.h"
#include "vswitchd/rows.h"
#include "vswitchd/switch_ports.h"

/* A bridge that exists, so that it can be freed when its row is gone. */
struct known_bridge {
	struct hmap_node node;
	char *name;
	bool wanted;
};
static struct hmap known_bridges = HMAP_INIT(&known_bridges);

/* Calls 'visit' for each interface of each port of the bridge. */
typedef void interface_fn(const struct db_row *port, const struct db_row *interface, void *context);

static void foreach_interface(const struct db_row *bridge, interface_fn *visit, void *context)
{
	for (size_t i = 0; i < db_row_count(bridge, BRIDGE_PORTS); i++) {
		struct db_row *port = db_row_ref_at(bridge, BRIDGE_PORTS, i);

		for (size_t j = 0; j < db_row_count(port, PORT_INTERFACES); j++)
			visit(port, db_row_ref_at(port, PORT_INTERFACES, j), context);
	}
}

static void want(const struct db_row *port, const struct db_row *interface, void *context)
{
	switch_ports_want(interface, port, context);
}

void bridges_wanted_ports(const struct db_row *bridge_row)
{
	foreach_interface(bridge_row, want, (void *)bridge_row);
}

static void count(const struct db_row *port, const struct db_row *interface, void *context)
{
	++*(size_t *)context;
}

static struct known_bridge *find_known(const char *name)
{
	struct known_bridge *known;

	HMAP_FOREACH_WITH_HASH(known, node, hash_string(name, 0), &known_bridges)
		if (!strcmp(known->name, name))
			return known;
	return NULL;
}

static void want_bridge(const char *name)
{
	struct known_bridge *known = find_known(name);

	if (!known) {
		known = XNEW(struct known_bridge);
		known->name = xstrdup(name);
		hmap_add(&known_bridges, &known->node, hash_string(name, 0));
	}
	known->wanted = true;
}

static enum spanning_mode spanning_mode(const struct bridge_row *bridge)
{
	if (bridge->rstp_enable)
		return SPANNING_RSTP;
	return bridge->stp_enable ? SPANNING_STP : SPANNING_NONE;
}

void bridges_wanted_apply(const struct db_row *bridge_row)
{
	struct bridge_row row;

	bridge_row_read(&row, bridge_row);

	struct bridge *bridge = bridge_find(row.name);
	json_t *other_config = db_row_map_json(bridge_row, BRIDGE_OTHER_CONFIG);
	size_t n_interfaces = 0;

	foreach_interface(bridge_row, count, &n_interfaces);
	struct bridge_lport_config *lports =
		XNEW_N(struct bridge_lport_config, db_row_count(bridge_row, BRIDGE_PORTS));
	struct bridge_port_config *ports = XNEW_N(struct bridge_port_config, n_interfaces);
	struct bridge_config config = {
		.name = row.name,
		.datapath_id = mac_wanted_datapath_id(bridge_row),
		.fail_mode = row.fail_mode && !strcmp(row.fail_mode, "secure") ? BRIDGE_SECURE
									       : BRIDGE_STANDALONE,
		.lports = lports,
		.n_lports = lports_wanted_read(bridge_row, lports, ports),
		.other_config = other_config,
		.spanning = spanning_mode(&row),
	};

	controllers_wanted_read(bridge_row, &config);
	flow_tables_wanted_read(bridge_row, &config);
	l2_wanted_read(bridge_row, &config);
	if (!bridge)
		bridge = bridge_new(row.name);
	/* There may be too many. */
	if (bridge) {
		want_bridge(row.name);
		bridge_apply(bridge, &config);
	}
	free((void *)config.controllers);
	free((void *)config.tables);
	l2_wanted_release(&config);
	lports_wanted_release(lports, config.n_lports);
	free(lports);
	free(ports);
	json_decref(other_config);
}

void bridges_wanted_end(void)
{
	struct known_bridge *known;

	HMAP_FOREACH_SAFE(known, node, &known_bridges) {
		if (known->wanted) {
			known->wanted = false;
			continue;
		}
		bridge_free(bridge_find(known->name));
		hmap_del(&known_bridges, &known->node);
		free(known->name);
		free(known);
	}
}
