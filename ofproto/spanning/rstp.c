/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/spanning/rstp.h"

#include <stdlib.h>
#include <string.h>

#include "lib/xmalloc.h"
#include "ofproto/spanning/rstp_priv.h"

enum {
	STEPS_MAX = 10000, /* far more than the machines of many ports can need */
};

static bool step_port(struct rstp_port *port)
{
	bool moved = rstp_step_version(port);

	moved |= rstp_step_edge(port);
	moved |= rstp_step_info(port);
	return moved;
}

/* Roles are chosen before any port acts on one, and frames are sent when all is decided. */
static void run(struct rstp *rstp)
{
	struct rstp_port *port;
	bool moved = true;

	for (unsigned i = 0; moved && i < STEPS_MAX; i++) {
		moved = false;
		RSTP_FOREACH_PORT(port, rstp)
			moved |= step_port(port);
		moved |= rstp_step_roles(rstp);
		RSTP_FOREACH_PORT(port, rstp) {
			moved |= rstp_step_moves(port);
			moved |= rstp_step_state(port);
			moved |= rstp_step_change(port);
		}
		if (moved)
			continue;
		RSTP_FOREACH_PORT(port, rstp)
			moved |= rstp_step_transmit(port);
	}
}

struct rstp *rstp_new(const struct rstp_hooks *hooks, const struct rstp_config *config)
{
	struct rstp *rstp = XNEW(struct rstp);

	rstp->hooks = hooks;
	rstp->config = *config;
	rstp->times = config->times;
	rstp->root = (struct bpdu_vector){.root = config->id, .bridge = config->id};
	CDS_INIT_LIST_HEAD(&rstp->ports);
	return rstp;
}

void rstp_free(struct rstp *rstp)
{
	struct rstp_port *port, *next;

	if (!rstp)
		return;
	cds_list_for_each_entry_safe(port, next, &rstp->ports, in_rstp)
		free(port);
	free(rstp);
}

void rstp_configure(struct rstp *rstp, const struct rstp_config *config)
{
	struct rstp_port *port;
	bool same = rstp->config.id == config->id && rstp->config.rapid == config->rapid &&
		rstp->config.hold_count == config->hold_count &&
		!memcmp(&rstp->config.times, &config->times, sizeof(config->times));
	bool same_version = rstp->config.rapid == config->rapid;

	if (same)
		return;
	rstp->config = *config;
	RSTP_FOREACH_PORT(port, rstp) {
		if (!same_version)
			rstp_port_begin(port);
		port->reselect = true;
		port->selected = false;
	}
	run(rstp);
}

void rstp_get_status(const struct rstp *rstp, struct rstp_status *status)
{
	*status = (struct rstp_status){
		.id = rstp->config.id,
		.root = rstp->root,
		.root_port = rstp->root_port,
		.times = rstp->times,
	};
}

static void pass_second(unsigned *timer)
{
	if (*timer)
		--*timer;
}

void rstp_tick(struct rstp *rstp)
{
	struct rstp_port *port;

	RSTP_FOREACH_PORT(port, rstp) {
		unsigned *timers[] = {
			&port->edge_delay_while,
			&port->fd_while,
			&port->hello_when,
			&port->mdelay_while,
			&port->rb_while,
			&port->rcvd_info_while,
			&port->rr_while,
			&port->tc_while,
			&port->tx_count,
		};

		for (unsigned i = 0; i < ARRAY_LENGTH(timers); i++)
			pass_second(timers[i]);
		port->seconds++;
		port->age++;
	}
	run(rstp);
}

void rstp_tell_change(struct rstp *rstp)
{
	struct rstp_port *port;

	RSTP_FOREACH_PORT(port, rstp)
		port->tc_prop = true;
	run(rstp);
}

void rstp_port_begin(struct rstp_port *port)
{
	const struct rstp_config *config = &port->rstp->config;
	bool was_on = port->learning || port->forwarding;

	port->role = port->selected_role = RSTP_ROLE_DISABLED;
	port->info = INFO_DISABLED;
	port->designated_times = port->times = config->times;
	port->send_rstp = config->rapid;
	port->sensing = false;
	port->mdelay_while = port->edge_delay_while = MIGRATE_SECONDS;
	port->oper_edge = port->config.edge;
	port->learn = port->learning = port->forward = port->forwarding = false;
	port->agree = port->agreed = port->proposed = port->proposing = port->disputed = false;
	port->rcvd_msg = port->rcvd_rstp = port->rcvd_stp = false;
	port->rcvd_tc = port->rcvd_tcn = port->rcvd_tc_ack = port->tc_prop = port->tc_ack = false;
	port->tc_active = false;
	port->tc_while = port->tx_count = port->rb_while = port->rcvd_info_while = 0;
	port->fd_while = config->times.max_age;
	port->rr_while = config->times.forward_delay;
	port->synced = false;
	port->sync = port->re_root = true;
	port->new_info = true;
	port->hello_when = config->times.hello;
	port->reselect = true;
	port->selected = port->updt_info = false;
	if (was_on)
		port->rstp->hooks->set_state(port->owner, false, false);
	port->seconds = 0;
}

struct rstp_port *
rstp_port_new(struct rstp *rstp, void *owner, const struct rstp_port_config *config)
{
	struct rstp_port *port = XNEW(struct rstp_port);

	port->rstp = rstp;
	port->owner = owner;
	port->config = *config;
	cds_list_add_tail(&port->in_rstp, &rstp->ports);
	rstp_port_begin(port);
	rstp->hooks->set_state(owner, false, false);
	run(rstp);
	return port;
}

void rstp_port_free(struct rstp_port *port)
{
	struct rstp *rstp;
	struct rstp_port *other;

	if (!port)
		return;
	rstp = port->rstp;
	cds_list_del(&port->in_rstp);
	free(port);
	RSTP_FOREACH_PORT(other, rstp) {
		other->reselect = true;
		other->selected = false;
	}
	/* With no port left nobody asks, but what is told must be right. */
	if (cds_list_empty(&rstp->ports)) {
		rstp->root =
			(struct bpdu_vector){.root = rstp->config.id, .bridge = rstp->config.id};
		rstp->root_port = 0;
		rstp->times = rstp->config.times;
	}
	run(rstp);
}

static bool same_config(const struct rstp_port_config *a, const struct rstp_port_config *b)
{
	return a->id == b->id && a->cost == b->cost && a->link_up == b->link_up &&
		a->two_ends == b->two_ends && a->edge == b->edge &&
		a->detect_edge == b->detect_edge;
}

void rstp_port_configure(struct rstp_port *port, const struct rstp_port_config *config)
{
	bool was_edge = port->config.edge;

	if (same_config(&port->config, config))
		return;
	port->config = *config;
	if (config->edge && !was_edge)
		port->oper_edge = true;
	port->reselect = true;
	port->selected = false;
	run(port->rstp);
}

void rstp_port_check_version(struct rstp_port *port)
{
	port->mcheck = true;
	run(port->rstp);
}

void rstp_port_receive(struct rstp_port *port, const struct bpdu *bpdu)
{
	port->received++;
	if (!port->config.link_up)
		return;
	port->rcvd_rstp = bpdu->kind == BPDU_RAPID;
	port->rcvd_stp = !port->rcvd_rstp;
	port->oper_edge = false;
	port->edge_delay_while = MIGRATE_SECONDS;
	port->message = *bpdu;
	port->rcvd_msg = true;
	run(port->rstp);
}

void rstp_port_count_error(struct rstp_port *port)
{
	port->received++;
	port->errors++;
}

void rstp_port_get_status(const struct rstp_port *port, struct rstp_port_status *status)
{
	*status = (struct rstp_port_status){
		.role = port->role,
		.learning = port->learning,
		.forwarding = port->forwarding,
		.id = port->config.id,
		.designated = port->priority,
		.received = port->received,
		.sent = port->sent,
		.errors = port->errors,
		.seconds = port->seconds,
		.age = port->age,
	};
}
