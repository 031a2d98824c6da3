/* SPDX-License-Identifier: Apache-2.0 */

/* Telling others that the topology has changed, and forgetting addresses when told (17.31).  */

#include "ofproto/spanning/rstp_priv.h"

static bool is_active(const struct rstp_port *port)
{
	return port->role == RSTP_ROLE_ROOT || port->role == RSTP_ROLE_DESIGNATED;
}

static void flush(struct rstp_port *port)
{
	port->rstp->hooks->flush(port->owner);
}

static void start_telling(struct rstp_port *port)
{
	const struct bpdu_times *times = &port->rstp->times;

	if (port->tc_while)
		return;
	if (port->send_rstp) {
		port->tc_while = times->hello + 1U;
		port->new_info = true;
	} else {
		port->tc_while = (unsigned)times->max_age + times->forward_delay;
	}
}

static void tell_other_ports(struct rstp_port *port)
{
	struct rstp_port *other;

	RSTP_FOREACH_PORT(other, port->rstp)
		if (other != port)
			other->tc_prop = true;
}

static bool step_inactive(struct rstp_port *port)
{
	if (is_active(port) && port->forward && !port->oper_edge) {
		port->tc_active = true;
		start_telling(port);
		tell_other_ports(port);
		port->new_info = true;
		return true;
	}
	if (!port->rcvd_tc && !port->rcvd_tcn && !port->rcvd_tc_ack && !port->tc_prop)
		return false;
	port->rcvd_tc = port->rcvd_tcn = port->rcvd_tc_ack = port->tc_prop = false;
	return true;
}

bool rstp_step_change(struct rstp_port *port)
{
	if (!port->tc_active)
		return step_inactive(port);
	if (!is_active(port) || port->oper_edge) {
		port->tc_active = false;
		port->tc_ack = false;
		/* An edge stays as it is; what was behind any other port is elsewhere now. */
		if (!is_active(port)) {
			port->tc_while = 0;
			flush(port);
		}
		return true;
	}
	if (port->rcvd_tcn)
		start_telling(port);
	if (port->rcvd_tcn || port->rcvd_tc) {
		if (port->rcvd_tcn && port->role == RSTP_ROLE_DESIGNATED)
			port->tc_ack = true;
		port->rcvd_tcn = port->rcvd_tc = false;
		tell_other_ports(port);
		return true;
	}
	if (port->tc_prop) {
		start_telling(port);
		flush(port);
		port->tc_prop = false;
		return true;
	}
	if (!port->rcvd_tc_ack)
		return false;
	port->tc_while = 0;
	port->rcvd_tc_ack = false;
	return true;
}
