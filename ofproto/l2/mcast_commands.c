/* SPDX-License-Identifier: Apache-2.0 */

/* Commands about multicast groups. Names and texts are those of OVS, as far as it has them.  */

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/command.h"
#include "lib/strbuf.h"
#include "ofproto/bridge_changes.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/l2/l2.h"
#include "ofproto/l2/mcast_priv.h"
#include "ofproto/l2/pvlan.h"

struct show {
	const struct bridge *bridge;
	json_t *rows;
	bool routers; /* after the groups */
};

static void format_ip(const uint8_t *ip, char text[INET6_ADDRSTRLEN])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	if (memcmp(ip, mapped, sizeof(mapped)))
		inet_ntop(AF_INET6, ip, text, INET6_ADDRSTRLEN);
	else
		inet_ntop(AF_INET, ip + 12, text, INET6_ADDRSTRLEN);
}

static void show_one(void *show_, uint16_t vlan, const uint8_t *ip, uint32_t lport, int64_t age_ms)
{
	const struct show *show = show_;
	const struct view_lport *view = view_find_lport(show->bridge->view, lport);
	char group[INET6_ADDRSTRLEN] = "querier";
	json_t *row;

	if (!view || show->routers != !ip)
		return;
	if (ip)
		format_ip(ip, group);
	row = json_object();
	if (view->ports[0].number == PORT_LOCAL)
		json_object_set_new(row, "port", json_string("LOCAL"));
	else
		json_object_set_new(row, "port", json_integer(view->ports[0].number));
	json_object_set_new(row, "name", json_string(view->ports[0].name));
	json_object_set_new(row, "vlan", json_integer(vlan));
	json_object_set_new(row, "group", json_string(group));
	if (age_ms == MCAST_FOREVER)
		json_object_set_new(row, "age", json_string("static"));
	else
		json_object_set_new(row, "age", json_integer(age_ms / 1000));
	json_array_append_new(show->rows, row);
}

static json_t *cmd_show(struct command_call *call, struct errbuf *err)
{
	struct show show = {.bridge = bridge_of_command(call->argc ? call->argv[0] : NULL, err)};

	if (!show.bridge)
		return NULL;
	if (!show.bridge->view || !l2_mcast(show.bridge)->config.snoops) {
		errbuf_set(
			err,
			-EOPNOTSUPP,
			"bridge %s does not snoop: set its mcast_snooping_enable to true",
			show.bridge->name
		);
		return NULL;
	}
	show.rows = json_array();
	mcast_table_foreach(l2_mcast(show.bridge)->table, show_one, &show);
	show.routers = true;
	mcast_table_foreach(l2_mcast(show.bridge)->table, show_one, &show);
	return show.rows;
}

static void add_field(struct strbuf *out, const json_t *value, int width)
{
	if (json_is_integer(value))
		strbuf_addf(out, "%*lld", width, (long long)json_integer_value(value));
	else
		strbuf_addf(out, "%*s", width, json_string_value(value));
}

static void format_show(const json_t *answer, struct strbuf *out)
{
	size_t i;
	json_t *row;

	strbuf_add(out, " port  VLAN  GROUP                Age\n");
	json_array_foreach(answer, i, row) {
		const char *group = json_string_value(json_object_get(row, "group"));
		bool router = !strcmp(group, "querier");

		add_field(out, json_object_get(row, "port"), 5);
		strbuf_add(out, "  ");
		add_field(out, json_object_get(row, "vlan"), 4);
		strbuf_addf(out, "  %s%s", group, router ? "             " : "         ");
		add_field(out, json_object_get(row, "age"), 3);
		strbuf_add_char(out, '\n');
	}
}

/* Runs 'work' for the bridge that is named, or for all. */
static int
for_bridges(struct command_call *call, void (*work)(struct mcast_table *table), struct errbuf *err)
{
	struct bridge *bridge = NULL;

	if (call->argc && !(bridge = bridge_of_command(call->argv[0], err)))
		return -ENOENT;
	bridge_changes_begin();
	if (bridge) {
		work(l2_mcast(bridge)->table);
	} else {
		HMAP_FOREACH(bridge, node, bridges_all())
			work(l2_mcast(bridge)->table);
	}
	bridge_changes_end();
	return 0;
}

static json_t *cmd_flush(struct command_call *call, struct errbuf *err)
{
	if (for_bridges(call, mcast_table_flush, err))
		return NULL;
	return json_string("table successfully flushed");
}

static json_t *cmd_stats_clear(struct command_call *call, struct errbuf *err)
{
	if (for_bridges(call, mcast_table_clear_stats, err))
		return NULL;
	return json_string("statistics successfully cleared");
}

static json_t *cmd_stats(struct command_call *call, struct errbuf *err)
{
	const struct bridge *bridge = bridge_of_command(call->argc ? call->argv[0] : NULL, err);
	struct mcast_stats stats;

	if (!bridge)
		return NULL;
	mcast_table_get_stats(l2_mcast(bridge)->table, &stats);
	return json_pack(
		"{s:s, s:i, s:i, s:I, s:I, s:I}",
		"bridge",
		bridge->name,
		"current",
		(int)stats.n,
		"maximum",
		(int)stats.max,
		"learned",
		(json_int_t)stats.learned,
		"expired",
		(json_int_t)stats.expired,
		"evicted",
		(json_int_t)stats.evicted
	);
}

/* BRIDGE PORT VLAN GROUP. */
static int parse_member(
	struct command_call *call,
	struct bridge **bridge,
	uint32_t *lport,
	uint16_t *vlan,
	uint8_t ip[MCAST_ADDRESS_SIZE],
	struct errbuf *err
)
{
	const struct view_port *port;
	char *end;
	unsigned long value = strtoul(call->argv[2], &end, 10);

	if (!(*bridge = bridge_of_command(call->argv[0], err)))
		return -ENOENT;
	port = (*bridge)->view ? view_find_port_named((*bridge)->view, call->argv[1]) : NULL;
	if (!port)
		return errbuf_set(
			err, -ENOENT, "bridge %s has no port named %s", call->argv[0], call->argv[1]
		);
	if (!*call->argv[2] || *end || value > 4095)
		return errbuf_set(err, -EINVAL, "VLAN %.32s is not in 0 to 4095", call->argv[2]);
	memset(ip, 0, MCAST_ADDRESS_SIZE);
	ip[10] = ip[11] = 0xff;
	if (!(inet_pton(AF_INET, call->argv[3], ip + 12) == 1 && ip[12] >> 4 == 0xe) &&
	    !(inet_pton(AF_INET6, call->argv[3], ip) == 1 && ip[0] == 0xff))
		return errbuf_set(
			err, -EINVAL, "%.64s is no multicast address of IPv4 or IPv6", call->argv[3]
		);
	*lport = port->lport->id;
	*vlan = pvlan_home((*bridge)->view, (uint16_t)value);
	return 0;
}

static json_t *cmd_add(struct command_call *call, struct errbuf *err)
{
	uint8_t ip[MCAST_ADDRESS_SIZE];
	struct bridge *bridge;
	uint32_t lport = 0;
	uint16_t vlan = 0;

	if (parse_member(call, &bridge, &lport, &vlan, ip, err))
		return NULL;
	bridge_changes_begin();
	mcast_table_join(l2_mcast(bridge)->table, vlan, ip, lport, true);
	bridge_changes_end();
	return json_string("");
}

static json_t *cmd_del(struct command_call *call, struct errbuf *err)
{
	uint8_t ip[MCAST_ADDRESS_SIZE];
	struct bridge *bridge;
	uint32_t lport = 0;
	uint16_t vlan = 0;
	bool found;

	if (parse_member(call, &bridge, &lport, &vlan, ip, err))
		return NULL;
	bridge_changes_begin();
	found = mcast_table_leave(l2_mcast(bridge)->table, vlan, ip, lport, true);
	bridge_changes_end();
	if (found)
		return json_string("");
	errbuf_set(
		err,
		-ENOENT,
		"port %s is not in group %s of VLAN %u: mdb/show lists who is",
		call->argv[1],
		call->argv[3],
		vlan
	);
	return NULL;
}

MGMT_COMMAND_TEXT(
	mdb_show,
	"mdb/show",
	"BRIDGE",
	0,
	1,
	cmd_show,
	"Multicast groups and the ports that want them, and ports that lead to routers.",
	format_show
);
MGMT_COMMAND(
	mdb_flush, "mdb/flush", "[BRIDGE]", 0, 1, cmd_flush, "Forgets all learned multicast groups."
);
MGMT_COMMAND(
	mdb_stats_show,
	"mdb/stats-show",
	"BRIDGE",
	0,
	1,
	cmd_stats,
	"How many multicast groups there are, and were learned, expired and evicted."
);
MGMT_COMMAND(
	mdb_stats_clear,
	"mdb/stats-clear",
	"[BRIDGE]",
	0,
	1,
	cmd_stats_clear,
	"Begins counting multicast events at 0."
);
MGMT_COMMAND(
	mdb_add,
	"mdb/add",
	"BRIDGE PORT VLAN GROUP",
	4,
	4,
	cmd_add,
	"Sends the group to the port, asked for or not; that does not age."
);
MGMT_COMMAND(
	mdb_del,
	"mdb/del",
	"BRIDGE PORT VLAN GROUP",
	4,
	4,
	cmd_del,
	"Takes the port out of the group."
);
