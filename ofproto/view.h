/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The view: what translators see of all bridges.
 *
 * The main thread publishes a new view whenever a bridge, port or lport changed; a published view
 * and all it points to never change (only MAC and rule tables behind it do, each in its own
 * lock-free way). Unchanged lports are carried over from view to view.
 *
 * A slot is where packets come in: the datapath's port id, or a number beyond those for the virtual
 * end of a patch.  */

#include <stdbool.h>
#include <stdint.h>

#include "lib/flow/names.h"
#include "lib/types.h"
#include "ofproto/bridge.h"

struct groups;
struct guard;
struct l2_view;
struct mac_table;
struct meters;
struct tables;
struct tunnel;
struct tunnel_options;
struct view_lport;

enum {
	VIEW_BRIDGES = 1024,
	VIEW_PATCHES = 8192,
	VIEW_NAME_SIZE = 64,
	VIEW_NO_SLOT = 0, /* datapath port ids start at 1 */
};

/* The highest number a port can get: OpenFlow 1.0 must be able to say it. */
#define PORT_NUMBER_MAX 0xfeffu

/* What a spanning tree lets an lport do. */
enum lport_state {
	LPORT_FORWARDS,
	LPORT_LEARNS, /* and forwards nothing yet */
	LPORT_BLOCKED,
};

/* What a controller may ask of a port, by OpenFlow's numbers. */
enum port_config {
	PORT_CONFIG_DOWN = 1,
	PORT_CONFIG_NO_RECV = 4,
	PORT_CONFIG_NO_FLOOD = 0x10, /* OpenFlow 1.0 */
	PORT_CONFIG_NO_FWD = 0x20,
	PORT_CONFIG_NO_PACKET_IN = 0x40,
};

struct view_port {
	const struct view_lport *lport;
	uint32_t number;
	uint32_t slot;
	uint32_t peer; /* of a patch port: the slot of the other end, or VIEW_NO_SLOT */
	int64_t since_ms; /* has been a port */
	uint16_t id; /* the datapath's, 0 for patch ports */
	uint16_t config; /* enum port_config */
	uint16_t protocols; /* it listens to, a bit each (ofproto/protocol.h) */
	bool bfd_key_zero; /* BFD's frames come with tunnel key 0; others are traffic */
	struct mac bfd_to; /* … and to this address, unless it is zero */
	const struct tunnel *tunnel; /* of a tunnel port, else NULL */
	char name[VIEW_NAME_SIZE];
};

struct view_lport {
	uint32_t id; /* never used twice */
	uint32_t bridge; /* its index */
	enum vlan_mode vlan_mode;
	uint16_t tag;
	enum priority_tags priority_tags;
	enum private_trunk private_trunk;
	bool protected_port;
	enum lport_state state;
	be16 qinq_type; /* of the tag that a tunnel adds */
	uint64_t *trunks; /* NULL: all VLANs */
	uint64_t *cvlans; /* customers' VLANs that a tunnel takes; NULL: all */
	struct guard *guard; /* NULL: all is allowed */
	uint32_t overhears; /* the meter of what snooping hears here */
	bool mcast_flood; /* gets all groups … */
	bool mcast_reports; /* … and all that is said about them */
	unsigned n_ports;
	struct view_port ports[];
};

struct view_bridge {
	const char *name; /* the bridge's own, which outlives every view of it */
	uint32_t index;
	enum bridge_fail_mode fail_mode;
	bool forward_bpdu;
	bool has_bonds;
	bool misses_are_asked; /* packets that no rule matches go to a controller */
	bool ttls_are_asked; /* so do those whose TTL is used up */
	struct mac_table *macs;
	struct tables *tables;
	struct groups *groups;
	struct meters *meters;
	struct l2_view *l2;
	const struct tunnel_options *options; /* what the fields tun_metadata0… stand for */
	const struct view_port **ports; /* by number */
	unsigned n_ports;
	const struct view_lport **lports; /* by id */
	unsigned n_lports;
};

struct view {
	const struct view_bridge *bridges[VIEW_BRIDGES];
	uint32_t n_slots;
	const struct view_port *slots[];
};

/* Any thread that holds an epoch. */

/* The newest view; never NULL. */
const struct view *view_get(void);
/* NULL where there is none. */
const struct view_port *view_port_at(const struct view *view, uint32_t slot);
const struct view_bridge *view_bridge_of(const struct view *view, const struct view_lport *lport);
const struct view_port *view_find_port(const struct view_bridge *bridge, uint32_t number);
const struct view_port *view_find_port_named(const struct view_bridge *bridge, const char *name);
const struct view_lport *view_find_lport(const struct view_bridge *bridge, uint32_t id);
/* Whether the set, NULL for all, has the VLAN. */
bool view_vlans_have(const uint64_t *vlans, uint16_t vlan);
/* Whether the lport carries the VLAN, and the set of all it carries. */
bool view_lport_carries(const struct view_lport *lport, uint16_t vlan);
void view_lport_vlans(const struct view_lport *lport, uint64_t vlans[4096 / 64]);

/* Main thread. */

/* Publishes 'take_view'; the old one (not what it points to) is freed when nobody reads it. */
void view_publish(struct view *take_view);
/* Frees what only the newest view has, when another is published and nobody reads this one any more. */
void view_retire(void *obj, void (*free_fn)(void *));
/* A view with room for 'n_slots', with no ports and no bridges. */
struct view *view_new(uint32_t n_slots);
/* Sorts and indexes what was put into 'ports' and 'lports'. */
void view_bridge_index(struct view_bridge *bridge);
void view_bridge_free(void *bridge);
void view_lport_free(void *lport);
