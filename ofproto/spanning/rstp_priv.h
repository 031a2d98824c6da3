/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the state machines of RSTP share. Most names are those of the standard's variables, so that
 * the two can be read side by side.  */

#include <urcu/list.h>

#include "ofproto/spanning/rstp.h"

enum {
	MIGRATE_SECONDS = 3, /* until a neighbour's version is believed, and an edge found */
};

/* Where a port's knowledge about its link comes from. */
enum info {
	INFO_DISABLED,
	INFO_AGED, /* there was some, but it is too old */
	INFO_MINE,
	INFO_RECEIVED,
};

/* How received knowledge compares with what the port has. */
enum news {
	NEWS_SUPERIOR,
	NEWS_REPEATED,
	NEWS_INFERIOR,
	NEWS_ANSWER, /* not a designated port's, and no better than ours */
	NEWS_OTHER,
};

struct rstp_port {
	struct cds_list_head in_rstp;
	struct rstp *rstp;
	void *owner;
	struct rstp_port_config config;

	/* Timers, in seconds. */
	unsigned edge_delay_while, fd_while, hello_when, mdelay_while, rb_while, rcvd_info_while,
		rr_while, tc_while;
	unsigned tx_count;

	enum rstp_role role, selected_role;
	enum info info;
	struct bpdu_vector priority, designated_priority;
	struct bpdu_times times, designated_times;
	struct bpdu message; /* the newest, while rcvd_msg */

	bool agree, agreed, proposed, proposing, disputed;
	bool learn, learning, forward, forwarding;
	bool oper_edge, mcheck, send_rstp, sensing;
	bool rcvd_msg, rcvd_rstp, rcvd_stp, rcvd_tc, rcvd_tcn, rcvd_tc_ack;
	bool sync, synced, re_root, reselect, selected, updt_info;
	bool new_info, tc_ack, tc_prop, tc_active;

	unsigned age; /* seconds since it was made */
	unsigned seconds;
	uint64_t received, sent, errors;
};

struct rstp {
	const struct rstp_hooks *hooks;
	struct rstp_config config;
	struct cds_list_head ports;
	struct bpdu_vector root;
	struct bpdu_times times; /* the root's */
	uint16_t root_port;
};

#define RSTP_FOREACH_PORT(PORT, RSTP) cds_list_for_each_entry(PORT, &(RSTP)->ports, in_rstp)

/* One step of a machine: true if it moved. */

/* rstp_info.c: what is known about the link. */
bool rstp_step_info(struct rstp_port *port);
/* rstp_roles.c: who does what. */
bool rstp_step_roles(struct rstp *rstp);
/* rstp_moves.c: from role to role, to learning and forwarding. */
bool rstp_step_moves(struct rstp_port *port);
bool rstp_step_state(struct rstp_port *port);
/* rstp_change.c: telling others that the topology has changed. */
bool rstp_step_change(struct rstp_port *port);
/* rstp_transmit.c: what is sent, and in which version. */
bool rstp_step_version(struct rstp_port *port);
bool rstp_step_edge(struct rstp_port *port);
bool rstp_step_transmit(struct rstp_port *port);

/* The machines begin anew. */
void rstp_port_begin(struct rstp_port *port);

static inline unsigned rstp_forward_delay(const struct rstp_port *port)
{
	return port->send_rstp ? port->designated_times.hello
			       : port->designated_times.forward_delay;
}
