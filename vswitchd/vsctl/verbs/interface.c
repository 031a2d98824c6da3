/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/near.h"
#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/value/datum.h"
#include "vswitchd/vsctl/attr.h"
#include "vswitchd/vsctl/model.h"
#include "vswitchd/vsctl/request.h"
#include "vswitchd/vsctl/verb.h"
#include "vswitchd/vsctl/verbs/names.h"

/* Verbs about interfaces, one by one.  */

static void add_names(void *context, struct db_row *port)
{
	size_t n = attr_count(port, "interfaces");

	for (size_t i = 0; i < n; i++) {
		const struct db_row *interface = attr_ref_at(port, "interfaces", i);

		if (interface)
			names_add(context, attr_string(interface, "name"));
	}
}

static int list_interfaces(struct call *call, struct errbuf *err)
{
	struct names names = {0};
	struct model_bridge bridge;
	int error = model_get_bridge(call->request, call->args[0], &bridge, err);

	if (error)
		return error;
	model_foreach_port(&bridge, add_names, &names);
	names_print(&names, &call->out);
	return 0;
}

static int no_interface(struct db *db, const char *name, struct errbuf *err)
{
	struct near near;

	near_init(&near, name);
	DB_ROW_FOREACH(row, db_find_table(db, "Interface"))
		near_add(&near, attr_string(row, "name"));
	return near_refuse(&near, err, -ENOENT, "no interface named %s", name);
}

static int interface_to_br(struct call *call, struct errbuf *err)
{
	struct model_bridge bridge;

	if (!model_find_interface(call->request, call->args[0], NULL, &bridge))
		return no_interface(call->request->db, call->args[0], err);
	strbuf_addf(&call->out, "%s\n", bridge.name);
	return 0;
}

static int add_bond_interface(struct call *call, struct errbuf *err)
{
	struct request *request = call->request;
	const char *name = call->args[1];
	struct db_row *port, *owner, *interface;
	char what[128];
	int error;

	port = model_get_port(request, call->args[0], NULL, err);
	if (!port)
		return -ENOENT;
	if (call_option(call, "--may-exist") && model_find_interface(request, name, &owner, NULL)) {
		if (owner == port)
			return 0;
		return errbuf_set(
			err,
			-EEXIST,
			"interface %s exists already, but in port %s",
			name,
			attr_string(owner, "name")
		);
	}
	snprintf(what, sizeof(what), "cannot create an interface named %s", name);
	error = model_check_free(request, name, what, err);
	if (error)
		return error;
	interface = request_insert(request, "Interface", NULL);
	attr_set(request, interface, "name", datum_new_string(name));
	attr_add_ref(request, port, "interfaces", interface);
	return 0;
}

static int del_bond_interface(struct call *call, struct errbuf *err)
{
	struct request *request = call->request;
	const char *name = call->args[call->n_args - 1];
	struct db_row *port = NULL, *owner = NULL, *interface;

	if (call->n_args == 2) {
		port = model_get_port(request, call->args[0], NULL, err);
		if (!port)
			return -ENOENT;
	}
	interface = model_find_interface(request, name, &owner, NULL);
	if (!interface)
		return call_option(call, "--if-exists") ? 0 : no_interface(request->db, name, err);
	if (port && owner != port)
		return errbuf_set(
			err, -ENOENT, "port %s does not have an interface %s", call->args[0], name
		);
	if (attr_count(owner, "interfaces") == 1)
		return errbuf_set(
			err,
			-EINVAL,
			"cannot delete last interface from port %s",
			attr_string(owner, "name")
		);
	attr_del_ref(request, owner, "interfaces", interface);
	request_delete(request, interface);
	return 0;
}

static const struct verb verb_list_interfaces = {
	.name = "list-ifaces",
	.group = "Bonds and interfaces",
	.usage = "BRIDGE",
	.takes = "bridge",
	.min_args = 1,
	.max_args = 1,
	.run = list_interfaces,
	.help = "print the names of the bridge's interfaces",
};
REGISTRY_ADD(verb, verb_list_interfaces);

static const struct verb verb_interface_to_br = {
	.name = "iface-to-br",
	.group = "Bonds and interfaces",
	.usage = "INTERFACE",
	.takes = "interface",
	.min_args = 1,
	.max_args = 1,
	.run = interface_to_br,
	.help = "print the name of the bridge that has the interface",
};
REGISTRY_ADD(verb, verb_interface_to_br);

static const struct verb verb_add_bond_interface = {
	.name = "add-bond-iface",
	.group = "Bonds and interfaces",
	.usage = "PORT INTERFACE",
	.options = "--may-exist",
	.takes = "port new",
	.min_args = 2,
	.max_args = 2,
	.run = add_bond_interface,
	.help = "add an interface to a bond",
};
REGISTRY_ADD(verb, verb_add_bond_interface);

static const struct verb verb_del_bond_interface = {
	.name = "del-bond-iface",
	.group = "Bonds and interfaces",
	.usage = "[PORT] INTERFACE",
	.options = "--if-exists",
	.takes = "port interface",
	.min_args = 1,
	.max_args = 2,
	.run = del_bond_interface,
	.help = "take an interface out of its bond",
};
REGISTRY_ADD(verb, verb_del_bond_interface);
