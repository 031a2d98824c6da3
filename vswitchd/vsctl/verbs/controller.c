/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "lib/ovsdb/value/datum.h"
#include "vswitchd/vsctl/attr.h"
#include "vswitchd/vsctl/model.h"
#include "vswitchd/vsctl/request.h"
#include "vswitchd/vsctl/verb.h"
#include "vswitchd/vsctl/verbs/targets.h"

/* Verbs about OpenFlow controllers and what a bridge does without them.  */

static int get_controller(struct call *call, struct errbuf *err)
{
	struct model_bridge bridge;
	int error = model_get_bridge(call->request, call->args[0], &bridge, err);

	if (!error)
		targets_print(call, bridge.row, "controller");
	return error;
}

static int del_controller(struct call *call, struct errbuf *err)
{
	struct db_row *bridge;
	int error = model_get_real_bridge(call->request, call->args[0], &bridge, err);

	if (!error)
		targets_clear(call, bridge, "controller");
	return error;
}

static int set_controller(struct call *call, struct errbuf *err)
{
	struct db_row *bridge;
	int error = model_get_real_bridge(call->request, call->args[0], &bridge, err);

	if (error)
		return error;
	return targets_set(call, bridge, "Controller", call->args + 1, call->n_args - 1, err);
}

static int get_fail_mode(struct call *call, struct errbuf *err)
{
	struct model_bridge bridge;
	int error = model_get_bridge(call->request, call->args[0], &bridge, err);

	if (!error && attr_count(bridge.row, "fail_mode"))
		strbuf_addf(&call->out, "%s\n", attr_string(bridge.row, "fail_mode"));
	return error;
}

static int del_fail_mode(struct call *call, struct errbuf *err)
{
	struct db_row *bridge;
	int error = model_get_real_bridge(call->request, call->args[0], &bridge, err);

	if (!error)
		attr_clear(call->request, bridge, "fail_mode");
	return error;
}

static int set_fail_mode(struct call *call, struct errbuf *err)
{
	const char *mode = call->args[1];
	struct db_row *bridge;
	int error = model_get_real_bridge(call->request, call->args[0], &bridge, err);

	if (error)
		return error;
	if (strcmp(mode, "standalone") && strcmp(mode, "secure"))
		return errbuf_set(err, -EINVAL, "fail-mode must be \"standalone\" or \"secure\"");
	attr_set(call->request, bridge, "fail_mode", datum_new_string(mode));
	return 0;
}

static const struct verb verb_get_controller = {
	.name = "get-controller",
	.group = "Controllers",
	.usage = "BRIDGE",
	.takes = "bridge",
	.min_args = 1,
	.max_args = 1,
	.run = get_controller,
	.help = "print the bridge's controllers",
};
REGISTRY_ADD(verb, verb_get_controller);

static const struct verb verb_del_controller = {
	.name = "del-controller",
	.group = "Controllers",
	.usage = "BRIDGE",
	.takes = "bridge",
	.min_args = 1,
	.max_args = 1,
	.run = del_controller,
	.help = "delete the bridge's controllers",
};
REGISTRY_ADD(verb, verb_del_controller);

static const struct verb verb_set_controller = {
	.name = "set-controller",
	.group = "Controllers",
	.usage = "BRIDGE TARGET...",
	.options = "--inactivity-probe=",
	.takes = "bridge new",
	.min_args = 1,
	.max_args = VERB_ANY,
	.run = set_controller,
	.help = "set the bridge's controllers",
};
REGISTRY_ADD(verb, verb_set_controller);

static const struct verb verb_get_fail_mode = {
	.name = "get-fail-mode",
	.group = "Controllers",
	.usage = "BRIDGE",
	.takes = "bridge",
	.min_args = 1,
	.max_args = 1,
	.run = get_fail_mode,
	.help = "print what the bridge does without controllers",
};
REGISTRY_ADD(verb, verb_get_fail_mode);

static const struct verb verb_del_fail_mode = {
	.name = "del-fail-mode",
	.group = "Controllers",
	.usage = "BRIDGE",
	.takes = "bridge",
	.min_args = 1,
	.max_args = 1,
	.run = del_fail_mode,
	.help = "let the bridge do the usual without controllers",
};
REGISTRY_ADD(verb, verb_del_fail_mode);

static const struct verb verb_set_fail_mode = {
	.name = "set-fail-mode",
	.group = "Controllers",
	.usage = "BRIDGE standalone|secure",
	.takes = "bridge fail-mode",
	.min_args = 2,
	.max_args = 2,
	.run = set_fail_mode,
	.help = "say what the bridge does without controllers",
};
REGISTRY_ADD(verb, verb_set_fail_mode);
