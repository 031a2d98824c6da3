/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Bridges: OpenFlow switches made of ports that the datapath opened.
 *
 * The configuration is declared: vswitchd fills a bridge_config with everything the bridge shall
 * have and bridge_apply() makes the difference. What translators read of a bridge (ports, VLANs,
 * tables) is published as immutable views; nothing here is called from a worker.  */

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "lib/types.h"

struct bridge;
struct errbuf;
struct eviction_fields;
struct guard_config;
struct bfd_settings;
struct l2_config;
struct port;
struct tls;

enum bridge_fail_mode {
	BRIDGE_STANDALONE,
	BRIDGE_SECURE
};

enum vlan_mode {
	VLAN_MODE_TRUNK,
	VLAN_MODE_ACCESS,
	VLAN_MODE_NATIVE_TAGGED,
	VLAN_MODE_NATIVE_UNTAGGED,
	VLAN_MODE_DOT1Q_TUNNEL,
};

/* Whether frames that lose their VLAN tag keep one that only tells the priority. */
enum priority_tags {
	PRIORITY_TAGS_NEVER,
	PRIORITY_TAGS_IF_NONZERO,
	PRIORITY_TAGS_ALWAYS,
};

/* How a trunk carries private VLANs: to a switch that knows them; to a router or switch that knows
 * primary VLANs only, and hears all; or to one all of whose hosts are isolated. */
enum private_trunk {
	PRIVATE_TRUNK_PLAIN,
	PRIVATE_TRUNK_PROMISCUOUS,
	PRIVATE_TRUNK_ISOLATED,
};

/* Which spanning tree protocol a bridge speaks. */
enum spanning_mode {
	SPANNING_NONE,
	SPANNING_STP,
	SPANNING_RSTP,
};

/* A row of Interface. */
struct bridge_port_config {
	const char *name;
	struct port *port; /* NULL for patch ports */
	const char *peer; /* of a patch port, else NULL */
	bool lldp; /* speaks it */
	const struct bfd_settings *bfd; /* its far end is watched; or NULL */
	uint32_t last_number; /* that it had before the daemon started, 0: none */
	uint32_t requested_number; /* ofport_request, 0: none; UINT32_MAX - 1: LOCAL */
};

/* A row of Port. */
struct bridge_lport_config {
	const char *name;
	const struct bridge_port_config *ports;
	unsigned n_ports;
	enum vlan_mode vlan_mode;
	uint16_t tag; /* where the mode has one */
	uint64_t trunks[4096 / 64]; /* VLANs carried; all ones when no list was given */
	uint64_t cvlans[4096 / 64]; /* customers' VLANs that a tunnel takes; like trunks */
	uint16_t qinq_type; /* of the outer tag that a tunnel adds; 0: 802.1ad's */
	enum priority_tags priority_tags;
	enum private_trunk private_trunk;
	bool protected_port;
	const struct guard_config *guard; /* NULL: all is allowed */
	const json_t *other_config; /* the rest, as strings; borrowed, may be NULL */
};

/* A row of Flow_Table. */
struct bridge_table_config {
	uint8_t number;
	const char *name;
	uint32_t max_rules; /* UINT32_MAX: no limit but the switch's own */
	bool evicts; /* beyond that a rule of the largest group goes */
	const struct eviction_fields *groups; /* NULL: the table is one group */
};

/* A row of Controller. */
struct bridge_controller_config {
	const char *target;
	bool service; /* does not decide about the rules */
	bool quiet; /* is sent nothing it did not ask for */
	int probe_ms; /* of silence; 0: never, -1: the default */
	unsigned max_backoff_ms; /* 0: the default */
	unsigned dscp; /* of what is sent to it */
	unsigned rate_limit, burst_limit; /* packets per second; 0: any number */
	unsigned queue_size; /* packets that may wait until it reads; 0: as the bridge says */
};

struct bridge_controller_status {
	bool connected;
	const char *role; /* "other", "master" or "slave"; NULL: not connected */
	const char *state;
	const char *last_error; /* or NULL */
	int64_t connected_ms, disconnected_ms; /* how long ago, or -1 */
};

struct bridge_config {
	const char *name;
	uint64_t datapath_id;
	enum bridge_fail_mode fail_mode;
	const struct bridge_lport_config *lports;
	unsigned n_lports;
	const struct bridge_controller_config *controllers;
	unsigned n_controllers;
	unsigned
		queue_size; /* packets that may wait for each that says nothing of it; 0: any number */
	const struct bridge_table_config *tables;
	unsigned n_tables;
	struct tls *tls; /* for "ssl:" controllers; stays the same */
	uint32_t versions; /* of OpenFlow that may be spoken, 1 << version each; 0: all */
	enum spanning_mode spanning;
	bool forward_bpdu; /* frames for reserved addresses are nothing special */
	uint32_t mac_aging_ms;
	uint32_t mac_table_size;
	const struct l2_config *l2; /* NULL: none of it */
	const json_t *other_config; /* the rest, as strings; borrowed */
};

/* Main thread. */

/* Starts and stops the translators and what else bridges share. */
int bridges_start(struct errbuf *err);
void bridges_stop(void);
/* Where <bridge>.mgmt goes; before the first bridge. */
void bridges_set_directory(const char *directory);
/* How long idle flows stay, how many there may be, how many threads translate; 0: the default. */
void bridges_configure(uint32_t max_idle_ms, uint32_t flow_limit, uint32_t threads);

struct bridge *bridge_new(const char *name);
void bridge_free(struct bridge *bridge);
struct bridge *bridge_find(const char *name);

/* Makes the bridge as declared. Only what differs is touched: packets of other ports do not
 * notice. Never fails as a whole. */
void bridge_apply(struct bridge *bridge, const struct bridge_config *config);

/* OpenFlow number of a port by name, 0 if it has none. */
uint32_t bridge_port_number(const struct bridge *bridge, const char *port_name);
/* Whether a patch port's other end is there and names it. */
bool bridge_patch_is_whole(const char *name);

/* False: the bridge has no controller of that target. What the status points to lives until the next
 * turn of the loop. */
bool bridge_get_controller_status(
	const struct bridge *bridge, const char *target, struct bridge_controller_status *status
);

/* For Interface.status: what protocols found out on the port of that name. */
void bridge_add_port_status(const char *port_name, json_t *status);
/* The same for Interface.bfd_status. */
void bridge_add_bfd_status(const char *port_name, json_t *status);
/* Who wants to know at once when one of these is new. */
void bridges_on_status(void (*changed)(void));

/* Ports are about to be closed: takes them out of every view and every flow before returning. */
void bridges_forget_ports(struct port *const *ports, unsigned n);
