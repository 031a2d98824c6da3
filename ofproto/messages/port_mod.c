/* SPDX-License-Identifier: Apache-2.0 */

/* What a controller asks of ports: to be down, to receive, send or flood nothing.  */

#include <assert.h>
#include <string.h>

#include "datapath/port.h"
#include "ofproto/bridge_changes.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/conn.h"
#include "ofproto/wire/messages.h"

enum {
	CONFIG = PORT_CONFIG_DOWN | PORT_CONFIG_NO_RECV | PORT_CONFIG_NO_FWD |
		PORT_CONFIG_NO_PACKET_IN,
	CONFIG_10 = CONFIG | PORT_CONFIG_NO_FLOOD,
	PROPERTY_ETHERNET = 0,
	PROPERTY_OPTICAL = 1,
	PROPERTY_EXPERIMENTER = 0xffff,
};

static struct bridge_port *find_port(struct bridge *bridge, uint32_t number)
{
	struct bridge_port *port;

	HMAP_FOREACH(port, node, &bridge->ports)
		if (number && port->number == number)
			return port;
	return NULL;
}

static void set_config(struct bridge_port *port, uint32_t config, uint32_t mask)
{
	struct change *change = bridge_changes_begin();

	assert(port); /* check_mod() found it */
	port->config = (uint16_t)((port->config & ~mask) | (config & mask));
	bridges_publish(change);
	bridge_changes_end();
}

/* What newer versions say in properties: nothing but what a device shall advertise, which is left to
 * the device. */
static enum of_error check_properties(const struct of_port_mod *mod)
{
	struct wire_in list =
		wire_in(mod->properties.data, mod->properties.n, mod->properties.version);
	struct wire_in body;
	bool seen = false;
	uint16_t type;

	while (wire_property(&list, &type, &body)) {
		if (type == PROPERTY_EXPERIMENTER)
			return OF_BPC_BAD_EXPERIMENTER;
		if (type > PROPERTY_OPTICAL)
			return OF_BPC_BAD_TYPE;
		if (type == PROPERTY_ETHERNET && wire_left(&body) != 4)
			return OF_BPC_BAD_LEN;
		if (seen)
			return OF_BPC_DUP_TYPE;
		seen = true;
	}
	return list.error;
}

static uint32_t known_config(const struct conn *conn)
{
	return conn->version == OF10 ? CONFIG_10 : CONFIG;
}

static enum of_error
check_mod(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	const struct of_port_mod *mod = &body->port_mod;
	struct bridge_port *port = find_port(conn->bridge, mod->port_no);

	if (!port)
		return OF_PMFC_BAD_PORT;
	if (port->port && memcmp(&port->port->mac, &mod->hw_addr, sizeof(mod->hw_addr)))
		return OF_PMFC_BAD_HW_ADDR;
	/* OpenFlow 1.0 has no error for this, and bits about the spanning tree. */
	if (conn->version != OF10 && (mod->config | mod->mask) & ~known_config(conn))
		return OF_PMFC_BAD_CONFIG;
	return conn->version >= OF14 ? check_properties(mod) : OF_OK;
}

static enum of_error
handle_mod(struct conn *conn, const struct message_head *head, const union message_body *body)
{
	const struct of_port_mod *mod = &body->port_mod;
	enum of_error error = check_mod(conn, head, body);

	if (!error)
		set_config(
			find_port(conn->bridge, mod->port_no),
			mod->config,
			mod->mask & known_config(conn)
		);
	return error;
}

static const struct message_room message_room_port_mod = {
	.id = MESSAGE_PORT_MOD,
	.handle = handle_mod,
	.changes = true,
	.bundled = true,
	.check = check_mod,
};
REGISTRY_ADD(message_room, message_room_port_mod);
