/* SPDX-License-Identifier: Apache-2.0 */

/* From role to role, and to learning and forwarding: fast where the neighbour agrees, after delays
 * where it cannot (17.29, 17.30).  */

#include "ofproto/spanning/rstp_priv.h"

static void set_sync_tree(struct rstp *rstp)
{
	struct rstp_port *port;

	RSTP_FOREACH_PORT(port, rstp)
		port->sync = true;
}

static void set_re_root_tree(struct rstp *rstp)
{
	struct rstp_port *port;

	RSTP_FOREACH_PORT(port, rstp)
		port->re_root = true;
}

/* Whether no port can be part of a loop until it is told more. */
static bool all_synced(const struct rstp *rstp)
{
	const struct rstp_port *port;

	RSTP_FOREACH_PORT(port, rstp)
		if (!port->selected || port->role != port->selected_role ||
		    (!port->synced && port->role != RSTP_ROLE_ROOT))
			return false;
	return true;
}

/* Whether no other port has been the root port recently. */
static bool re_rooted(const struct rstp_port *port)
{
	const struct rstp_port *other;

	RSTP_FOREACH_PORT(other, port->rstp)
		if (other != port && other->rr_while)
			return false;
	return true;
}

static void stop(struct rstp_port *port)
{
	port->learn = port->forward = false;
}

/* Learns first, then forwards: true if it did either. */
static bool advance(struct rstp_port *port)
{
	if (!port->learn) {
		port->fd_while = rstp_forward_delay(port);
		port->learn = true;
		return true;
	}
	if (port->forward)
		return false;
	port->fd_while = 0;
	port->forward = true;
	return true;
}

static bool step_disabled(struct rstp_port *port)
{
	unsigned max_age = port->designated_times.max_age;

	if (port->learning || port->forwarding)
		return false;
	if (port->fd_while == max_age && !port->sync && !port->re_root && port->synced)
		return false;
	port->fd_while = max_age;
	port->synced = true;
	port->rr_while = 0;
	port->sync = port->re_root = false;
	return true;
}

/* A proposal is answered once nothing behind us can loop; true if something was done. */
static bool step_agreement(struct rstp_port *port)
{
	if (port->proposed && !port->agree) {
		set_sync_tree(port->rstp);
		port->proposed = false;
		return true;
	}
	if ((all_synced(port->rstp) && !port->agree) || (port->proposed && port->agree)) {
		port->proposed = false;
		port->sync = false;
		port->agree = true;
		port->new_info = true;
		return true;
	}
	return false;
}

static bool step_root(struct rstp_port *port)
{
	unsigned delay = port->designated_times.forward_delay;
	bool ready;

	if (step_agreement(port))
		return true;
	if (!port->forward && !port->re_root) {
		set_re_root_tree(port->rstp);
		return true;
	}
	ready = !port->fd_while || (re_rooted(port) && !port->rb_while && port->rstp->config.rapid);
	if (ready && advance(port))
		return true;
	if (port->re_root && port->forward) {
		port->re_root = false;
		return true;
	}
	if (port->rr_while == delay)
		return false;
	port->rr_while = delay;
	return true;
}

static bool step_synced(struct rstp_port *port)
{
	bool still = !port->learning && !port->forwarding;
	bool safe = still || port->agreed || port->oper_edge;

	if (!(safe && !port->synced) && !(port->sync && port->synced))
		return false;
	port->rr_while = 0;
	port->synced = true;
	port->sync = false;
	return true;
}

static bool step_designated(struct rstp_port *port)
{
	if (!port->forward && !port->agreed && !port->proposing && !port->oper_edge) {
		port->proposing = true;
		port->edge_delay_while =
			port->config.two_ends ? MIGRATE_SECONDS : port->designated_times.max_age;
		port->new_info = true;
		return true;
	}
	if (step_synced(port))
		return true;
	if (!port->rr_while && port->re_root) {
		port->re_root = false;
		return true;
	}
	bool must_stop = (port->sync && !port->synced) || (port->re_root && port->rr_while) ||
		port->disputed;

	if (must_stop && !port->oper_edge && (port->learn || port->forward)) {
		stop(port);
		port->disputed = false;
		port->fd_while = rstp_forward_delay(port);
		return true;
	}
	bool ready = (!port->fd_while || port->agreed || port->oper_edge) &&
		(!port->rr_while || !port->re_root) && !port->sync;

	if (!ready || !advance(port))
		return false;
	if (port->forward)
		port->agreed = port->send_rstp;
	return true;
}

static bool step_blocked(struct rstp_port *port)
{
	unsigned delay = rstp_forward_delay(port);
	unsigned backup = 2U * port->designated_times.hello;

	if (step_agreement(port))
		return true;
	if (port->role == RSTP_ROLE_BACKUP && port->rb_while != backup) {
		port->rb_while = backup;
		return true;
	}
	if (port->learning || port->forwarding)
		return false;
	if (port->fd_while == delay && !port->sync && !port->re_root && port->synced)
		return false;
	port->fd_while = delay;
	port->synced = true;
	port->rr_while = 0;
	port->sync = port->re_root = false;
	return true;
}

static void enter_role(struct rstp_port *port)
{
	port->role = port->selected_role;
	if (port->role == RSTP_ROLE_ROOT)
		port->rr_while = port->designated_times.forward_delay;
	else if (port->role != RSTP_ROLE_DESIGNATED)
		stop(port);
}

bool rstp_step_moves(struct rstp_port *port)
{
	if (!port->selected || port->updt_info)
		return false;
	if (port->role != port->selected_role) {
		enter_role(port);
		return true;
	}
	switch (port->role) {
	case RSTP_ROLE_DISABLED:
		return step_disabled(port);
	case RSTP_ROLE_ROOT:
		return step_root(port);
	case RSTP_ROLE_DESIGNATED:
		return step_designated(port);
	default:
		return step_blocked(port);
	}
}

bool rstp_step_state(struct rstp_port *port)
{
	if (port->learning == port->learn && port->forwarding == port->forward)
		return false;
	port->learning = port->learn;
	port->forwarding = port->forward;
	port->seconds = 0;
	port->rstp->hooks->set_state(port->owner, port->learning, port->forwarding);
	return true;
}
