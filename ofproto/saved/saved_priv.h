/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How bridges are written down, for save.c and restore.c: sections, each a kind (16 bits) and a size
 * (32 bits), all in network order. What follows a bridge's section is of that bridge. A reader skips
 * kinds that it does not know.
 *
 * Matches, groups and meters are in OpenFlow 1.5's bytes, actions in the text that ofctl takes: text
 * keeps what no single version of OpenFlow can say.  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ofproto/wire/wire.h"

struct action_list;
struct bridge;

enum saved_kind {
	SAVED_BRIDGE = 1, /* name; flags: enum saved_bridge_flags */
	SAVED_TABLE, /* what a controller has set of a table: id, config, properties */
	SAVED_METER, /* id, flags, bands */
	SAVED_GROUP, /* id, type, properties, buckets */
	SAVED_ACTIONS, /* the text; rules name them by their place among the bridge's, from 0 */
	SAVED_RULE, /* see put_rule() */
	SAVED_LPORT, /* id, name; for the MACs that follow */
	SAVED_MAC, /* VLAN, address, flags, id of the lport, age in ms */
	SAVED_OPTIONS, /* what the fields tun_metadata0… stand for; before all that uses them */
};

enum saved_bridge_flags {
	SAVED_DECIDED = 1, /* by controllers: the rules are theirs */
	SAVED_ALONE = 2, /* none of them answered */
};

enum saved_mac_flags {
	SAVED_MAC_FIXED = 1
};

#define SAVED_NEVER UINT64_MAX /* an age: it has not happened */

/* Sections one by one. */
struct walk {
	struct wire_in in;
	uint16_t kind;
	struct wire_in body;
	struct bridge *bridge; /* of the last SAVED_BRIDGE; NULL: there is none of that name */
	uint32_t flags; /* the bridge's */
};

/* A rule's actions, as they stood in the file. */
struct restore_lists {
	struct action_list *lists;
	unsigned n, size;
};

struct known_lport;

struct restore_lports {
	struct known_lport *list; /* to be freed */
	unsigned n, size;
	bool sorted;
};

/* Main thread. */

/* Writing. */

size_t save_section_begin(struct wire_out *out, enum saved_kind kind);
void save_section_end(struct wire_out *out, size_t start);
void save_text(struct wire_out *out, const char *text);
void save_rules(struct wire_out *out, struct bridge *bridge);

/* Reading. */

void walk_init(struct walk *walk, const uint8_t *data, size_t n);
/* The next section of a bridge that is there. False at the end. */
bool walk_next(struct walk *walk);
struct wire_bytes walk_take_run(struct wire_in *in);
/* To be freed. */
char *walk_take_text(struct wire_in *in);

void restore_options(struct walk *walk);
void restore_actions(struct restore_lists *lists, struct walk *walk);
enum of_error restore_rule(struct walk *walk, const struct restore_lists *lists, int64_t away_ms);
void restore_lists_fini(struct restore_lists *lists);

void restore_lport(struct restore_lports *lports, struct walk *walk);
/* Whether it is known now, and was not before. */
bool restore_mac(struct walk *walk, struct restore_lports *lports, int64_t away_ms);
