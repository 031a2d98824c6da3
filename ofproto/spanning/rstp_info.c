/* SPDX-License-Identifier: Apache-2.0 */

/* What is known about a port's link: taking in messages, forgetting what is too old (17.27).  */

#include <string.h>

#include "ofproto/spanning/rstp_priv.h"

static bool same_times(const struct bpdu_times *a, const struct bpdu_times *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/* Better, or from the port that made the offer we have: that one may take it back. */
static bool is_superior(const struct rstp_port *port, const struct bpdu_vector *offer)
{
	uint64_t address = (1ULL << 48) - 1;

	if (bpdu_vector_compare(offer, &port->priority) < 0)
		return true;
	return bpdu_vector_compare(offer, &port->priority) &&
		!((offer->bridge ^ port->priority.bridge) & address) &&
		!((offer->port ^ port->priority.port) & 0xfff);
}

static enum news judge(const struct rstp_port *port)
{
	const struct bpdu *message = &port->message;
	int order = bpdu_vector_compare(&message->vector, &port->priority);

	if (message->kind == BPDU_CHANGE)
		return NEWS_OTHER;
	if (message->role != BPDU_ROLE_DESIGNATED)
		return message->role != BPDU_ROLE_UNKNOWN && order >= 0 ? NEWS_ANSWER : NEWS_OTHER;
	if (is_superior(port, &message->vector))
		return NEWS_SUPERIOR;
	if (order)
		return NEWS_INFERIOR;
	if (!same_times(&message->times, &port->times))
		return NEWS_SUPERIOR;
	return port->info == INFO_RECEIVED ? NEWS_REPEATED : NEWS_OTHER;
}

static bool says(const struct rstp_port *port, enum bpdu_flags flag)
{
	return port->message.flags & flag;
}

static void record_proposal(struct rstp_port *port)
{
	if (says(port, BPDU_PROPOSAL) && port->config.two_ends)
		port->proposed = true;
}

static void set_change_flags(struct rstp_port *port)
{
	port->rcvd_tc |= says(port, BPDU_TOPOLOGY_CHANGE);
	port->rcvd_tc_ack |= says(port, BPDU_CHANGE_ACKNOWLEDGED);
}

/* What has come too far is not believed at all. */
static void restart_ageing(struct rstp_port *port)
{
	bool fresh = port->times.message_age + 1 <= port->times.max_age;

	port->rcvd_info_while = fresh ? 3U * port->times.hello : 0;
}

static void forget_selection(struct rstp_port *port)
{
	port->reselect = true;
	port->selected = false;
}

static void take_superior(struct rstp_port *port)
{
	const struct bpdu *message = &port->message;

	port->agreed = port->proposing = false;
	record_proposal(port);
	set_change_flags(port);
	/* What was agreed to holds as long as the offer got no worse. */
	port->agree = port->agree && port->info == INFO_RECEIVED &&
		bpdu_vector_compare(&message->vector, &port->priority) <= 0;
	port->priority = message->vector;
	port->times = message->times;
	restart_ageing(port);
	port->info = INFO_RECEIVED;
	forget_selection(port);
}

static void take_answer(struct rstp_port *port)
{
	port->agreed = port->rstp->config.rapid && port->config.two_ends &&
		port->message.kind == BPDU_RAPID && says(port, BPDU_AGREEMENT);
	if (port->agreed)
		port->proposing = false;
	set_change_flags(port);
}

static void take_message(struct rstp_port *port)
{
	switch (judge(port)) {
	case NEWS_SUPERIOR:
		take_superior(port);
		break;
	case NEWS_REPEATED:
		record_proposal(port);
		set_change_flags(port);
		restart_ageing(port);
		break;
	case NEWS_INFERIOR:
		/* A neighbour that learns from a worse offer does not hear ours. */
		if (port->message.kind == BPDU_RAPID && says(port, BPDU_LEARNING)) {
			port->disputed = true;
			port->agreed = false;
		}
		break;
	case NEWS_ANSWER:
		take_answer(port);
		break;
	case NEWS_OTHER:
		if (port->message.kind == BPDU_CHANGE)
			port->rcvd_tcn = true;
		break;
	}
	port->rcvd_msg = false;
}

/* The port's knowledge becomes what role selection wants it to tell. */
static void update(struct rstp_port *port)
{
	port->proposing = port->proposed = false;
	port->agreed = port->agreed && port->info == INFO_MINE &&
		bpdu_vector_compare(&port->designated_priority, &port->priority) <= 0;
	port->synced = port->synced && port->agreed;
	port->priority = port->designated_priority;
	port->times = port->designated_times;
	port->updt_info = false;
	port->info = INFO_MINE;
	port->new_info = true;
}

static void disable(struct rstp_port *port)
{
	port->rcvd_msg = false;
	port->proposing = port->proposed = port->agree = port->agreed = false;
	port->rcvd_info_while = 0;
	port->info = INFO_DISABLED;
	forget_selection(port);
}

bool rstp_step_info(struct rstp_port *port)
{
	if (!port->config.link_up) {
		if (port->info == INFO_DISABLED && !port->rcvd_msg)
			return false;
		disable(port);
		return true;
	}
	if (port->info == INFO_DISABLED) {
		port->info = INFO_AGED;
		forget_selection(port);
		return true;
	}
	if (port->selected && port->updt_info) {
		update(port);
		return true;
	}
	if (port->info == INFO_RECEIVED && !port->rcvd_info_while && !port->updt_info &&
	    !port->rcvd_msg) {
		port->info = INFO_AGED;
		forget_selection(port);
		return true;
	}
	if (port->rcvd_msg && !port->updt_info && port->info != INFO_AGED) {
		take_message(port);
		return true;
	}
	return false;
}
