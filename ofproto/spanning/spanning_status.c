/* SPDX-License-Identifier: Apache-2.0 */

/* What the database is told of spanning trees.  */

#include <stdarg.h>
#include <string.h>

#include "ofproto/bridge_priv.h"
#include "ofproto/spanning/spanning_priv.h"

static const uint64_t address_bits = (1ULL << 48) - 1;

__attribute__((format(printf, 3, 4))) static void
set_text(json_t *map, const char *key, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	json_object_set_new(map, key, json_vsprintf(format, args));
	va_end(args);
}

static void set_id(json_t *map, const char *key, enum spanning_mode mode, uint64_t id)
{
	unsigned priority = (unsigned)(id >> 48);

	if (mode == SPANNING_RSTP)
		set_text(
			map,
			key,
			"%x.%03x.%012llx",
			priority >> 12,
			priority & 0xfff,
			(unsigned long long)(id & address_bits)
		);
	else
		set_text(
			map, key, "%04x.%012llx", priority, (unsigned long long)(id & address_bits)
		);
}

bool spanning_takes_part(const struct bridge *bridge, enum spanning_mode mode)
{
	return bridge && bridge->spanning && bridge->spanning->rstp &&
		bridge->spanning->mode == mode;
}

void spanning_add_status(const struct bridge *bridge, enum spanning_mode mode, json_t *map)
{
	struct rstp_status status;

	if (!spanning_takes_part(bridge, mode))
		return;
	rstp_get_status(bridge->spanning->rstp, &status);
	if (mode == SPANNING_STP) {
		set_id(map, "stp_bridge_id", mode, status.id);
		set_id(map, "stp_designated_root", mode, status.root.root);
		set_text(map, "stp_root_path_cost", "%u", status.root.cost);
		return;
	}
	set_id(map, "rstp_bridge_id", mode, status.id);
	set_id(map, "rstp_root_id", mode, status.root.root);
	set_text(map, "rstp_root_path_cost", "%u", status.root.cost);
	set_id(map, "rstp_designated_id", mode, status.root.bridge);
	set_text(map, "rstp_designated_port_id", "%04x", status.root.port);
	set_text(map, "rstp_bridge_port_id", "%04x", status.root_port);
}

static const struct spanning_port *find_port(const struct bridge *bridge, const char *name)
{
	const struct lport *lport = bridge ? bridge_find_lport(bridge, name) : NULL;

	return lport ? lport->spanning : NULL;
}

bool spanning_has_port(const struct bridge *bridge, const char *lport)
{
	return find_port(bridge, lport);
}

const char *spanning_role_name(enum spanning_mode mode, enum rstp_role role)
{
	static const char *const names[][2] = {
		[RSTP_ROLE_DISABLED] = {"disabled", "Disabled"},
		[RSTP_ROLE_ROOT] = {"root", "Root"},
		[RSTP_ROLE_DESIGNATED] = {"designated", "Designated"},
		[RSTP_ROLE_ALTERNATE] = {"alternate", "Alternate"},
		[RSTP_ROLE_BACKUP] = {"alternate", "Backup"},
	};

	return names[role][mode == SPANNING_RSTP];
}

const char *spanning_state_name(enum spanning_mode mode, const struct rstp_port_status *status)
{
	bool rapid = mode == SPANNING_RSTP;

	if (status->role == RSTP_ROLE_DISABLED)
		return rapid ? "Disabled" : "disabled";
	if (status->forwarding)
		return rapid ? "Forwarding" : "forwarding";
	if (status->learning)
		return rapid ? "Learning" : "learning";
	if (rapid)
		return "Discarding";
	return status->role >= RSTP_ROLE_ALTERNATE ? "blocking" : "listening";
}

void spanning_add_port_status(
	const struct bridge *bridge, const char *lport, enum spanning_mode mode, json_t *map
)
{
	const struct spanning_port *port = find_port(bridge, lport);
	struct rstp_port_status status;

	if (port && port->caught && mode == SPANNING_STP)
		set_text(map, "bpdu_guard", "blocked: a bridge is behind the port");
	if (!port || !port->rstp || !spanning_takes_part(bridge, mode))
		return;
	rstp_port_get_status(port->rstp, &status);
	if (mode == SPANNING_STP) {
		set_text(map, "stp_port_id", "%04x", status.id);
		set_text(map, "stp_state", "%s", spanning_state_name(mode, &status));
		set_text(map, "stp_sec_in_state", "%u", status.seconds);
		set_text(map, "stp_role", "%s", spanning_role_name(mode, status.role));
		return;
	}
	set_text(map, "rstp_port_id", "%04x", status.id);
	set_text(map, "rstp_port_role", "%s", spanning_role_name(mode, status.role));
	set_text(map, "rstp_port_state", "%s", spanning_state_name(mode, &status));
	set_id(map, "rstp_designated_bridge_id", mode, status.designated.bridge);
	set_text(map, "rstp_designated_port_id", "%04x", status.designated.port);
	set_text(map, "rstp_designated_path_cost", "%u", status.designated.cost);
}

void spanning_add_port_statistics(
	const struct bridge *bridge, const char *lport, enum spanning_mode mode, json_t *map
)
{
	const struct spanning_port *port = find_port(bridge, lport);
	bool rapid = mode == SPANNING_RSTP;
	struct rstp_port_status status;

	if (!port || !port->rstp || !spanning_takes_part(bridge, mode))
		return;
	rstp_port_get_status(port->rstp, &status);
	json_object_set_new(
		map, rapid ? "rstp_tx_count" : "stp_tx_count", json_integer((json_int_t)status.sent)
	);
	json_object_set_new(
		map,
		rapid ? "rstp_rx_count" : "stp_rx_count",
		json_integer((json_int_t)status.received)
	);
	json_object_set_new(
		map,
		rapid ? "rstp_error_count" : "stp_error_count",
		json_integer((json_int_t)status.errors)
	);
	if (rapid)
		json_object_set_new(map, "rstp_uptime", json_integer(status.age));
}
