/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/protocol.h"

#include <string.h>

#include "datapath/port.h"
#include "datapath/punt.h"
#include "lib/flow/names.h"
#include "lib/mac.h"
#include "ofproto/actions/room.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/keeper/crowd.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/wire/action.h"
#include "ofproto/xlate/trace.h"
#include "ofproto/xlate/xlate.h"

enum {
	FRAME_MAX = 1600 /* bytes of a frame that the main thread gets to see */
};

static unsigned bit_of(const struct protocol *wanted)
{
	unsigned i = 0;

	REGISTRY_FOREACH(protocol, protocol) {
		if (protocol == wanted)
			return 1U << i;
		i++;
	}
	return 0;
}

void protocols_apply(struct bridge *bridge, const struct bridge_config *config)
{
	REGISTRY_FOREACH(protocol, protocol)
		if (protocol->apply)
			protocol->apply(bridge, config);
}

void protocols_poll(struct bridge *bridge)
{
	REGISTRY_FOREACH(protocol, protocol)
		if (protocol->poll)
			protocol->poll(bridge);
}

void bridge_add_port_status(const char *name, json_t *status)
{
	struct bridge *bridge;

	crowd_add_status(name, status);
	HMAP_FOREACH(bridge, node, bridges_all()) {
		const struct bridge_port *port = bridge_find_port(bridge, name);

		if (!port || !port->protocols)
			continue;
		REGISTRY_FOREACH(protocol, protocol)
			if (protocol->add_status)
				protocol->add_status(port, status);
	}
}

bool protocols_say_dead(const struct bridge_port *port)
{
	if (!port->protocols)
		return false;
	REGISTRY_FOREACH(protocol, protocol)
		if (protocol->is_dead && protocol->is_dead(port))
			return true;
	return false;
}

void protocols_forget_port(struct bridge_port *port)
{
	REGISTRY_FOREACH(protocol, protocol)
		if (protocol->forget_port)
			protocol->forget_port(port);
}

void protocols_forget_lport(struct lport *lport)
{
	REGISTRY_FOREACH(protocol, protocol)
		if (protocol->forget_lport)
			protocol->forget_lport(lport);
}

void protocols_forget_bridge(struct bridge *bridge)
{
	REGISTRY_FOREACH(protocol, protocol)
		if (protocol->forget_bridge)
			protocol->forget_bridge(bridge);
}

void protocol_listen(
	struct bridge *bridge,
	struct bridge_port *port,
	const struct protocol *protocol,
	bool listens
)
{
	unsigned was = port->protocols, bit = bit_of(protocol);

	port->protocols = (uint16_t)(listens ? was | bit : was & ~bit);
	bridge->dirty |= port->protocols != was;
}

/* Guests' ports have none, and kernels throw away what comes from 00:00:00:00:00:00. */
struct mac protocol_source(const struct bridge *bridge, const struct bridge_port *port)
{
	if (port->port && mac_to_integer(port->port->mac))
		return port->port->mac;
	return mac_from_integer(bridge->datapath_id);
}

void protocol_send(
	const struct bridge *bridge,
	const struct bridge_port *port,
	const uint8_t *frame,
	uint32_t n
)
{
	enum of_error error;
	struct action_list list;
	char text[32];

	if (!port->number)
		return;
	snprintf(text, sizeof(text), "output:%u", port->number);
	action_list_init(&list);
	actions_parse(&list, text, NULL, NULL);
	struct rule_actions *actions = rule_actions_new(&list, &error);
	struct packet_out *packet = packet_out_new(frame, n);

	action_list_fini(&list);
	packet->bridge = bridge->index;
	packet->in_port = PORT_ANY;
	packet->actions = actions;
	keeper_send_packet(packet);
}

static void receive(const uint8_t *bytes, const uint8_t *packet, uint32_t n, uint32_t total)
{
	struct bridge *bridge;
	struct bridge_port *port;
	struct protocol_note note;

	memcpy(&note, bytes, sizeof(note));
	bridge = bridge_at(note.bridge);
	if (!bridge)
		return;
	HMAP_FOREACH(port, node, &bridge->ports)
		if (port->number == note.port && port->protocols & bit_of(note.protocol)) {
			note.protocol->receive(bridge, port, packet, n);
			return;
		}
}

static const struct punt_target target = {.name = "protocol", .receive = receive};

/* Looks at no more of the address than tells it from the group. */
static bool is_for(struct xlate *x, const struct protocol *protocol, const struct view_port *port)
{
	const struct key_base *base = &x->key.base;

	if (protocol->is_for)
		return protocol->is_for(x, port);
	for (unsigned i = 0; i < sizeof(struct mac); i++) {
		xlate_look(x, offsetof(struct key, base.eth_dst) + i, 1);
		if (base->eth_dst.bytes[i] != protocol->group.bytes[i])
			return false;
	}
	if (!protocol->eth_type)
		return true;
	XLATE_LOOK(x, base.eth_type);
	return base->eth_type == be16_from(protocol->eth_type);
}

bool protocols_take(struct xlate *x, const struct view_port *port)
{
	unsigned bit = 1;

	REGISTRY_FOREACH(protocol, protocol) {
		struct protocol_note note = {protocol, x->bridge->index, port->number};

		if (port->protocols & bit && is_for(x, protocol, port)) {
			xlate_commit(x);
			struct op_punt *punt = program_add(&x->program, &op_punt);

			punt->to = protocol->target ? protocol->target() : &target;
			punt->max_size = FRAME_MAX;
			memcpy(punt->note, &note, sizeof(note));
			x->n_outputs++;
			xlate_note(x, " >> to the switch itself: %s", protocol->name);
			return true;
		}
		bit <<= 1;
	}
	return false;
}
