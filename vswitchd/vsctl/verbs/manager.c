/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/ovsdb/db_row.h"
#include "lib/ovsdb/value/datum.h"
#include "vswitchd/vsctl/attr.h"
#include "vswitchd/vsctl/request.h"
#include "vswitchd/vsctl/verb.h"
#include "vswitchd/vsctl/verbs/targets.h"

/* Verbs about the database's connections and TLS.  */

static int get_manager(struct call *call, struct errbuf *err)
{
	targets_print(call, request_root(call->request), "manager_options");
	return 0;
}

static int del_manager(struct call *call, struct errbuf *err)
{
	targets_clear(call, request_root(call->request), "manager_options");
	return 0;
}

static int set_manager(struct call *call, struct errbuf *err)
{
	return targets_set(
		call, request_root(call->request), "Manager", call->args, call->n_args, err
	);
}

static int get_ssl(struct call *call, struct errbuf *err)
{
	const struct db_row *ssl = attr_ref_at(request_root(call->request), "ssl", 0);

	if (!ssl)
		return 0;
	strbuf_addf(&call->out, "Private key: %s\n", attr_string(ssl, "private_key"));
	strbuf_addf(&call->out, "Certificate: %s\n", attr_string(ssl, "certificate"));
	strbuf_addf(&call->out, "CA Certificate: %s\n", attr_string(ssl, "ca_cert"));
	strbuf_addf(
		&call->out,
		"Bootstrap: %s\n",
		attr_boolean(ssl, "bootstrap_ca_cert") ? "true" : "false"
	);
	return 0;
}

static int del_ssl(struct call *call, struct errbuf *err)
{
	struct db_row *root = request_root(call->request);
	struct db_row *ssl = attr_ref_at(root, "ssl", 0);

	if (!ssl)
		return 0;
	attr_clear(call->request, root, "ssl");
	request_delete(call->request, ssl);
	return 0;
}

static int set_ssl(struct call *call, struct errbuf *err)
{
	struct request *request = call->request;
	bool bootstrap = call_option(call, "--bootstrap");
	struct db_row *ssl;

	del_ssl(call, err);
	ssl = request_insert(request, "SSL", NULL);
	attr_set(request, ssl, "private_key", datum_new_string(call->args[0]));
	attr_set(request, ssl, "certificate", datum_new_string(call->args[1]));
	attr_set(request, ssl, "ca_cert", datum_new_string(call->args[2]));
	attr_set(request, ssl, "bootstrap_ca_cert", datum_new_boolean(bootstrap));
	attr_set(request, request_root(request), "ssl", datum_new_uuid(db_row_uuid(ssl)));
	return 0;
}

static const struct verb verb_get_manager = {
	.name = "get-manager",
	.group = "Managers and TLS",
	.usage = "",
	.run = get_manager,
	.help = "print the database's connections",
};
REGISTRY_ADD(verb, verb_get_manager);

static const struct verb verb_del_manager = {
	.name = "del-manager",
	.group = "Managers and TLS",
	.usage = "",
	.run = del_manager,
	.help = "delete the database's connections",
};
REGISTRY_ADD(verb, verb_del_manager);

static const struct verb verb_set_manager = {
	.name = "set-manager",
	.group = "Managers and TLS",
	.usage = "TARGET...",
	.options = "--inactivity-probe=",
	.min_args = 1,
	.max_args = VERB_ANY,
	.run = set_manager,
	.help = "set the database's connections",
};
REGISTRY_ADD(verb, verb_set_manager);

static const struct verb verb_get_ssl = {
	.name = "get-ssl",
	.group = "Managers and TLS",
	.usage = "",
	.run = get_ssl,
	.help = "print the files of TLS",
};
REGISTRY_ADD(verb, verb_get_ssl);

static const struct verb verb_del_ssl = {
	.name = "del-ssl",
	.group = "Managers and TLS",
	.usage = "",
	.run = del_ssl,
	.help = "forget the files of TLS",
};
REGISTRY_ADD(verb, verb_del_ssl);

static const struct verb verb_set_ssl = {
	.name = "set-ssl",
	.group = "Managers and TLS",
	.usage = "PRIVATE-KEY CERTIFICATE CA-CERTIFICATE",
	.options = "--bootstrap",
	.min_args = 3,
	.max_args = 3,
	.run = set_ssl,
	.help = "set the files of TLS",
};
REGISTRY_ADD(verb, verb_set_ssl);
