/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The keeper: the thread that makes flows and keeps them right.
 *
 * It takes misses, translates them (where the machine has cores to spare, others help: crew.h), writes
 * the flow table, and indexes every flow by what its translation depended on. The main thread publishes a change first and then tells the keeper what
 * changed; affected flows stop being used at once and are translated again behind that. What a
 * translation wants done comes back to the main thread as effects. Nobody waits for a lock.  */

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "lib/mailbox.h"
#include "ofproto/xlate/dep.h"

struct change;
struct command_call;
struct effect;
struct errbuf;
struct key;
struct port;
struct program;
struct resumption;
struct rule;
struct rule_actions;
struct xlate;

/* Runs on the main thread. */
typedef void keeper_effects_fn(const struct effect *effects, unsigned n);

struct keeper_config {
	int64_t max_idle_ms; /* 0: the default, 10 s */
	unsigned flow_limit; /* 0: the default, 200,000 */
	unsigned threads; /* that translate; 0: as many as the machine has room for */
	bool holds; /* flows do not age */
};

struct keeper_stats {
	uint64_t misses, translated, found; /* 'found': another miss had made the flow */
	uint64_t stale, kept, replaced, deleted; /* what became of flows that a change affected */
	uint64_t widened; /* replaced by a flow of a wider mask, made or there */
	uint64_t expired, evicted, full; /* evicted: so that ports with fewer may have some */
	unsigned last_mark_us, worst_mark_us; /* from a change to the marks being in force */
	unsigned flows, masks;
	unsigned flow_limit, max_idle_ms; /* as configured */
	unsigned threads; /* that translate, with the keeper */
};

/* Main thread. */

int keeper_start(keeper_effects_fn *effects, struct errbuf *err);
void keeper_stop(void);
bool keeper_is_running(void);
void keeper_configure(const struct keeper_config *config);
/* 0: as many as the machine has room for. */
void keeper_set_threads(unsigned n);
/* Until configured otherwise. */
void keeper_limit_flows(unsigned n);
/* Whether flows stay, however idle they are. */
void keeper_hold(bool holds);
/* All flows go; packets make them anew. */
void keeper_purge(void);

/* A list of what changed, to be filled and posted after the change was published. Posting takes the
 * list over; an empty one costs nothing. */
struct change *change_new(void);
void change_add(
	struct change *change, enum dep_kind kind, uint32_t owner, uint16_t vlan, uint64_t what
);
/* The flood sets of these VLANs of the bridge. */
void change_add_vlans(struct change *change, uint32_t bridge, const uint64_t vlans[4096 / 64]);
/* A rule that came: affects the flows that looked into its table and overlap its match. */
void change_add_rule(struct change *change, uint32_t bridge, struct rule *rule);
/* Rules that are gone. The array has to last until the change is in force. */
void change_add_ended(struct change *change, struct rule *const *rules, unsigned n);
void change_post(struct change *take_change);

/* An errand goes to the keeper and comes back to the main thread, where 'done' is called: after all
 * changes posted before it are in force, and the keeper holds nothing any more that they end. */
struct errand {
	struct letter letter;
	void (*done)(struct errand *errand);
	struct errand *next; /* for who collects them */
};
void keeper_run_errand(struct errand *errand);
/* Sends a letter to the keeper; from there, back to the main thread. */
void keeper_tell(struct letter *letter);
void keeper_tell_main(struct letter *letter);
/* Returns when all changes posted so far are in force for packets. Takes microseconds. */
void keeper_sync(void);
/* Applies the effects that have come in but were not looked at yet. */
void keeper_catch_up(void);
/* A packet that a controller sends: its actions are done to it, and it leaves. */
struct packet_out {
	struct letter letter;
	uint32_t bridge; /* its index */
	uint32_t in_port; /* an OpenFlow number */
	struct rule_actions *actions; /* or: */
	struct resumption *resumption; /* with the key's fields that are not in the packet; or: */
	uint32_t tunnel; /* it goes into that port alone; 0: it does not */
	struct key *key;
	uint32_t n;
	uint8_t bytes[];
};
/* One with these bytes, and nothing else said yet. */
struct packet_out *packet_out_new(const void *bytes, uint32_t n);
void keeper_send_packet(struct packet_out *take_packet);
/* Has the keeper find the answer to a command. If it is a list of complaints, they only count if
 * nothing changed meanwhile: up to 'tries' it is asked again. */
typedef json_t *keeper_work_fn(struct xlate *x, void *context);
json_t *keeper_ask(
	struct command_call *call,
	keeper_work_fn *work,
	void *context,
	unsigned tries,
	struct errbuf *err
);
void keeper_get_stats(struct keeper_stats *stats);

/* The keeper. */

/* Where its own translations are. */
struct xlate *keeper_xlate(void);
/* What the actions make of a packet of no port's: a new reference. NULL: nothing can be made of it. */
struct program *keeper_translate_packet(
	uint32_t bridge_index, const struct rule_actions *actions, const uint8_t *bytes, uint32_t n
);
