/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Meters as OpenFlow knows them: by a number of the controller's, with the configuration as it was
 * sent. The measuring is the datapath's (datapath/meter/).  */

#include <stdbool.h>
#include <stdint.h>

#include "ofproto/wire/error.h"

struct action_list;
struct bridge;
struct of_meter_mod;
struct rule_actions;
struct wire_out;

enum {
	METER_ID_MAX = 0xffff0000u,
	METER_ID_SLOWPATH = 0xfffffffdu,
	METER_ID_CONTROLLER = 0xfffffffeu,
	METER_ID_ALL = 0xffffffffu,
};

enum meter_flags {
	METER_KBPS = 1,
	METER_PACKETS = 2,
	METER_BURST = 4,
	METER_STATS = 8,
};

struct meter_row;
struct meters;

/* Any thread that holds an epoch. */

/* The datapath's slot of the meter, 0 if there is none. 'remarks' (may be NULL): it marks packets. */
uint32_t meters_find_slot(const struct meters *meters, uint32_t id, bool *remarks);

/* Main thread. */

struct meters *meters_new(void);
/* No translator may see them any more. */
void meters_free(struct meters *meters);

enum of_error meters_mod(struct bridge *bridge, const struct of_meter_mod *mod);
/* Between these, changes are collected; they nest as batches of rules do, whose batch ends, or is
 * undone, before this one. */
void meters_batch_begin(struct bridge *bridge);
void meters_batch_end(struct bridge *bridge);
void meters_batch_undo(struct bridge *bridge);
/* Whether the list names a meter that is not there. */
bool meters_lack(const struct meters *meters, const struct action_list *list);
/* A rule with these actions has come (1) or gone (-1). */
void meters_count_rule(struct meters *meters, const struct rule_actions *actions, int difference);

const struct meter_row *meters_find(const struct meters *meters, uint32_t id);
/* The numbers of all, in order; the caller frees them. */
uint32_t *meters_list(const struct meters *meters, unsigned *n);
/* In the order of their numbers. */
void meters_foreach(
	const struct meters *meters,
	void (*visit)(const struct meter_row *row, void *context),
	void *context
);
/* What would add the meter anew; its bands are the row's own. */
void meter_row_describe(const struct meter_row *row, struct of_meter_mod *mod);
/* Appends an of_meter_config or of_meter_stats. */
void meter_row_put_config(const struct meter_row *row, struct wire_out *out);
void meter_row_put_stats(const struct meter_row *row, struct wire_out *out);
