/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/explain/port_names.h"

#include "lib/near.h"
#include "ofproto/view.h"

static bool port_number(void *view_, const char *name, uint32_t *number)
{
	const struct view_port *port = view_find_port_named(view_, name);

	if (port)
		*number = port->number;
	return port;
}

static const char *port_name(void *view_, uint32_t number)
{
	const struct view_port *port = view_find_port(view_, number);

	return port ? port->name : NULL;
}

static void port_near(void *view_, struct near *near)
{
	const struct view_bridge *view = view_;

	for (unsigned i = 0; i < view->n_ports; i++)
		near_add(near, view->ports[i]->name);
}

struct names port_names(const struct view_bridge *view)
{
	return (struct names){
		.port_number = port_number,
		.port_name = port_name,
		.port_near = port_near,
		.context = (void *)view,
	};
}
