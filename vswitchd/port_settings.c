/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/port_settings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "datapath/port.h"
#include "datapath/worker.h"
#include "lib/errbuf.h"
#include "lib/mac.h"
#include "lib/ovsdb/db_row.h"
#include "lib/types.h"
#include "vswitchd/l2/mac_wanted.h"
#include "vswitchd/policing_wanted.h"
#include "vswitchd/rows.h"
#include "vswitchd/switch_ports.h"

static int apply_mac(
	struct port *port,
	const struct interface_row *interface,
	const struct db_row *bridge_row,
	bool is_local,
	struct errbuf *err
)
{
	const char *text = interface->mac;
	struct mac mac;

	if (!text && is_local)
		text = db_row_map_get(bridge_row, BRIDGE_OTHER_CONFIG, "hwaddr");
	if (text) {
		if (!mac_parse(text, &mac) || mac.bytes[0] & 1)
			return errbuf_set(
				err,
				-EINVAL,
				"port %s: mac %s: an address like 02:00:00:00:00:01, not multicast, "
				"is wanted",
				port->name,
				text
			);
	} else if (is_local && !mac_wanted_find(bridge_row, &mac)) {
		unsigned long long id = mac_wanted_datapath_id(bridge_row);

		for (int i = 0; i < 6; i++)
			mac.bytes[i] = (uint8_t)(id >> (40 - 8 * i));
		mac.bytes[0] &= 0xfe;
	} else if (!is_local) {
		return 0;
	}
	if (!memcmp(&mac, &port->mac, sizeof(mac)))
		return 0;
	return port_set_mac(port, mac, err);
}

static int apply_mtu(struct switch_port *entry, const struct interface_row *row, struct errbuf *err)
{
	int64_t mtu = row->mtu_request ? *row->mtu_request : 0;
	struct port *port = entry->port;

	entry->mtu_requested = mtu;
	if (mtu)
		entry->followed_mtu = 0;
	if (!mtu || mtu == port->mtu)
		return 0;
	if (mtu < 68 || mtu > 65535)
		return errbuf_set(
			err,
			-ERANGE,
			"port %s: mtu_request %" PRId64 ": must be between 68 and 65535",
			port->name,
			mtu
		);
	return port_set_mtu(port, (uint16_t)mtu, err);
}

/* "0:3,1:7": queue 0 to core 3, queue 1 to core 7. */
static int parse_affinity(const char *text, uint16_t cores[PORT_QUEUES])
{
	while (text && *text) {
		unsigned queue, core;
		int end = 0;

		if (sscanf(text, " %9u : %9u %n", &queue, &core, &end) != 2 || !end)
			return -EINVAL;
		if (queue >= PORT_QUEUES || core >= UINT16_MAX)
			return -ERANGE;
		cores[queue] = (uint16_t)(core + 1);
		text += end;
		if (*text == ',')
			text++;
		else if (*text)
			return -EINVAL;
	}
	return 0;
}

static int apply_affinity(struct port *port, const struct interface_row *row, struct errbuf *err)
{
	const char *text = db_row_map_get(row->row, INTERFACE_OTHER_CONFIG, "pmd-rxq-affinity");
	uint16_t cores[PORT_QUEUES] = {0};

	if (parse_affinity(text, cores))
		return errbuf_set(
			err,
			-EINVAL,
			"port %s: pmd-rxq-affinity=%s: QUEUE:CORE pairs separated by commas are "
			"wanted, such as 0:2,1:3",
			port->name,
			text
		);
	plan_set_affinity(port, cores);
	return 0;
}

static int apply_steering(struct port *port, const struct interface_row *row, struct errbuf *err)
{
	const char *text = db_row_map_get(row->row, INTERFACE_OTHER_CONFIG, "tx-steering");

	return port_set_steering(port, text && !strcmp(text, "hash"), err);
}

/* One fault does not keep the settings that follow from being applied; the first one is told. */
static void note(struct switch_port *entry, struct errbuf *err)
{
	if (err->error && !entry->err.error)
		entry->err = *err;
	errbuf_init(err);
}

void port_settings_apply(
	struct switch_port *entry,
	const struct interface_row *interface,
	const struct port_row *lport,
	const struct db_row *bridge_row,
	bool is_local
)
{
	if (!entry->port)
		return;
	struct errbuf err;

	errbuf_init(&entry->err);
	errbuf_init(&err);
	apply_mac(entry->port, interface, bridge_row, is_local, &err);
	note(entry, &err);
	apply_mtu(entry, interface, &err);
	note(entry, &err);
	policing_wanted_apply(entry->port, interface, lport, &err);
	note(entry, &err);
	apply_steering(entry->port, interface, &err);
	note(entry, &err);
	apply_affinity(entry->port, interface, &err);
	note(entry, &err);
}

void port_settings_follow_mtu(struct switch_port *entry, uint16_t mtu)
{
	struct errbuf err;

	/* Who sets another one by hand keeps it until the others change. */
	if (entry->mtu_requested || mtu == entry->followed_mtu)
		return;
	errbuf_init(&err);
	/* What failed is told, and tried again, in the next pass. */
	if (!port_set_mtu(entry->port, mtu, &err))
		entry->followed_mtu = mtu;
	note(entry, &err);
}
