/* SPDX-License-Identifier: Apache-2.0 */

/* Who does what: the best way to the root, and from that the role of each port (17.28).  */

#include <string.h>

#include "ofproto/spanning/rstp_priv.h"

/* A way to the root: the offer of a port, made worse by what the link costs. */
struct way {
	struct bpdu_vector vector;
	uint16_t port;
};

static int compare_ways(const struct way *a, const struct way *b)
{
	int order = bpdu_vector_compare(&a->vector, &b->vector);

	return order ? order : (a->port > b->port) - (a->port < b->port);
}

static void find_root(struct rstp *rstp)
{
	const uint64_t address = (1ULL << 48) - 1;
	struct way best = {.vector = {.root = rstp->config.id, .bridge = rstp->config.id}};
	const struct rstp_port *port, *through = NULL;

	RSTP_FOREACH_PORT(port, rstp) {
		struct way way = {.vector = port->priority, .port = port->config.id};

		if (port->info != INFO_RECEIVED ||
		    !((port->priority.bridge ^ rstp->config.id) & address))
			continue;
		if (__builtin_add_overflow(way.vector.cost, port->config.cost, &way.vector.cost))
			continue;
		if (compare_ways(&way, &best) >= 0)
			continue;
		best = way;
		through = port;
	}
	rstp->root = best.vector;
	rstp->root_port = best.port;
	rstp->times = rstp->config.times;
	if (through) {
		rstp->times = through->times;
		rstp->times.message_age += rstp->times.message_age < UINT8_MAX;
	}
}

static void give_role(struct rstp *rstp, struct rstp_port *port)
{
	int order = bpdu_vector_compare(&port->designated_priority, &port->priority);
	bool same_times = !memcmp(&port->times, &port->designated_times, sizeof(port->times));

	port->updt_info = false;
	switch (port->info) {
	case INFO_DISABLED:
		port->selected_role = RSTP_ROLE_DISABLED;
		return;
	case INFO_AGED:
		port->updt_info = true;
		port->selected_role = RSTP_ROLE_DESIGNATED;
		return;
	case INFO_MINE:
		port->updt_info = order || !same_times;
		port->selected_role = RSTP_ROLE_DESIGNATED;
		return;
	case INFO_RECEIVED:
		break;
	}
	if (rstp->root_port == port->config.id) {
		port->selected_role = RSTP_ROLE_ROOT;
	} else if (order < 0) {
		port->selected_role = RSTP_ROLE_DESIGNATED;
		port->updt_info = true;
	} else {
		bool own = (port->priority.bridge ^ rstp->config.id) << 16 == 0;

		port->selected_role = own ? RSTP_ROLE_BACKUP : RSTP_ROLE_ALTERNATE;
	}
}

bool rstp_step_roles(struct rstp *rstp)
{
	struct rstp_port *port;
	bool wanted = false;

	RSTP_FOREACH_PORT(port, rstp)
		wanted |= port->reselect;
	if (!wanted)
		return false;
	find_root(rstp);
	RSTP_FOREACH_PORT(port, rstp) {
		port->reselect = false;
		port->designated_priority = (struct bpdu_vector){
			.root = rstp->root.root,
			.cost = rstp->root.cost,
			.bridge = rstp->config.id,
			.port = port->config.id,
		};
		port->designated_times = rstp->times;
		port->designated_times.hello = rstp->config.times.hello;
		give_role(rstp, port);
		port->selected = true;
	}
	return true;
}
