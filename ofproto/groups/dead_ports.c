/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/groups/dead_ports.h"

#include <stdlib.h>
#include <string.h>

#include "datapath/port.h"
#include "lib/epoch.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_changes.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/protocol.h"

/* In order. */
struct dead_ports {
	unsigned n;
	uint32_t numbers[];
};

bool dead_ports_have(const struct dead_ports *dead, uint32_t number)
{
	for (unsigned i = 0; i < dead->n; i++)
		if (dead->numbers[i] == number)
			return true;
	return false;
}

static bool has_no_link(const struct view_port *port)
{
	const struct port *device = port->id ? port_by_id(port->id) : NULL;

	return device && !port_link_up(device);
}

static struct dead_ports *find_dead(const struct bridge *bridge)
{
	unsigned n_ports = bridge->view ? bridge->view->n_ports : 0;
	struct dead_ports *dead = xcalloc(1, sizeof(*dead) + n_ports * sizeof(dead->numbers[0]));

	for (unsigned i = 0; i < n_ports; i++) {
		const struct view_port *port = bridge->view->ports[i];
		const struct bridge_port *mine = bridge_find_port(bridge, port->name);

		if (has_no_link(port) || (mine && protocols_say_dead(mine)))
			dead->numbers[dead->n++] = port->number;
	}
	return dead;
}

/* Tells who depends on links that are not in the other list. */
static void
note_links(struct bridge *bridge, const struct dead_ports *list, const struct dead_ports *other)
{
	struct change *change = bridge_changes_begin();

	for (unsigned i = 0; i < list->n; i++)
		if (!dead_ports_have(other, list->numbers[i]))
			change_add(change, DEP_NUMBER, bridge->index, 0, list->numbers[i]);
	bridge_changes_end();
}

struct dead_ports *dead_ports_new(void)
{
	return XNEW(struct dead_ports);
}

void dead_ports_poll(struct dead_ports **dead, struct bridge *bridge)
{
	struct dead_ports *old = *dead, *new = find_dead(bridge);

	if (new->n == old->n &&
	    !memcmp(new->numbers, old->numbers, new->n * sizeof(new->numbers[0]))) {
		free(new);
		return;
	}
	epoch_store(dead, new);
	bridge_changes_begin();
	note_links(bridge, old, new);
	note_links(bridge, new, old);
	bridge_changes_end();
	epoch_free(old, free);
}
