/* SPDX-License-Identifier: Apache-2.0 */

/* What other_config of bridges and ports says about spanning trees.  */

#include <string.h>

#include "datapath/port.h"
#include "lib/mac.h"
#include "lib/option.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/l2/l2.h"
#include "ofproto/l2/mirror.h"
#include "ofproto/spanning/spanning_priv.h"

enum {
	DEFAULT_PRIORITY = 32768,
	DEFAULT_PORT_PRIORITY = 128,
	GIGABIT = 1000, /* Mbit/s; what links are taken for that do not tell */
	COST_MAX = 200000000,
	COST_BY_SPEED = 20000000, /* over Mbit/s (IEEE 802.1D-2004, table 17-3) */
	GUARD_SECONDS_MAX = 86400,
};

/* What is out of bounds has been complained about; the tree is built on what is not. */
static int64_t
read_within(const json_t *map, const char *key, int64_t low, int64_t high, int64_t fallback)
{
	int64_t value = option_get_int(map, key, fallback);

	return value >= low && value <= high ? value : fallback;
}

/* What mirrors send is nobody's to answer. */
static bool is_for_mirrors(const struct bridge_config *config, const char *lport)
{
	const struct l2_config *l2 = config->l2;

	for (unsigned i = 0; l2 && i < l2->n_mirrors; i++)
		if (l2->mirrors[i].output && !strcmp(l2->mirrors[i].output, lport))
			return true;
	return false;
}

static bool leads_to_host(const struct bridge_lport_config *declared)
{
	const struct port *port = declared->n_ports ? declared->ports[0].port : NULL;

	return port && port->type->to_host;
}

void spanning_read_port(
	const struct bridge_config *bridge,
	const struct bridge_lport_config *declared,
	struct spanning_port_config *config
)
{
	enum spanning_mode mode = bridge->spanning;
	const json_t *map = declared->other_config;
	bool rapid = mode == SPANNING_RSTP;
	const char *two_ends = option_get_string(map, "rstp-admin-p2p-mac", "auto");
	int64_t priority = read_within(
		map,
		rapid ? "rstp-port-priority" : "stp-port-priority",
		0,
		255,
		DEFAULT_PORT_PRIORITY
	);

	*config = (struct spanning_port_config){
		.takes_part = mode && !is_for_mirrors(bridge, declared->name) &&
			option_get_bool(map, rapid ? "rstp-enable" : "stp-enable", true),
		.down = rapid && !option_get_bool(map, "rstp-admin-port-state", true),
		.guard = option_get_bool(map, "bpdu-guard", false),
		.guard_ms =
			read_within(map, "bpdu-guard-timeout", 0, GUARD_SECONDS_MAX, 300) * 1000,
		.check_version = option_get_bool(map, "rstp-port-mcheck", false),
		.number = (uint16_t)read_within(
			map,
			rapid ? "rstp-port-num" : "stp-port-num",
			1,
			spanning_number_mask(mode),
			0
		),
	};
	config->rstp = (struct rstp_port_config){
		.id = (uint16_t)(priority << 8 & ~spanning_number_mask(mode)),
		.cost = (uint32_t
		)read_within(map, rapid ? "rstp-path-cost" : "stp-path-cost", 0, COST_MAX, 0),
		.two_ends = strcmp(two_ends, "false"),
		.edge = option_get_bool(
			map, "rstp-port-admin-edge", mode && leads_to_host(declared)
		),
		.detect_edge = option_get_bool(map, "rstp-port-auto-edge", true),
	};
}

uint32_t spanning_cost(enum spanning_mode mode, uint32_t speed)
{
	/* IEEE 802.1D-1998, table 8-5. */
	static const struct {
		uint32_t speed, cost;
	} steps[] = {{10000, 2}, {1000, 4}, {100, 19}, {16, 62}, {10, 100}, {4, 250}};

	if (!speed)
		speed = GIGABIT;
	if (mode == SPANNING_RSTP)
		return speed < COST_BY_SPEED ? COST_BY_SPEED / speed : 1;
	for (size_t i = 0; i < ARRAY_LENGTH(steps); i++)
		if (speed >= steps[i].speed)
			return steps[i].cost;
	return UINT16_MAX;
}

static uint64_t read_address(const json_t *map, const char *key, uint64_t fallback)
{
	struct mac mac = mac_from_integer(fallback);

	mac_parse(option_get_string(map, key, ""), &mac);
	return mac_to_integer(mac);
}

void spanning_read_bridge(const struct bridge_config *declared, struct rstp_config *config)
{
	const json_t *map = declared->other_config;
	bool rapid = declared->spanning == SPANNING_RSTP;
	uint64_t address =
		read_address(map, rapid ? "rstp-address" : "stp-system-id", declared->datapath_id);
	uint64_t priority = (uint64_t)read_within(
		map, rapid ? "rstp-priority" : "stp-priority", 0, UINT16_MAX, DEFAULT_PRIORITY
	);

	*config = (struct rstp_config){
		.id = (priority & (rapid ? 0xf000 : 0xffff)) << 48 | address,
		.rapid = rapid && read_within(map, "rstp-force-protocol-version", 0, 2, 2) == 2,
		.hold_count = (uint8_t)read_within(map, "rstp-transmit-hold-count", 1, 10, 6),
	};
	config->times = (struct bpdu_times){
		.max_age = (uint8_t
		)read_within(map, rapid ? "rstp-max-age" : "stp-max-age", 6, 40, 20),
		.hello = (uint8_t)(rapid ? 2 : read_within(map, "stp-hello-time", 1, 10, 2)),
		.forward_delay = (uint8_t
		)read_within(map, rapid ? "rstp-forward-delay" : "stp-forward-delay", 4, 30, 15),
	};
}
