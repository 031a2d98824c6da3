/* SPDX-License-Identifier: Apache-2.0 */

/* Commands about spanning trees. Names and texts are those of OVS, which people's scripts read.  */

#include <errno.h>

#include "lib/command.h"
#include "lib/errbuf.h"
#include "lib/mac.h"
#include "lib/near.h"
#include "lib/strbuf.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/spanning/spanning_priv.h"

static json_t *id_object(uint64_t id, const struct bpdu_times *times)
{
	char address[MAC_TEXT_SIZE];

	return json_pack(
		"{s:i, s:s, s:i, s:i, s:i}",
		"priority",
		(int)(id >> 48),
		"system-id",
		mac_format(mac_from_integer(id), address),
		"hello-time",
		times->hello,
		"max-age",
		times->max_age,
		"fwd-delay",
		times->forward_delay
	);
}

static json_t *list_ports(const struct bridge *bridge, enum spanning_mode mode)
{
	json_t *rows = json_array();
	struct rstp_port_status status;
	struct lport *lport;

	HMAP_FOREACH(lport, node, &bridge->lports) {
		if (!lport->spanning || !lport->spanning->rstp)
			continue;
		rstp_port_get_status(lport->spanning->rstp, &status);
		json_array_append_new(
			rows,
			json_pack(
				"{s:s, s:s, s:s, s:I, s:i, s:i}",
				"interface",
				lport->name,
				"role",
				spanning_role_name(mode, status.role),
				"state",
				spanning_state_name(mode, &status),
				"cost",
				(json_int_t)lport->spanning->cost,
				"priority",
				(int)((status.id & ~spanning_number_mask(mode)) >> 8),
				"number",
				(int)(status.id & spanning_number_mask(mode))
			)
		);
	}
	return rows;
}

static json_t *show_bridge(const struct bridge *bridge, enum spanning_mode mode)
{
	struct rstp_status status;

	rstp_get_status(bridge->spanning->rstp, &status);
	bool is_root = status.root.root == status.id;

	return json_pack(
		"{s:s, s:o, s:o, s:b, s:i, s:I, s:o}",
		"bridge",
		bridge->name,
		"root",
		id_object(status.root.root, &status.times),
		"self",
		id_object(status.id, &bridge->spanning->config.times),
		"is-root",
		is_root,
		"root-port",
		(int)(status.root_port & spanning_number_mask(mode)),
		"root-cost",
		(json_int_t)status.root.cost,
		"ports",
		list_ports(bridge, mode)
	);
}

static json_t *show(struct command_call *call, enum spanning_mode mode, struct errbuf *err)
{
	const char *other = mode == SPANNING_RSTP ? "rstp_enable" : "stp_enable";
	json_t *rows = json_array();
	struct bridge *bridge = NULL;

	if (call->argc && !(bridge = bridge_of_command(call->argv[0], err))) {
		json_decref(rows);
		return NULL;
	}
	if (bridge) {
		if (spanning_takes_part(bridge, mode)) {
			json_array_append_new(rows, show_bridge(bridge, mode));
			return rows;
		}
		json_decref(rows);
		errbuf_set(
			err,
			-ENOENT,
			"bridge %s takes no part: 'vsctl set bridge %s %s=true' lets it",
			bridge->name,
			bridge->name,
			other
		);
		return NULL;
	}
	HMAP_FOREACH(bridge, node, bridges_all())
		if (spanning_takes_part(bridge, mode))
			json_array_append_new(rows, show_bridge(bridge, mode));
	return rows;
}

static void add_id(struct strbuf *out, const json_t *id)
{
	strbuf_addf(
		out,
		"  stp-priority    %lld\n",
		(long long)json_integer_value(json_object_get(id, "priority"))
	);
	strbuf_addf(
		out, "  stp-system-id   %s\n", json_string_value(json_object_get(id, "system-id"))
	);
	static const char *const times[] = {"hello-time", "max-age", "fwd-delay"};

	for (unsigned i = 0; i < ARRAY_LENGTH(times); i++)
		strbuf_addf(
			out,
			"  stp-%-11s %llds\n",
			times[i],
			(long long)json_integer_value(json_object_get(id, times[i]))
		);
}

static void format_bridge(const json_t *bridge, struct strbuf *out)
{
	size_t i;
	json_t *port;

	strbuf_addf(out, "---- %s ----\n", json_string_value(json_object_get(bridge, "bridge")));
	strbuf_add(out, "Root ID:\n");
	add_id(out, json_object_get(bridge, "root"));
	if (json_is_true(json_object_get(bridge, "is-root")))
		strbuf_add(out, "  This bridge is the root\n");
	else
		strbuf_addf(
			out,
			"  root-port       %lld\n  root-path-cost  %lld\n",
			(long long)json_integer_value(json_object_get(bridge, "root-port")),
			(long long)json_integer_value(json_object_get(bridge, "root-cost"))
		);
	strbuf_add(out, "\nBridge ID:\n");
	add_id(out, json_object_get(bridge, "self"));
	strbuf_add(out, "\n  Interface  Role       State      Cost     Pri.Nbr\n");
	strbuf_add(out, "  ---------- ---------- ---------- -------- -------\n");
	json_array_foreach(json_object_get(bridge, "ports"), i, port) {
		strbuf_addf(
			out,
			"  %-10s %-10s %-10s %-8lld %lld.%lld\n",
			json_string_value(json_object_get(port, "interface")),
			json_string_value(json_object_get(port, "role")),
			json_string_value(json_object_get(port, "state")),
			(long long)json_integer_value(json_object_get(port, "cost")),
			(long long)json_integer_value(json_object_get(port, "priority")),
			(long long)json_integer_value(json_object_get(port, "number"))
		);
	}
	strbuf_add(out, "\n");
}

static void format_show(const json_t *answer, struct strbuf *out)
{
	size_t i;
	json_t *bridge;

	json_array_foreach(answer, i, bridge)
		format_bridge(bridge, out);
}

static json_t *cmd_rstp_show(struct command_call *call, struct errbuf *err)
{
	return show(call, SPANNING_RSTP, err);
}

static json_t *cmd_stp_show(struct command_call *call, struct errbuf *err)
{
	return show(call, SPANNING_STP, err);
}

/* All bridges, or the one that was named. */
static json_t *cmd_tcn(struct command_call *call, struct errbuf *err)
{
	struct bridge *bridge;

	if (call->argc) {
		bridge = bridge_of_command(call->argv[0], err);
		if (bridge && !spanning_tell_change(bridge))
			errbuf_set(
				err,
				-ENOENT,
				"bridge %s takes no part in a spanning tree",
				bridge->name
			);
		return err->error ? NULL : json_null();
	}
	HMAP_FOREACH(bridge, node, bridges_all())
		spanning_tell_change(bridge);
	return json_null();
}

static json_t *cmd_guard_reset(struct command_call *call, struct errbuf *err)
{
	struct bridge *bridge = bridge_of_command(call->argv[0], err);
	struct lport *lport = bridge ? bridge_find_lport(bridge, call->argv[1]) : NULL;
	struct near near;

	if (!bridge)
		return NULL;
	if (lport) {
		spanning_reset_guard(lport);
		return json_null();
	}
	near_init(&near, call->argv[1]);
	HMAP_FOREACH(lport, node, &bridge->lports)
		near_add(&near, lport->name);
	near_refuse(&near, err, -ENOENT, "bridge %s has no port %s", bridge->name, call->argv[1]);
	return NULL;
}

MGMT_COMMAND_TEXT(
	rstp_show,
	"rstp/show",
	"[BRIDGE]",
	0,
	1,
	cmd_rstp_show,
	"The rapid spanning tree as the bridges see it, and their ports' parts in it.",
	format_show
);
MGMT_COMMAND_TEXT(
	stp_show,
	"stp/show",
	"[BRIDGE]",
	0,
	1,
	cmd_stp_show,
	"The spanning tree as the bridges see it, and their ports' parts in it.",
	format_show
);
MGMT_COMMAND(
	rstp_tcn,
	"rstp/tcn",
	"[BRIDGE]",
	0,
	1,
	cmd_tcn,
	"Tells neighbours that the topology changed."
);
MGMT_COMMAND(
	stp_tcn, "stp/tcn", "[BRIDGE]", 0, 1, cmd_tcn, "Tells neighbours that the topology changed."
);
MGMT_COMMAND(
	bpdu_guard_reset,
	"bpdu-guard/reset",
	"BRIDGE PORT",
	2,
	2,
	cmd_guard_reset,
	"Lets a port in again that was blocked because a bridge showed up behind it."
);
