/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/vsctl/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/errbuf.h"
#include "lib/near.h"
#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_row.h"
#include "lib/xmalloc.h"
#include "vswitchd/vsctl/attr.h"
#include "vswitchd/vsctl/request.h"

enum {
	N_VLANS = 4096,
};

static struct db_row *find_named(struct request *request, const char *table, const char *name)
{
	return request_find(request, db_find_table(request->db, table), name);
}

/* The row of 'table' whose set 'column' has 'target'. */
static struct db_row *find_owner(
	struct request *request, const char *table, const char *column, const struct db_row *target
)
{
	DB_ROW_FOREACH(row, db_find_table(request->db, table))
		if (attr_refers(row, column, target))
			return row;
	return NULL;
}

static int port_vlan(const struct db_row *port)
{
	return attr_count(port, "tag") == 1 ? (int)attr_integer(port, "tag") : -1;
}

bool model_is_fake(const struct db_row *port)
{
	return attr_boolean(port, "fake_bridge") && port_vlan(port) >= 0;
}

bool model_find_bridge(struct request *request, const char *name, struct model_bridge *bridge)
{
	*bridge = (struct model_bridge){.row = find_named(request, "Bridge", name)};
	if (!bridge->row) {
		bridge->port = find_named(request, "Port", name);
		if (!bridge->port || !model_is_fake(bridge->port))
			return false;
		bridge->row = find_owner(request, "Bridge", "ports", bridge->port);
		bridge->vlan = port_vlan(bridge->port);
	}
	if (!bridge->row)
		return false;
	bridge->name = attr_string(bridge->port ? bridge->port : bridge->row, "name");
	return true;
}

int model_get_bridge(
	struct request *request, const char *name, struct model_bridge *bridge, struct errbuf *err
)
{
	struct near near;

	if (model_find_bridge(request, name, bridge))
		return 0;
	near_init(&near, name);
	DB_ROW_FOREACH(row, db_find_table(request->db, "Bridge"))
		near_add(&near, attr_string(row, "name"));
	return near_refuse(&near, err, -ENOENT, "no bridge named %s", name);
}

int model_get_real_bridge(
	struct request *request, const char *name, struct db_row **row, struct errbuf *err
)
{
	struct model_bridge bridge;
	int error = model_get_bridge(request, name, &bridge, err);

	if (error)
		return error;
	if (bridge.port)
		return errbuf_set(err, -EINVAL, "%s is a fake bridge", name);
	*row = bridge.row;
	return 0;
}

struct db_row *model_find_child(const struct db_row *parent, int vlan)
{
	size_t n = attr_count(parent, "ports");

	for (size_t i = 0; i < n; i++) {
		struct db_row *port = attr_ref_at(parent, "ports", i);

		if (port && model_is_fake(port) && port_vlan(port) == vlan)
			return port;
	}
	return NULL;
}

static bool is_local(const struct db_row *bridge, const struct db_row *port)
{
	return !strcmp(attr_string(bridge, "name"), attr_string(port, "name"));
}

/* The bridge, real or fake, that a port of the real bridge 'row' counts as being in. */
static struct model_bridge owner_of(struct db_row *row, const struct db_row *port)
{
	struct model_bridge bridge = {.row = row};
	int vlan = port_vlan(port);

	if (vlan >= 0)
		bridge.port = model_find_child(row, vlan);
	bridge.vlan = bridge.port ? vlan : 0;
	bridge.name = attr_string(bridge.port ? bridge.port : row, "name");
	return bridge;
}

bool model_port_is_in(const struct db_row *port, const struct model_bridge *bridge)
{
	if (!attr_refers(bridge->row, "ports", port))
		return false;
	return owner_of(bridge->row, port).port == bridge->port;
}

struct db_row *
model_find_port(struct request *request, const char *name, struct model_bridge *bridge)
{
	struct db_row *port = find_named(request, "Port", name);
	struct db_row *row = port ? find_owner(request, "Bridge", "ports", port) : NULL;

	if (!row || is_local(row, port) || model_is_fake(port))
		return NULL;
	if (bridge)
		*bridge = owner_of(row, port);
	return port;
}

struct db_row *model_get_port(
	struct request *request, const char *name, struct model_bridge *bridge, struct errbuf *err
)
{
	struct db_row *port = model_find_port(request, name, bridge);
	struct near near;

	if (port)
		return port;
	near_init(&near, name);
	DB_ROW_FOREACH(row, db_find_table(request->db, "Port"))
		near_add(&near, attr_string(row, "name"));
	near_refuse(&near, err, -ENOENT, "no port named %s", name);
	return NULL;
}

struct db_row *model_find_interface(
	struct request *request, const char *name, struct db_row **port, struct model_bridge *bridge
)
{
	struct db_row *interface = find_named(request, "Interface", name);
	struct db_row *owner =
		interface ? find_owner(request, "Port", "interfaces", interface) : NULL;

	if (!owner)
		return NULL;
	owner = model_find_port(request, attr_string(owner, "name"), bridge);
	if (!owner)
		return NULL;
	if (port)
		*port = owner;
	return interface;
}

/* Which VLANs of a real bridge are fake bridges. */
static void find_fake_vlans(const struct db_row *bridge, bool fake[N_VLANS])
{
	size_t n = attr_count(bridge, "ports");

	for (size_t i = 0; i < n; i++) {
		struct db_row *port = attr_ref_at(bridge, "ports", i);

		if (port && model_is_fake(port))
			fake[port_vlan(port)] = true;
	}
}

void model_foreach_port(
	const struct model_bridge *bridge,
	void (*add)(void *context, struct db_row *port),
	void *context
)
{
	size_t n = attr_count(bridge->row, "ports");
	bool fake[N_VLANS] = {false};

	find_fake_vlans(bridge->row, fake);
	for (size_t i = 0; i < n; i++) {
		struct db_row *port = attr_ref_at(bridge->row, "ports", i);
		int vlan;

		if (!port || is_local(bridge->row, port) || model_is_fake(port))
			continue;
		vlan = port_vlan(port);
		if (bridge->port ? vlan == bridge->vlan : vlan < 0 || !fake[vlan])
			add(context, port);
	}
}

int model_check_free(
	struct request *request, const char *name, const char *what, struct errbuf *err
)
{
	struct model_bridge bridge;

	if (model_find_bridge(request, name, &bridge))
		return errbuf_set(
			err, -EEXIST, "%s because a bridge named %s already exists", what, name
		);
	if (model_find_port(request, name, &bridge))
		return errbuf_set(
			err,
			-EEXIST,
			"%s because a port named %s already exists on bridge %s",
			what,
			name,
			bridge.name
		);
	if (model_find_interface(request, name, NULL, &bridge))
		return errbuf_set(
			err,
			-EEXIST,
			"%s because an interface named %s already exists on bridge %s",
			what,
			name,
			bridge.name
		);
	return 0;
}

static void del_port_row(struct request *request, struct db_row *port)
{
	size_t n = attr_count(port, "interfaces");
	struct db_row **interfaces = XNEW_N(struct db_row *, n + 1);

	for (size_t i = 0; i < n; i++)
		interfaces[i] = attr_ref_at(port, "interfaces", i);
	for (size_t i = 0; i < n; i++)
		if (interfaces[i])
			request_delete(request, interfaces[i]);
	free(interfaces);
	request_delete(request, port);
}

void model_del_port(struct request *request, struct db_row *bridge, struct db_row *port)
{
	attr_del_ref(request, bridge, "ports", port);
	del_port_row(request, port);
}

struct ports {
	struct db_row **rows;
	size_t n;
};

static void note_port(void *context, struct db_row *port)
{
	struct ports *ports = context;

	ports->rows[ports->n++] = port;
}

static void del_fake_bridge(struct request *request, const struct model_bridge *bridge)
{
	struct ports ports = {
		.rows = XNEW_N(struct db_row *, attr_count(bridge->row, "ports") + 1),
	};

	model_foreach_port(bridge, note_port, &ports);
	for (size_t i = 0; i < ports.n; i++)
		model_del_port(request, bridge->row, ports.rows[i]);
	model_del_port(request, bridge->row, bridge->port);
	free(ports.rows);
}

/* Sets of collectors refer to their bridge and would keep it. */
static void del_collectors(struct request *request, const struct db_row *bridge)
{
	struct db_table *table = db_find_table(request->db, "Flow_Sample_Collector_Set");
	struct db_row *next;

	for (struct db_row *row = db_table_first(table); row; row = next) {
		next = db_table_next(table, row);
		if (attr_ref_at(row, "bridge", 0) == bridge)
			request_delete(request, row);
	}
}

void model_del_bridge(struct request *request, const struct model_bridge *bridge)
{
	struct db_row *row = bridge->row;
	size_t n = attr_count(row, "ports");
	struct ports ports = {0};

	if (bridge->port) {
		del_fake_bridge(request, bridge);
		return;
	}
	ports.rows = XNEW_N(struct db_row *, n + 1);
	for (size_t i = 0; i < n; i++) {
		struct db_row *port = attr_ref_at(row, "ports", i);

		if (port)
			note_port(&ports, port);
	}
	attr_del_ref(request, request_root(request), "bridges", row);
	del_collectors(request, row);
	request_delete(request, row);
	for (size_t i = 0; i < ports.n; i++)
		del_port_row(request, ports.rows[i]);
	free(ports.rows);
}
