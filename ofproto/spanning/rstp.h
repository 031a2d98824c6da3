/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The rapid spanning tree protocol of one bridge (IEEE 802.1D-2004, clause 17), and plain STP, which
 * is the same with an old version number.
 *
 * Knows nothing but frames, seconds and links: what it decides is told by hooks. A port's variables
 * are moved by small state machines that run, after each event, until none of them has anything to
 * do. Main thread.  */

#include <stdbool.h>
#include <stdint.h>

#include "ofproto/spanning/bpdu.h"

struct rstp;
struct rstp_port;

enum rstp_role {
	RSTP_ROLE_DISABLED,
	RSTP_ROLE_ROOT,
	RSTP_ROLE_DESIGNATED,
	RSTP_ROLE_ALTERNATE,
	RSTP_ROLE_BACKUP,
};

/* What the protocol wants done. Nothing of rstp_* may be called from within. */
struct rstp_hooks {
	void (*send)(void *owner, const struct bpdu *bpdu);
	/* What was learnt on the port is no longer true. */
	void (*flush)(void *owner);
	void (*set_state)(void *owner, bool learning, bool forwarding);
};

struct rstp_config {
	uint64_t id; /* the bridge's: priority and address */
	bool rapid; /* else it speaks as STP does */
	struct bpdu_times times; /* message_age: 0 */
	uint8_t hold_count; /* frames a port may send within a second */
};

struct rstp_port_config {
	uint16_t id; /* priority and number */
	uint32_t cost;
	bool link_up;
	bool two_ends; /* the link has one bridge at its other end at most */
	bool edge; /* there is none at all */
	bool detect_edge; /* find that out */
};

struct rstp_port_status {
	enum rstp_role role;
	bool learning, forwarding;
	uint16_t id;
	struct bpdu_vector designated; /* the best offer on the link */
	uint64_t received, sent, errors;
	unsigned seconds; /* since the state changed */
	unsigned age; /* seconds that the counters cover */
};

struct rstp_status {
	uint64_t id;
	struct bpdu_vector root; /* the way to it; port: that of the bridge next on the way */
	uint16_t root_port; /* 0: this is the root */
	struct bpdu_times times; /* the root's */
};

struct rstp *rstp_new(const struct rstp_hooks *hooks, const struct rstp_config *config);
void rstp_free(struct rstp *rstp);
void rstp_configure(struct rstp *rstp, const struct rstp_config *config);
void rstp_get_status(const struct rstp *rstp, struct rstp_status *status);
/* A second has passed. */
void rstp_tick(struct rstp *rstp);
/* As if the topology had just changed. */
void rstp_tell_change(struct rstp *rstp);

/* 'owner' is what hooks get. */
struct rstp_port *
rstp_port_new(struct rstp *rstp, void *owner, const struct rstp_port_config *config);
void rstp_port_free(struct rstp_port *port);
void rstp_port_configure(struct rstp_port *port, const struct rstp_port_config *config);
/* Finds out anew whether the neighbour speaks RSTP. */
void rstp_port_check_version(struct rstp_port *port);
void rstp_port_receive(struct rstp_port *port, const struct bpdu *bpdu);
/* A frame came that made no sense. */
void rstp_port_count_error(struct rstp_port *port);
void rstp_port_get_status(const struct rstp_port *port, struct rstp_port_status *status);
