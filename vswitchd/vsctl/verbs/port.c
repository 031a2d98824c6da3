/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/schema/schema.h"
#include "lib/ovsdb/value/datum.h"
#include "lib/xmalloc.h"
#include "vswitchd/vsctl/assignment.h"
#include "vswitchd/vsctl/attr.h"
#include "vswitchd/vsctl/model.h"
#include "vswitchd/vsctl/request.h"
#include "vswitchd/vsctl/verb.h"
#include "vswitchd/vsctl/verbs/names.h"

/* Verbs about ports and bonds.  */

static void add_port_name(void *context, struct db_row *port)
{
	names_add(context, attr_string(port, "name"));
}

static int list_ports(struct call *call, struct errbuf *err)
{
	struct names names = {0};
	struct model_bridge bridge;
	int error = model_get_bridge(call->request, call->args[0], &bridge, err);

	if (error)
		return error;
	model_foreach_port(&bridge, add_port_name, &names);
	names_print(&names, &call->out);
	return 0;
}

/* A port to be made: its interfaces and what is to be set in it. */
struct wanted {
	const char *bridge, *name;
	const char *const *interfaces;
	int n_interfaces;
	const char *const *settings;
	int n_settings;
};

static bool has_interfaces(const struct db_row *port, const struct wanted *wanted)
{
	if (attr_count(port, "interfaces") != (size_t)wanted->n_interfaces)
		return false;
	for (int i = 0; i < wanted->n_interfaces; i++) {
		bool found = false;

		for (int k = 0; k < wanted->n_interfaces; k++) {
			const struct db_row *row = attr_ref_at(port, "interfaces", (size_t)k);

			found |= row && !strcmp(attr_string(row, "name"), wanted->interfaces[i]);
		}
		if (!found)
			return false;
	}
	return true;
}

/* "e0 e1" */
static void list_interfaces(const struct db_row *port, struct strbuf *out)
{
	struct names names = {0};
	size_t begin = out->length;

	for (size_t i = 0; i < attr_count(port, "interfaces"); i++) {
		const struct db_row *row = attr_ref_at(port, "interfaces", i);

		if (row)
			names_add(&names, attr_string(row, "name"));
	}
	names_print(&names, out);
	strbuf_chomp(out, '\n');
	for (size_t i = begin; i < out->length; i++)
		if (out->text[i] == '\n')
			out->text[i] = ' ';
}

static int check_existing(
	const struct wanted *wanted,
	const struct db_row *port,
	const char *bridge,
	struct errbuf *err
)
{
	struct strbuf names = STRBUF_INIT;

	if (strcmp(bridge, wanted->bridge))
		return errbuf_set(
			err,
			-EEXIST,
			"port %s exists already, but on bridge %s",
			wanted->name,
			bridge
		);
	if (has_interfaces(port, wanted))
		return 0;
	list_interfaces(port, &names);
	errbuf_set(
		err,
		-EEXIST,
		"port %s exists already, but it has interface(s) %s",
		wanted->name,
		strbuf_text(&names)
	);
	strbuf_fini(&names);
	return -EEXIST;
}

static struct db_row *add_interface(struct request *request, const char *name)
{
	struct db_row *interface = request_insert(request, "Interface", NULL);

	attr_set(request, interface, "name", datum_new_string(name));
	return interface;
}

static int check_names(struct request *request, const struct wanted *wanted, struct errbuf *err)
{
	char what[128];
	int error;

	if (!*wanted->name)
		return errbuf_set(err, -EINVAL, "port name must not be empty string");
	snprintf(what, sizeof(what), "cannot create a port named %s", wanted->name);
	error = model_check_free(request, wanted->name, what, err);
	for (int i = 0; i < wanted->n_interfaces && !error; i++) {
		if (!strcmp(wanted->interfaces[i], wanted->name))
			continue;
		snprintf(
			what,
			sizeof(what),
			"cannot create an interface named %s",
			wanted->interfaces[i]
		);
		error = model_check_free(request, wanted->interfaces[i], what, err);
	}
	return error;
}

/* What people first try to set is the interface's type. */
static int
apply_setting(struct request *request, struct db_row *port, const char *text, struct errbuf *err)
{
	const struct db_table *interfaces = db_find_table(request->db, "Interface");
	int error = assignment_apply(request, port, text, err);
	char *column = xstrndup(text, strcspn(text, ":="));

	if (error && !schema_find_column(db_table_schema(db_row_table(port)), column) &&
	    schema_find_column(db_table_schema(interfaces), column))
		errbuf_set(
			err,
			error,
			"Port does not contain a column whose name matches \"%s\", but Interface "
			"does: -- set Interface %s %s",
			column,
			attr_string(port, "name"),
			text
		);
	free(column);
	return error;
}

static int make_port(struct call *call, const struct wanted *wanted, struct errbuf *err)
{
	struct request *request = call->request;
	struct model_bridge bridge, owner;
	struct uuid *uuids;
	struct db_row *port;
	int error = model_get_bridge(request, wanted->bridge, &bridge, err);

	if (error)
		return error;
	port = model_find_port(request, wanted->name, &owner);
	if (port && call_option(call, "--may-exist"))
		return check_existing(wanted, port, owner.name, err);
	error = check_names(request, wanted, err);
	if (error)
		return error;
	uuids = XNEW_N(struct uuid, (size_t)wanted->n_interfaces);
	for (int i = 0; i < wanted->n_interfaces; i++)
		uuids[i] = *db_row_uuid(add_interface(request, wanted->interfaces[i]));
	port = request_insert(request, "Port", NULL);
	attr_set(request, port, "name", datum_new_string(wanted->name));
	attr_set(
		request, port, "interfaces", datum_new_uuid_set(uuids, (size_t)wanted->n_interfaces)
	);
	free(uuids);
	if (call_option(call, "--fake-iface"))
		attr_set(request, port, "bond_fake_iface", datum_new_boolean(true));
	if (bridge.port)
		attr_set(request, port, "tag", datum_new_integer(bridge.vlan));
	for (int i = 0; i < wanted->n_settings && !error; i++)
		error = apply_setting(request, port, wanted->settings[i], err);
	if (!error)
		attr_add_ref(request, bridge.row, "ports", port);
	return error;
}

static int add_port(struct call *call, struct errbuf *err)
{
	struct wanted wanted = {
		.bridge = call->args[0],
		.name = call->args[1],
		.interfaces = &call->args[1],
		.n_interfaces = 1,
		.settings = call->args + 2,
		.n_settings = call->n_args - 2,
	};

	return make_port(call, &wanted, err);
}

static int add_bond(struct call *call, struct errbuf *err)
{
	struct wanted wanted = {
		.bridge = call->args[0],
		.name = call->args[1],
		.interfaces = call->args + 2,
	};
	int n = call->n_args - 2;

	while (wanted.n_interfaces < n && !strchr(wanted.interfaces[wanted.n_interfaces], '='))
		wanted.n_interfaces++;
	if (wanted.n_interfaces < 2)
		return errbuf_set(err, -EINVAL, "a bond needs at least two interfaces");
	wanted.settings = wanted.interfaces + wanted.n_interfaces;
	wanted.n_settings = n - wanted.n_interfaces;
	return make_port(call, &wanted, err);
}

/* The bridge named on the command line does not have the port: say where it is. */
static int check_bridge(
	const struct db_row *port,
	const struct model_bridge *owner,
	const struct model_bridge *bridge,
	struct errbuf *err
)
{
	const char *name = attr_string(port, "name");

	if (!strcmp(owner->name, bridge->name))
		return 0;
	if (owner->row != bridge->row)
		return errbuf_set(
			err,
			-ENOENT,
			"bridge %s does not have a port %s (it is on bridge %s)",
			bridge->name,
			name,
			owner->name
		);
	if (owner->port)
		return errbuf_set(
			err,
			-ENOENT,
			"bridge %s does not have a port %s (although its child bridge %s does)",
			bridge->name,
			name,
			owner->name
		);
	return errbuf_set(
		err,
		-ENOENT,
		"bridge %s does not have a port %s (although its parent bridge %s does)",
		bridge->name,
		name,
		owner->name
	);
}

static int del_port(struct call *call, struct errbuf *err)
{
	struct request *request = call->request;
	const char *name = call->args[call->n_args - 1];
	bool if_exists = call_option(call, "--if-exists");
	struct model_bridge bridge, owner;
	struct db_row *port;
	int error = 0;

	if (call->n_args == 2)
		error = model_get_bridge(request, call->args[0], &bridge, err);
	if (error)
		return error;
	if (model_find_bridge(request, name, &owner))
		return errbuf_set(
			err,
			-EINVAL,
			"cannot delete port %s because it is the local port for bridge %s "
			"(deleting this port requires deleting the entire bridge)",
			name,
			name
		);
	port = model_find_port(request, name, &owner);
	if (!port && call_option(call, "--with-iface"))
		model_find_interface(request, name, &port, &owner);
	if (!port && if_exists)
		return 0;
	if (!port) {
		model_get_port(request, name, NULL, err);
		return -ENOENT;
	}
	if (call->n_args == 2)
		error = check_bridge(port, &owner, &bridge, err);
	if (!error)
		model_del_port(request, owner.row, port);
	return error;
}

static int port_to_br(struct call *call, struct errbuf *err)
{
	struct model_bridge bridge;

	if (!model_get_port(call->request, call->args[0], &bridge, err))
		return -ENOENT;
	strbuf_addf(&call->out, "%s\n", bridge.name);
	return 0;
}

static const struct verb verb_list_ports = {
	.name = "list-ports",
	.group = "Ports",
	.usage = "BRIDGE",
	.takes = "bridge",
	.min_args = 1,
	.max_args = 1,
	.run = list_ports,
	.help = "print the names of the bridge's ports",
};
REGISTRY_ADD(verb, verb_list_ports);

static const struct verb verb_add_port = {
	.name = "add-port",
	.group = "Ports",
	.usage = "BRIDGE PORT [COLUMN[:KEY]=VALUE]...",
	.options = "--may-exist",
	.takes = "bridge new port-column",
	.min_args = 2,
	.max_args = VERB_ANY,
	.run = add_port,
	.help = "add a port with one interface of the same name",
};
REGISTRY_ADD(verb, verb_add_port);

static const struct verb verb_add_bond = {
	.name = "add-bond",
	.group = "Bonds and interfaces",
	.usage = "BRIDGE PORT INTERFACE... [COLUMN[:KEY]=VALUE]...",
	.options = "--may-exist --fake-iface",
	.takes = "bridge new port-column",
	.min_args = 4,
	.max_args = VERB_ANY,
	.run = add_bond,
	.help = "add a port that is a bond of interfaces",
};
REGISTRY_ADD(verb, verb_add_bond);

static const struct verb verb_del_port = {
	.name = "del-port",
	.group = "Ports",
	.usage = "[BRIDGE] PORT",
	.options = "--if-exists --with-iface",
	.takes = "port port",
	.min_args = 1,
	.max_args = 2,
	.run = del_port,
	.help = "delete a port with its interfaces",
};
REGISTRY_ADD(verb, verb_del_port);

static const struct verb verb_port_to_br = {
	.name = "port-to-br",
	.group = "Ports",
	.usage = "PORT",
	.takes = "port",
	.min_args = 1,
	.max_args = 1,
	.run = port_to_br,
	.help = "print the name of the bridge that has the port",
};
REGISTRY_ADD(verb, verb_port_to_br);
