/* SPDX-License-Identifier: Apache-2.0 */

/* Commands about MAC tables. Names and texts are those of OVS, which people's scripts read.  */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/command.h"
#include "lib/mac.h"
#include "lib/strbuf.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_changes.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/l2/pvlan.h"
#include "ofproto/mac_table.h"

/* What the command is about, with everything that has been learned by now. */
static struct bridge *bridge_now(struct command_call *call, struct errbuf *err)
{
	struct bridge *bridge = bridge_of_command(call->argc ? call->argv[0] : NULL, err);

	if (!bridge)
		return NULL;
	keeper_catch_up();
	bridge_changes_begin();
	mac_table_age(bridge->macs);
	bridge_changes_end();
	return bridge;
}

enum {
	ROWS_AT_ONCE = 500,
};

/* An entry as it was when the table was asked for. */
struct shown {
	struct mac mac;
	uint16_t vlan;
	uint32_t lport; /* id */
	int32_t age; /* seconds; below 0: it is static */
};

/* A table on its way to somebody, who may find the bridge gone by then. */
struct listing {
	char *bridge;
	unsigned n, done;
	struct shown entries[];
};

static void take_entry(const struct mac_entry *entry, void *listing_)
{
	struct listing *listing = listing_;

	listing->entries[listing->n++] = (struct shown){
		.mac = entry->mac,
		.vlan = entry->vlan,
		.lport = entry->lport,
		.age = entry->fixed ? -1
				    : (int32_t)((clock_ms() - mac_entry_used_ms(entry)) / 1000),
	};
}

static json_t *show_entry(const struct bridge *bridge, const struct shown *entry)
{
	const struct view_lport *lport = view_find_lport(bridge->view, entry->lport);
	bool is_local = lport && lport->ports[0].number == PORT_LOCAL;
	char mac[MAC_TEXT_SIZE];

	return json_pack(
		"{s:o, s:s, s:i, s:s, s:o}",
		"port",
		is_local ? json_string("LOCAL") : json_integer(lport ? lport->ports[0].number : 0),
		"name",
		lport ? lport->ports[0].name : "",
		"vlan",
		entry->vlan,
		"mac",
		mac_format(entry->mac, mac),
		"age",
		entry->age < 0 ? json_string("static") : json_integer(entry->age)
	);
}

static bool show_more(void *listing_, json_t *rows)
{
	struct listing *listing = listing_;
	const struct bridge *bridge = bridge_find(listing->bridge);

	if (!bridge || !bridge->view)
		return false;
	for (unsigned i = 0; i < ROWS_AT_ONCE && listing->done < listing->n; i++)
		json_array_append_new(rows, show_entry(bridge, &listing->entries[listing->done++]));
	return listing->done < listing->n;
}

static void end_listing(void *listing_)
{
	struct listing *listing = listing_;

	free(listing->bridge);
	free(listing);
}

static json_t *cmd_show(struct command_call *call, struct errbuf *err)
{
	const struct bridge *bridge = bridge_now(call, err);
	struct mac_table_stats stats;
	struct listing *listing;

	if (!bridge)
		return NULL;
	mac_table_get_stats(bridge->macs, &stats);
	listing = xcalloc(1, sizeof(*listing) + stats.n * sizeof(listing->entries[0]));
	listing->bridge = xstrdup(bridge->name);
	mac_table_foreach(bridge->macs, take_entry, listing);
	command_answer_in_parts(call, show_more, end_listing, listing);
	return NULL;
}

/* A number or a word. */
static const char *format_value(const json_t *row, const char *name, char text[24])
{
	const json_t *value = json_object_get(row, name);

	if (json_is_string(value))
		return json_string_value(value);
	snprintf(text, 24, "%lld", (long long)json_integer_value(value));
	return text;
}

static void format_show(const json_t *answer, struct strbuf *out)
{
	char port[24], age[24];
	size_t i;
	json_t *row;

	json_array_foreach(answer, i, row)
		strbuf_addf(
			out,
			"%5s  %4d  %s  %3s\n",
			format_value(row, "port", port),
			(int)json_integer_value(json_object_get(row, "vlan")),
			json_string_value(json_object_get(row, "mac")),
			format_value(row, "age", age)
		);
}

static json_t *cmd_flush(struct command_call *call, struct errbuf *err)
{
	struct bridge *bridge = NULL;

	if (call->argc && !(bridge = bridge_of_command(call->argv[0], err)))
		return NULL;
	keeper_catch_up();
	bridge_changes_begin();
	if (bridge) {
		mac_table_flush(bridge->macs);
	} else {
		HMAP_FOREACH(bridge, node, bridges_all())
			mac_table_flush(bridge->macs);
	}
	bridge_changes_end();
	return json_string("table successfully flushed");
}

static json_t *cmd_stats(struct command_call *call, struct errbuf *err)
{
	struct bridge *bridge = bridge_now(call, err);
	struct mac_table_stats stats;

	if (!bridge)
		return NULL;
	mac_table_get_stats(bridge->macs, &stats);
	return json_pack(
		"{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
		"bridge",
		bridge->name,
		"current",
		(json_int_t)stats.n,
		"maximum",
		(json_int_t)stats.max,
		"static",
		(json_int_t)stats.n_fixed,
		"learned",
		(json_int_t)stats.learned,
		"expired",
		(json_int_t)stats.expired,
		"evicted",
		(json_int_t)stats.evicted,
		"moved",
		(json_int_t)stats.moved
	);
}

static long long number(const json_t *answer, const char *name)
{
	return json_integer_value(json_object_get(answer, name));
}

static void format_stats(const json_t *answer, struct strbuf *out)
{
	strbuf_addf(
		out,
		"Statistics for bridge \"%s\":\n",
		json_string_value(json_object_get(answer, "bridge"))
	);
	strbuf_addf(
		out,
		"  Current/maximum MAC entries in the table: %lld/%lld\n",
		number(answer, "current"),
		number(answer, "maximum")
	);
	strbuf_addf(
		out, "  Current static MAC entries in the table : %lld\n", number(answer, "static")
	);
	strbuf_addf(
		out, "  Total number of learned MAC entries     : %lld\n", number(answer, "learned")
	);
	strbuf_addf(
		out, "  Total number of expired MAC entries     : %lld\n", number(answer, "expired")
	);
	strbuf_addf(
		out, "  Total number of evicted MAC entries     : %lld\n", number(answer, "evicted")
	);
	strbuf_addf(
		out, "  Total number of port moved MAC entries  : %lld\n", number(answer, "moved")
	);
}

static json_t *cmd_stats_clear(struct command_call *call, struct errbuf *err)
{
	struct bridge *bridge = NULL;

	if (call->argc && !(bridge = bridge_of_command(call->argv[0], err)))
		return NULL;
	if (bridge) {
		mac_table_clear_stats(bridge->macs);
	} else {
		HMAP_FOREACH(bridge, node, bridges_all())
			mac_table_clear_stats(bridge->macs);
	}
	return json_string("statistics successfully cleared");
}

/* Entries by hand: BRIDGE PORT VLAN MAC. */

static int parse_address(
	const char *vlan_text,
	const char *mac_text,
	uint16_t *vlan,
	struct mac *mac,
	struct errbuf *err
)
{
	char *end;
	unsigned long value = strtoul(vlan_text, &end, 10);

	if (!*vlan_text || *end || value > 4095)
		return errbuf_set(err, -EINVAL, "VLAN %.32s is not in 0 to 4095", vlan_text);
	*vlan = value;
	if (!mac_parse(mac_text, mac))
		return errbuf_set(
			err, -EINVAL, "%.32s is no MAC address like 02:00:00:00:00:0a", mac_text
		);
	if (mac->bytes[0] & 1)
		return errbuf_set(
			err, -EINVAL, "%s is a multicast address: no host has it", mac_text
		);
	return 0;
}

static const struct view_port *
port_of_command(const struct bridge *bridge, const char *name, struct errbuf *err)
{
	const struct view_port *port =
		bridge->view ? view_find_port_named(bridge->view, name) : NULL;

	if (!port)
		errbuf_set(err, -ENOENT, "bridge %s has no port named %s", bridge->name, name);
	return port;
}

static json_t *cmd_add(struct command_call *call, struct errbuf *err)
{
	struct bridge *bridge = bridge_now(call, err);
	const struct view_port *port;
	uint16_t vlan = 0;
	struct mac mac = {0};

	if (!bridge || !(port = port_of_command(bridge, call->argv[1], err)) ||
	    parse_address(call->argv[2], call->argv[3], &vlan, &mac, err))
		return NULL;
	if (!view_lport_carries(port->lport, vlan) &&
	    !pvlan_learns(bridge->view, port->lport, vlan)) {
		errbuf_set(err, -EINVAL, "port %s does not carry VLAN %u", port->name, vlan);
		return NULL;
	}
	bridge_changes_begin();
	mac_table_fix(bridge->macs, pvlan_home(bridge->view, vlan), mac, port->lport->id);
	bridge_changes_end();
	return json_string("");
}

static json_t *cmd_del(struct command_call *call, struct errbuf *err)
{
	struct bridge *bridge = bridge_now(call, err);
	uint16_t vlan = 0;
	struct mac mac;
	bool found;

	if (!bridge || parse_address(call->argv[1], call->argv[2], &vlan, &mac, err))
		return NULL;
	bridge_changes_begin();
	if (bridge->view)
		vlan = pvlan_home(bridge->view, vlan);
	found = mac_table_del(bridge->macs, vlan, mac);
	bridge_changes_end();
	if (found)
		return json_string("");
	errbuf_set(
		err,
		-ENOENT,
		"%s is not known in VLAN %u: fdb/show lists what is",
		call->argv[2],
		vlan
	);
	return NULL;
}

MGMT_COMMAND_TABLE(
	fdb_show,
	"fdb/show",
	"BRIDGE",
	0,
	1,
	cmd_show,
	"MAC addresses the bridge has learned: port, VLAN, seconds since the last frame.",
	" port  VLAN  MAC                Age\n",
	format_show
);
MGMT_COMMAND(
	fdb_flush, "fdb/flush", "[BRIDGE]", 0, 1, cmd_flush, "Forgets all learned MAC addresses."
);
MGMT_COMMAND_TEXT(
	fdb_stats_show,
	"fdb/stats-show",
	"BRIDGE",
	0,
	1,
	cmd_stats,
	"How many MAC addresses were learned, expired, evicted, and moved between ports.",
	format_stats
);
MGMT_COMMAND(
	fdb_stats_clear,
	"fdb/stats-clear",
	"[BRIDGE]",
	0,
	1,
	cmd_stats_clear,
	"Begins counting MAC events at 0."
);
MGMT_COMMAND(
	fdb_add,
	"fdb/add",
	"BRIDGE PORT VLAN MAC",
	4,
	4,
	cmd_add,
	"Adds a MAC address by hand; it neither ages nor moves."
);
MGMT_COMMAND(
	fdb_del,
	"fdb/del",
	"BRIDGE VLAN MAC",
	3,
	3,
	cmd_del,
	"Removes a MAC address from the table."
);
