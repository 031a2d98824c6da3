/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What bridge.c shares with the other files about bridges. Main thread only.  */

#include <stdint.h>

#include <urcu/list.h>

#include "lib/hmap.h"
#include "ofproto/bridge.h"
#include "ofproto/view.h"

struct change;
struct groups;
struct limits;
struct l2;
struct bfd_port;
struct lldp_port;
struct meters;
struct spanning;
struct spanning_port;
struct strbuf;
struct tlv_map;
struct tunnel_options;

/* A port keeps its number and slot as long as it has its name. */
struct bridge_port {
	struct hmap_node node; /* in bridge.ports, by name */
	char *name;
	char *peer; /* of a patch port */
	struct port *port; /* of any other */
	uint32_t number; /* 0: none yet */
	uint32_t requested;
	uint32_t remembered; /* 0, or what it gets, if it can, when it has none and asks for none */
	uint32_t slot;
	int64_t since_ms; /* has been a port, by this device */
	uint16_t config; /* enum port_config */
	uint16_t protocols; /* it listens to, a bit each (ofproto/protocol.h) */
	bool bfd_key_zero; /* as in the view */
	struct mac bfd_to;
	struct lldp_port *lldp; /* NULL: it does not speak it */
	struct bfd_port *bfd; /* NULL: its far end is not watched */
	bool wanted;
};

struct lport {
	struct hmap_node node; /* in bridge.lports, by name */
	char *name;
	uint32_t id;
	bool wanted;
	/* As configured; ports are those of the bridge. */
	struct view_lport *draft; /* settings only, without ports */
	struct bridge_port **ports;
	unsigned n_ports;
	const struct view_lport *view; /* as published */
	struct spanning_port *spanning; /* its part in a spanning tree, or NULL */
};

struct bridge {
	struct hmap_node node; /* by name */
	char *name;
	uint32_t index;
	enum bridge_fail_mode fail_mode;
	bool configured;
	bool forward_bpdu;
	bool dirty; /* the published view is not what it should be */
	uint64_t datapath_id;
	struct hmap ports, lports;
	uint64_t numbers[(PORT_NUMBER_MAX + 1) / 64]; /* in use */
	struct mac_table *macs;
	struct tables *tables;
	struct groups *groups;
	struct limits *limits; /* of tables */
	struct meters *meters;
	struct cds_list_head timed; /* rules with a timeout */
	struct view_bridge *view;
	/* ofproto/conn/service.c */
	char *desc, *serial; /* what controllers are told; NULL: nothing was chosen */
	unsigned queue_size; /* packets that may wait for a controller; 0: any number */
	struct endpoint *service;
	struct endpoint *snoop_service;
	struct cds_list_head conns, snoops;
	struct cds_list_head controllers;
	struct told_ports *told_ports; /* ofproto/conn/port_status.c */
	uint32_t versions; /* of OpenFlow, 1 << version each; 0: all */
	int64_t answered_ms; /* when a primary controller was last there */
	bool alone; /* none is, so the bridge forwards by itself */
	bool misses_are_asked; /* a controller wants the packets that no rule matches */
	bool ttls_are_asked; /* a controller wants the packets whose TTL is used up */
	uint64_t generation; /* of the last change of roles */
	bool has_generation;
	struct spanning *spanning;
	struct l2 *l2;
	struct tunnel_options *options; /* what the fields tun_metadata0… stand for (bindings.h) */
};

/* The bridge a command speaks of; explains itself. NULL name: the only one there is. */
struct bridge *bridge_of_command(const char *name, struct errbuf *err);
/* ofproto/bindings.c. For a new bridge: nothing is bound. */
void bindings_init(struct bridge *bridge);
/* No translator may see the bridge any more. */
void bindings_fini(struct bridge *bridge);
/* Where tunnel options are in the keys of the bridge's rules and packets (bindings.h). Never NULL. */
const struct tlv_map *bridge_tlv_map(const struct bridge *bridge);
struct bridge *bridge_at(uint32_t index);
/* NULL if there is none. */
struct bridge_port *bridge_find_port(const struct bridge *bridge, const char *name);
struct lport *bridge_find_lport(const struct bridge *bridge, const char *name);
struct lport *bridge_lport_of(const struct bridge *bridge, const struct bridge_port *port);
struct hmap *bridges_all(void);

/* Rules go that no controller is responsible for, as when fail_mode becomes another one. */
void bridge_begin_anew(struct bridge *bridge);
/* Puts in the rules a bridge has of itself: NORMAL, if it stands alone. */
void bridge_add_default_rules(struct bridge *bridge, struct change *change);

/* ofproto/publish.c: makes new views of what differs and publishes them; notes in 'change' what
 * flows may have relied on. */
void bridges_publish(struct change *change);
/* A bridge's index is free again. */
void bridges_publish_gone(void);
