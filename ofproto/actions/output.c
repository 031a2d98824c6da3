/* SPDX-License-Identifier: Apache-2.0 */

/* Output: to a port by number, or to one of OpenFlow's reserved ports.  */

#include "ofproto/actions/output.h"

#include <string.h>

#include "datapath/drop.h"
#include "ofproto/actions/controller.h"
#include "ofproto/actions/fields.h"
#include "ofproto/actions/normal.h"
#include "ofproto/actions/room.h"
#include "ofproto/conn/packet_in.h"
#include "ofproto/wire/actions/output.h"
#include "ofproto/wire/actions/output_reg.h"
#include "ofproto/wire/actions/output_trunc.h"
#include "ofproto/xlate/trace.h"
#include "ofproto/xlate/xlate.h"

DROP_REASON(no_port, "the OpenFlow output port does not exist");
DROP_REASON(to_input, "output to the port the packet came from");

static void output_in_port(struct xlate *x)
{
	const struct view_port *port = xlate_in_port(x);

	if (port)
		xlate_output(x, port);
	else
		xlate_drop(x, &drop_no_port);
}

/* All ports but the input and those that are told 'without'. */
static void output_all(struct xlate *x, uint16_t without)
{
	uint32_t in_port = x->key.base.in_port;

	xlate_add_dep(x, DEP_PORTS, x->bridge->index, 0, 0);
	for (unsigned i = 0; i < x->bridge->n_ports; i++) {
		const struct view_port *port = x->bridge->ports[i];

		xlate_add_dep(x, DEP_LPORT, port->lport->id, 0, 0);
		if (port->number != in_port && !(port->config & without))
			xlate_output(x, port);
	}
}

static void output_number(struct xlate *x, uint32_t number)
{
	xlate_add_dep(x, DEP_NUMBER, x->bridge->index, 0, number);
	const struct view_port *port = view_find_port(x->bridge, number);

	if (!port)
		xlate_drop(x, &drop_no_port);
	else if (number == x->key.base.in_port)
		xlate_drop(x, &drop_to_input);
	else
		xlate_output(x, port);
}

void output_to(struct xlate *x, uint32_t number, uint16_t max_len)
{
	switch (number) {
	case PORT_NORMAL:
		normal_translate(x, NULL);
		break;
	case PORT_IN_PORT:
		output_in_port(x);
		break;
	case PORT_FLOOD:
		output_all(x, PORT_CONFIG_NO_FLOOD);
		break;
	case PORT_ALL:
		output_all(x, 0);
		break;
	case PORT_TABLE:
		xlate_table(x, 0, PORT_IN_PORT);
		break;
	case PORT_CONTROLLER:
		controller_send(x, PACKET_IN_ACTION, NULL);
		break;
	default:
		output_number(x, number);
		break;
	}
}

static void translate(struct xlate *x, const void *args)
{
	const struct action_output *output = args;

	output_to(x, output->port, output->max_len);
}

static void translate_reg(struct xlate *x, const void *args)
{
	const struct action_output_reg *output = args;

	output_to(x, (uint32_t)fields_read_number(x, &output->source), UINT16_MAX);
}

/* What lies behind a patch is cut short as well. */
static void translate_trunc(struct xlate *x, const void *args)
{
	const struct action_output_trunc *output = args;
	uint16_t max_size = x->max_size;
	uint32_t max_len = output->max_len < UINT16_MAX ? output->max_len : UINT16_MAX;

	if (!max_size || max_len < max_size)
		x->max_size = max_len;
	output_to(x, output->port, max_len);
	x->max_size = max_size;
}

ACTION_ROOM_WITH(output, translate, ACTION_ROOM_BLIND);
ACTION_ROOM(output_reg, translate_reg);
ACTION_ROOM_WITH(output_trunc, translate_trunc, ACTION_ROOM_BLIND);
