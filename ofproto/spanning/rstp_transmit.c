/* SPDX-License-Identifier: Apache-2.0 */

/* What is sent, when, and in which version of the protocol (17.24 to 17.26).  */

#include "ofproto/spanning/rstp_priv.h"

static void choose_version(struct rstp_port *port, bool rapid)
{
	port->send_rstp = rapid;
	port->mcheck = false;
	port->mdelay_while = MIGRATE_SECONDS;
	port->sensing = false;
}

/* The neighbour's version is believed after it had a while to hear ours. */
bool rstp_step_version(struct rstp_port *port)
{
	bool rapid = port->rstp->config.rapid;

	if (!port->config.link_up) {
		if (port->mdelay_while == MIGRATE_SECONDS && !port->sensing)
			return false;
		choose_version(port, rapid);
		return true;
	}
	if (!port->sensing) {
		if (port->mdelay_while && !port->mcheck)
			return false;
		port->sensing = true;
		port->rcvd_rstp = port->rcvd_stp = false;
		return true;
	}
	if (port->mcheck || (rapid && !port->send_rstp && port->rcvd_rstp)) {
		choose_version(port, rapid);
		return true;
	}
	if (port->send_rstp && port->rcvd_stp) {
		choose_version(port, false);
		return true;
	}
	return false;
}

/* A port nobody answers on leads to hosts only. */
bool rstp_step_edge(struct rstp_port *port)
{
	bool edge = port->oper_edge;

	if (!port->config.link_up) {
		edge = port->config.edge;
		port->edge_delay_while = MIGRATE_SECONDS;
	} else if (!port->edge_delay_while && port->config.detect_edge && port->send_rstp && port->proposing) {
		edge = true;
	}
	if (edge == port->oper_edge)
		return false;
	port->oper_edge = edge;
	return true;
}

static uint8_t rapid_flags(const struct rstp_port *port)
{
	uint8_t flags = 0;

	if (port->proposing)
		flags |= BPDU_PROPOSAL;
	if (port->learning)
		flags |= BPDU_LEARNING;
	if (port->forwarding)
		flags |= BPDU_FORWARDING;
	if (port->agree)
		flags |= BPDU_AGREEMENT;
	return flags;
}

static enum bpdu_role role_told(const struct rstp_port *port)
{
	switch (port->role) {
	case RSTP_ROLE_ROOT:
		return BPDU_ROLE_ROOT;
	case RSTP_ROLE_DESIGNATED:
		return BPDU_ROLE_DESIGNATED;
	case RSTP_ROLE_ALTERNATE:
	case RSTP_ROLE_BACKUP:
		return BPDU_ROLE_ALTERNATE;
	default:
		return BPDU_ROLE_UNKNOWN;
	}
}

static void send(struct rstp_port *port)
{
	struct bpdu bpdu = {
		.kind = port->send_rstp ? BPDU_RAPID : BPDU_CONFIG,
		.role = role_told(port),
		.vector = port->designated_priority,
		.times = port->designated_times,
	};

	if (!port->send_rstp && port->role == RSTP_ROLE_ROOT)
		bpdu.kind = BPDU_CHANGE;
	if (port->tc_while)
		bpdu.flags |= BPDU_TOPOLOGY_CHANGE;
	if (port->send_rstp)
		bpdu.flags |= rapid_flags(port);
	else if (port->tc_ack)
		bpdu.flags |= BPDU_CHANGE_ACKNOWLEDGED;
	port->new_info = false;
	if (bpdu.kind != BPDU_CHANGE)
		port->tc_ack = false;
	port->tx_count++;
	port->sent++;
	port->rstp->hooks->send(port->owner, &bpdu);
}

bool rstp_step_transmit(struct rstp_port *port)
{
	bool designated = port->role == RSTP_ROLE_DESIGNATED;
	bool root = port->role == RSTP_ROLE_ROOT;

	if (!port->selected || port->updt_info || !port->config.link_up)
		return false;
	if (!port->hello_when) {
		port->new_info |= designated || (root && port->tc_while);
		port->hello_when = port->designated_times.hello;
		return true;
	}
	if (!port->new_info || port->tx_count >= port->rstp->config.hold_count)
		return false;
	if (!port->send_rstp && !designated && !root) {
		port->new_info = false;
		return false;
	}
	/* To STP a root port has nothing to say but that the topology changed. */
	if (!port->send_rstp && root && !port->tc_while) {
		port->new_info = false;
		return false;
	}
	send(port);
	return true;
}
