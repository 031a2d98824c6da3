/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/actions/output.h"

#include "datapath/drop.h"
#include "ofproto/actions/normal.h"
#include "ofproto/xlate/trace.h"
#include "ofproto/xlate/xlate.h"

DROP_REASON(no_port, "the OpenFlow output port does not exist");
DROP_REASON(to_input, "output to the port the packet came from");

static void output_in_port(struct xlate *x)
{
	const struct view_port *port = view_find_port(x->bridge, x->key.base.in_port);

	if (port)
		xlate_output(x, port);
	else
		xlate_drop(x, &drop_no_port);
}

static void output_all(struct xlate *x)
{
	uint32_t in_port = x->key.base.in_port;

	xlate_add_dep(x, DEP_PORTS, x->bridge->index, 0, 0);
	for (unsigned i = 0; i < x->bridge->n_ports; i++)
		if (x->bridge->ports[i]->number != in_port)
			xlate_output(x, x->bridge->ports[i]);
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

void output_translate(struct xlate *x, const void *args)
{
	const struct action_output *output = args;

	switch (output->port) {
	case PORT_NUMBER_NORMAL:
		normal_translate(x, NULL);
		break;
	case PORT_NUMBER_IN_PORT:
		output_in_port(x);
		break;
	case PORT_NUMBER_FLOOD:
	case PORT_NUMBER_ALL:
		output_all(x);
		break;
	default:
		output_number(x, output->port);
		break;
	}
}
