/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The ports the database wants, and what became of them.
 *
 * Each row of Interface that a bridge uses has one entry here, by name. A pass declares every
 * wanted row; what was not declared is closed, what is new or changed is opened again, the rest is
 * left alone. A port that failed keeps its sentence and is tried again later.  */

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "lib/errbuf.h"
#include "lib/hmap.h"
#include "lib/ovsdb/value/uuid.h"

struct db_row;
struct port;
struct uv_loop_s;

/* Packets and bits a second, and what they are reckoned from. */
struct switch_port_rates {
	int64_t looked_ms; /* 0: never */
	uint64_t last_rx_packets, last_rx_bytes, last_tx_packets, last_tx_bytes;
	uint64_t rx_packets, rx_bits, tx_packets, tx_bits;
};

struct switch_port_owner {
	struct uuid lport, bridge;
};

struct switch_port {
	struct hmap_node node; /* by name */
	char *name;
	char *type;
	json_t *options;
	struct port *port; /* NULL: failed, or a patch port */
	struct errbuf err; /* why it failed, or what of its configuration is wrong */
	char *advice; /* what of its settings is wrong, though it works; or NULL */
	bool has_obstacle; /* its status says what keeps it from being used */
	char *refusal; /* what is wrong with options that the row has now; it runs with others. Or NULL */
	int64_t failed_ms; /* when it last failed */
	unsigned pass; /* the pass that last declared it */
	/* The rows of Port and Bridge that have it, and had it in the last pass. */
	struct switch_port_owner owner, last_owner;
	const struct db_row *lport, *bridge; /* the owner's rows, valid during a pass */
	char *rival; /* of another Port that names the same interface: who it is. Or NULL */
	uint16_t followed_mtu; /* taken over from the bridge's other ports; 0: not yet */
	bool mtu_requested;
	uint16_t seen_mtu; /* the port's in the last pass; 0: there was none */
	bool link_seen, link_up; /* whether its link was looked at, and what it was */
	unsigned link_resets; /* how often that was something else */
	bool polled; /* workers have it in their plan */
	bool is_patch;
	bool opening; /* its device is being opened */
	struct switch_port_rates rates;
	bool changed; /* type or options differ from what is open */
};

/* Main thread. */

/* 'settled' is called from the loop when slow devices have been opened or closed: another pass then
 * sees what came of it. */
void switch_ports_init(struct uv_loop_s *loop, void (*settled)(void));
/* Closes everything; with 'keep_devices' what the next daemon finds again stays. False: as
 * port_jobs_fini(). */
bool switch_ports_fini(bool keep_devices);

/* After the first pass: see port_jobs_slice(). */
void switch_ports_slice(void);

/* A pass: begin, want each row, end. The end closes what nobody wants any more, then opens what is
 * new, changed or worth another try. */
void switch_ports_begin(void);
/* Declares 'row' for 'lport', a row of Port, and its bridge: an interface that has the bridge's name
 * is the bridge's own. Of several that declare the same row, the one that has it keeps it. */
void switch_ports_want(
	const struct db_row *row, const struct db_row *lport, const struct db_row *bridge
);
void switch_ports_end(void);

/* Lets workers poll ports that are new. After the bridges know them. */
void switch_ports_poll(void);

/* Ends devices that an earlier daemon left for ports that were deleted while none ran. When all
 * that is wanted is settled. */
void switch_ports_end_strays(void);

struct switch_port *switch_ports_find(const char *name);
/* Logs what keeps the port, which is open, from being used, when that is news; "": nothing. */
void switch_port_complain(const struct switch_port *entry, const char *text);
/* Whether it is this row of Port, in this bridge, that has the interface. */
bool switch_port_is_of(
	const struct switch_port *entry, const struct db_row *lport, const struct db_row *bridge
);
/* A port has lost its device, or failed and some seconds have passed, or somebody else has set its MTU,
 * which others follow: a new pass may help. */
bool switch_ports_retry_due(void);
/* Nothing is being opened or closed: what the database wants is what there is. */
bool switch_ports_are_settled(void);
