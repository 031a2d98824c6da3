/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/port_settings.h"

#include <errno.h>
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

static int apply_mtu(struct port *port, const struct interface_row *row, struct errbuf *err)
{
	int64_t mtu = row->mtu_request ? *row->mtu_request : 0;

	if (!mtu || mtu == port->mtu)
		return 0;
	if (mtu < 68 || mtu > 65535)
		return errbuf_set(
			err,
			-ERANGE,
			"port %s: mtu_request %d: must be between 68 and 65535",
			port->name,
			(int)mtu
		);
	return port_set_mtu(port, (uint16_t)mtu, err);
}

/* "0:3,1:7": queue 0 to core 3, queue 1 to core 7. */
static int parse_affinity(const char *text, uint16_t cores[PORT_QUEUES])
{
	while (text && *text) {
		unsigned queue, core;
		int end = 0;

		if (sscanf(text, " %u : %u %n", &queue, &core, &end) != 2 || !end)
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
	errbuf_init(&entry->err);
	if (!apply_mac(entry->port, interface, bridge_row, is_local, &entry->err) &&
	    !apply_mtu(entry->port, interface, &entry->err) &&
	    !policing_wanted_apply(entry->port, interface, lport, &entry->err) &&
	    !apply_steering(entry->port, interface, &entry->err))
		apply_affinity(entry->port, interface, &entry->err);
}
