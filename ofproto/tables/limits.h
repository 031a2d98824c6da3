/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Limits: how many rules a table takes, what happens beyond that, and who is warned before.
 *
 * The administrator sets a limit (Flow_Table), and he or a controller may let rules be evicted: of
 * those that matter least the one that would end soonest. A controller may ask to be told when a
 * table gets full, or has room again (OpenFlow 1.4's vacancy events).  */

#include <stdbool.h>
#include <stdint.h>

#include "ofproto/tables/tables.h"
#include "ofproto/wire/error.h"

struct bridge;
struct bridge_table_config;
struct limits;
struct of_table_desc;
struct of_table_mod;
struct rule;
struct wire_out;

enum {
	LIMITS_NAME_SIZE = 33
};

/* Main thread. */

struct limits *limits_new(void);
void limits_free(struct limits *limits);
/* All that is set, for who may want to go back to it, which ends the copy. */
struct limits *limits_copy(const struct limits *limits);
void limits_go_back(struct limits *limits, struct limits *take_copy);
void limits_apply(struct bridge *bridge, const struct bridge_table_config *tables, unsigned n);
enum of_error limits_mod(struct bridge *bridge, const struct of_table_mod *mod, uint8_t version);

/* How many rules the table takes, and its name, which may be "". */
uint32_t limits_get(const struct limits *limits, uint8_t table);
const char *limits_name(const struct limits *limits, uint8_t table);
/* For a new rule: evicts another if it must and may. */
enum of_error limits_make_room(struct bridge *bridge, uint8_t table);
/* A rule is in its table from now on; or is no longer, or will not be when the batch ends. */
void limits_rule_came(const struct bridge *bridge, struct rule *rule);
void limits_rule_goes(const struct bridge *bridge, const struct rule *rule);
/* After rules have come or gone: tells those who want to know how full tables are. */
void limits_changed(struct bridge *bridge);
/* As OpenFlow 1.4 says it; 'desc->properties' are in 'properties'. */
void limits_describe(
	const struct bridge *bridge,
	uint8_t table,
	struct of_table_desc *desc,
	struct wire_out *properties
);
/* OpenFlow's bits: what a controller has set. */
uint32_t limits_config(const struct limits *limits, uint8_t table);
