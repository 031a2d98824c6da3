/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ovsdb/db.h"
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/value/datum.h"
#include "vswitchd/vsctl/attr.h"
#include "vswitchd/vsctl/model.h"
#include "vswitchd/vsctl/request.h"
#include "vswitchd/vsctl/verb.h"
#include "vswitchd/vsctl/verbs/names.h"

/* Verbs about bridges.  */

enum {
	EXIT_NO_BRIDGE = 2,
};

/* The call as the user typed it, for sentences about it. */
static void quote_call(const struct call *call, char *text, size_t size)
{
	struct strbuf quoted = STRBUF_INIT;

	for (int i = 0; i < call->n_options; i++)
		strbuf_addf(&quoted, "%.*s ", (int)call->options[i].length, call->options[i].name);
	strbuf_add(&quoted, call->verb->name);
	for (int i = 0; i < call->n_args; i++)
		strbuf_addf(&quoted, " %s", call->args[i]);
	snprintf(text, size, "%s", strbuf_text(&quoted));
	strbuf_fini(&quoted);
}

static int check_existing(
	const struct call *call,
	const struct model_bridge *bridge,
	const char *parent,
	int vlan,
	struct errbuf *err
)
{
	char quoted[80];

	quote_call(call, quoted, sizeof(quoted));
	if (!parent)
		return bridge->port ? errbuf_set(
					      err,
					      -EEXIST,
					      "\"%s\" but %s is a VLAN bridge for VLAN %d",
					      quoted,
					      bridge->name,
					      bridge->vlan
				      )
				    : 0;
	if (!bridge->port)
		return errbuf_set(
			err, -EEXIST, "\"%s\" but %s is not a VLAN bridge", quoted, bridge->name
		);
	if (strcmp(attr_string(bridge->row, "name"), parent))
		return errbuf_set(
			err,
			-EEXIST,
			"\"%s\" but %s has the wrong parent %s",
			quoted,
			bridge->name,
			attr_string(bridge->row, "name")
		);
	if (bridge->vlan != vlan)
		return errbuf_set(
			err,
			-EEXIST,
			"\"%s\" but %s is a VLAN bridge for the wrong VLAN %d",
			quoted,
			bridge->name,
			bridge->vlan
		);
	return 0;
}

/* A port of one internal interface, both called 'name'. */
static struct db_row *add_local_port(struct request *request, const char *name)
{
	struct db_row *interface = request_insert(request, "Interface", NULL);
	struct db_row *port = request_insert(request, "Port", NULL);

	attr_set(request, interface, "name", datum_new_string(name));
	attr_set(request, interface, "type", datum_new_string("internal"));
	attr_set(request, port, "name", datum_new_string(name));
	attr_set(request, port, "interfaces", datum_new_uuid(db_row_uuid(interface)));
	return port;
}

static void add_real_bridge(struct request *request, const char *name)
{
	struct db_row *port = add_local_port(request, name);
	struct db_row *bridge = request_insert(request, "Bridge", NULL);

	attr_set(request, bridge, "name", datum_new_string(name));
	attr_set(request, bridge, "ports", datum_new_uuid(db_row_uuid(port)));
	attr_add_ref(request, request_root(request), "bridges", bridge);
}

static int add_fake_bridge(
	struct request *request, const char *name, const char *parent, int vlan, struct errbuf *err
)
{
	struct model_bridge bridge;
	struct db_row *port;
	int error = model_get_bridge(request, parent, &bridge, err);

	if (error)
		return error;
	if (bridge.port)
		return errbuf_set(err, -EINVAL, "cannot create bridge with fake bridge as parent");
	port = model_find_child(bridge.row, vlan);
	if (port)
		return errbuf_set(
			err,
			-EEXIST,
			"bridge %s already has a child VLAN bridge %s on VLAN %d",
			parent,
			attr_string(port, "name"),
			vlan
		);
	port = add_local_port(request, name);
	attr_set(request, port, "fake_bridge", datum_new_boolean(true));
	attr_set(request, port, "tag", datum_new_integer(vlan));
	attr_add_ref(request, bridge.row, "ports", port);
	return 0;
}

static int check_name(const char *name, struct errbuf *err)
{
	if (!*name)
		return errbuf_set(err, -EINVAL, "bridge name must not be empty string");
	if (strchr(name, '/'))
		return errbuf_set(err, -EINVAL, "bridge name \"%s\" must not contain '/'", name);
	return 0;
}

static int parse_vlan(const char *text, int *vlan, struct errbuf *err)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (end == text || *end || value < 0 || value > 4095)
		return errbuf_set(
			err, -EINVAL, "%s: the VLAN must be a number between 0 and 4095", text
		);
	*vlan = (int)value;
	return 0;
}

static int add_br(struct call *call, struct errbuf *err)
{
	struct request *request = call->request;
	const char *name = call->args[0], *parent = NULL;
	struct model_bridge bridge;
	char what[128];
	int vlan = 0, error = check_name(name, err);

	if (!error && call->n_args == 2)
		return errbuf_set(err, -EINVAL, "'add-br' command takes exactly 1 or 3 arguments");
	if (!error && call->n_args == 3) {
		parent = call->args[1];
		error = parse_vlan(call->args[2], &vlan, err);
	}
	if (error)
		return error;
	if (call_option(call, "--may-exist") && model_find_bridge(request, name, &bridge))
		return check_existing(call, &bridge, parent, vlan, err);
	snprintf(what, sizeof(what), "cannot create a bridge named %s", name);
	error = model_check_free(request, name, what, err);
	if (error)
		return error;
	if (parent)
		return add_fake_bridge(request, name, parent, vlan, err);
	add_real_bridge(request, name);
	return 0;
}

static int del_br(struct call *call, struct errbuf *err)
{
	struct model_bridge bridge;

	if (call_option(call, "--if-exists") &&
	    !model_find_bridge(call->request, call->args[0], &bridge))
		return 0;
	if (model_get_bridge(call->request, call->args[0], &bridge, err))
		return -ENOENT;
	model_del_bridge(call->request, &bridge);
	return 0;
}

static void add_fake_names(const struct db_row *bridge, struct names *names)
{
	size_t n = attr_count(bridge, "ports");

	for (size_t i = 0; i < n; i++) {
		const struct db_row *port = attr_ref_at(bridge, "ports", i);

		if (port && model_is_fake(port))
			names_add(names, attr_string(port, "name"));
	}
}

static int list_br(struct call *call, struct errbuf *err)
{
	bool real = call_option(call, "--real"), fake = call_option(call, "--fake");
	struct names names = {0};

	DB_ROW_FOREACH(bridge, db_find_table(call->request->db, "Bridge")) {
		if (real || !fake)
			names_add(&names, attr_string(bridge, "name"));
		if (fake || !real)
			add_fake_names(bridge, &names);
	}
	names_print(&names, &call->out);
	return 0;
}

static int br_exists(struct call *call, struct errbuf *err)
{
	struct model_bridge bridge;

	if (model_find_bridge(call->request, call->args[0], &bridge))
		return 0;
	call->request->exit_status = EXIT_NO_BRIDGE;
	return -ECANCELED;
}

static int br_to_vlan(struct call *call, struct errbuf *err)
{
	struct model_bridge bridge;
	int error = model_get_bridge(call->request, call->args[0], &bridge, err);

	if (!error)
		strbuf_addf(&call->out, "%d\n", bridge.vlan);
	return error;
}

static int br_to_parent(struct call *call, struct errbuf *err)
{
	struct model_bridge bridge;
	int error = model_get_bridge(call->request, call->args[0], &bridge, err);

	if (!error)
		strbuf_addf(&call->out, "%s\n", attr_string(bridge.row, "name"));
	return error;
}

/* Fake bridges keep theirs in their port, under longer names. */
static const char fake_prefix[] = "fake-bridge-";

static int br_set_external_id(struct call *call, struct errbuf *err)
{
	const char *value = call->n_args > 2 ? call->args[2] : NULL;
	struct model_bridge bridge;
	char key[256];
	int error = model_get_bridge(call->request, call->args[0], &bridge, err);

	if (error)
		return error;
	if (!bridge.port) {
		attr_set_key(call->request, bridge.row, "external_ids", call->args[1], value);
		return 0;
	}
	if ((size_t)snprintf(key, sizeof(key), "%s%s", fake_prefix, call->args[1]) >= sizeof(key))
		return errbuf_set(err, -EINVAL, "the key is longer than 240 bytes");
	attr_set_key(call->request, bridge.port, "external_ids", key, value);
	return 0;
}

static int br_get_external_id(struct call *call, struct errbuf *err)
{
	const char *wanted = call->n_args > 1 ? call->args[1] : NULL;
	struct model_bridge bridge;
	const struct db_row *row;
	size_t skip;
	json_t *map, *value;
	const char *key;
	int error = model_get_bridge(call->request, call->args[0], &bridge, err);

	if (error)
		return error;
	row = bridge.port ? bridge.port : bridge.row;
	skip = bridge.port ? strlen(fake_prefix) : 0;
	map = db_row_map_json(row, attr_index(db_row_table(row), "external_ids"));
	json_object_foreach(map, key, value) {
		if (strncmp(key, fake_prefix, skip))
			continue;
		if (!wanted)
			strbuf_addf(&call->out, "%s=%s\n", key + skip, json_string_value(value));
		else if (!strcmp(key + skip, wanted))
			strbuf_addf(&call->out, "%s\n", json_string_value(value));
	}
	json_decref(map);
	return 0;
}

static const struct verb verb_add_br = {
	.name = "add-br",
	.group = "Bridges",
	.usage = "BRIDGE [PARENT VLAN]",
	.options = "--may-exist",
	.takes = "new bridge",
	.min_args = 1,
	.max_args = 3,
	.run = add_br,
	.help = "add a bridge, or a fake one for a VLAN of PARENT",
};
REGISTRY_ADD(verb, verb_add_br);

static const struct verb verb_del_br = {
	.name = "del-br",
	.group = "Bridges",
	.usage = "BRIDGE",
	.options = "--if-exists",
	.takes = "bridge",
	.min_args = 1,
	.max_args = 1,
	.run = del_br,
	.help = "delete a bridge with its ports",
};
REGISTRY_ADD(verb, verb_del_br);

static const struct verb verb_list_br = {
	.name = "list-br",
	.group = "Bridges",
	.usage = "",
	.options = "--real --fake",
	.run = list_br,
	.help = "print the names of all bridges",
};
REGISTRY_ADD(verb, verb_list_br);

static const struct verb verb_br_exists = {
	.name = "br-exists",
	.group = "Bridges",
	.usage = "BRIDGE",
	.takes = "bridge",
	.min_args = 1,
	.max_args = 1,
	.run = br_exists,
	.help = "exit with status 2 if there is no such bridge",
};
REGISTRY_ADD(verb, verb_br_exists);

static const struct verb verb_br_to_vlan = {
	.name = "br-to-vlan",
	.group = "Bridges",
	.usage = "BRIDGE",
	.takes = "bridge",
	.min_args = 1,
	.max_args = 1,
	.run = br_to_vlan,
	.help = "print the VLAN of a fake bridge, 0 for others",
};
REGISTRY_ADD(verb, verb_br_to_vlan);

static const struct verb verb_br_to_parent = {
	.name = "br-to-parent",
	.group = "Bridges",
	.usage = "BRIDGE",
	.takes = "bridge",
	.min_args = 1,
	.max_args = 1,
	.run = br_to_parent,
	.help = "print the bridge that a fake bridge is part of",
};
REGISTRY_ADD(verb, verb_br_to_parent);

static const struct verb verb_br_set_external_id = {
	.name = "br-set-external-id",
	.group = "Bridges",
	.usage = "BRIDGE KEY [VALUE]",
	.takes = "bridge",
	.min_args = 2,
	.max_args = 3,
	.run = br_set_external_id,
	.help = "set a key in the bridge's external_ids, or remove it",
};
REGISTRY_ADD(verb, verb_br_set_external_id);

static const struct verb verb_br_get_external_id = {
	.name = "br-get-external-id",
	.group = "Bridges",
	.usage = "BRIDGE [KEY]",
	.takes = "bridge",
	.min_args = 1,
	.max_args = 2,
	.run = br_get_external_id,
	.help = "print a key of the bridge's external_ids, or all",
};
REGISTRY_ADD(verb, verb_br_get_external_id);
