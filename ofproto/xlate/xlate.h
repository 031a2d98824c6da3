/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Translation: from a packet's key to the program for all packets like it.
 *
 * xlate_run() is a pure function of the published view and tables: it changes nothing, and leaves
 * in the xlate what it found: the program, the mask of key bits that mattered, what it depended on,
 * and what it wants done (effects, applied by the main thread). Actions (ofproto/actions/) call the
 * other functions here.
 *
 * 'key' is the packet as the pipeline sees it, 'base' the packet as the ops so far leave it; the
 * difference is made up by ops just before the packet is output (xlate_commit()). Bits in 'known'
 * were written by the pipeline: their value does not come from the packet, so looking at them adds
 * nothing to the mask. Bits in 'done' were written by ops.  */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "datapath/program.h"
#include "lib/flow/key.h"
#include "lib/flow/subfield.h"
#include "ofproto/effects.h"
#include "ofproto/tables/conjunction.h"
#include "ofproto/view.h"
#include "ofproto/xlate/dep.h"
#include "ofproto/xlate/entry.h"
#include "ofproto/xlate/order.h"
#include "ofproto/xlate/step.h"

struct drop_reason;
struct rule;
struct pause;
struct trace;

enum {
	XLATE_DEPS = 16384, /* a flood into a thousand tunnels relies on much */
	XLATE_EFFECTS = 64,
	XLATE_DEPTH = 64, /* patch ports and resubmits within each other */
	XLATE_SET_SLOTS = 32,
	XLATE_SET_FIELDS = 64,
	XLATE_STACK = 64,
	XLATE_STEPS = 4096, /* table lookups in all */
	XLATE_STEPS_FROZEN = XLATE_DEPTH + 8,
};

/* OpenFlow's action set: one action of each kind, done when the pipeline ends. */
struct xlate_set {
	const struct action *slots[XLATE_SET_SLOTS];
	bool filled; /* some action was ever added */
	unsigned n_fields;
	const struct action *fields[XLATE_SET_FIELDS];
};

struct xlate {
	/* What is asked. */
	const struct view *view;
	const struct key *packet;
	bool is_region; /* for all packets that agree with it in 'agreed' */
	unsigned patience;
	struct trace *trace; /* NULL: nobody wants to know */

	/* Where the translation stands. */
	const struct view_bridge *bridge;
	const struct view_port *in; /* where the packet entered the bridge */
	struct key known, done;
	bool edited; /* a header field was written */
	unsigned depth, steps, buckets;
	uint8_t table; /* the present one */
	uint8_t origin; /* enum xlate_origin */
	uint64_t cookie; /* of the rule whose actions are run; all ones: of none */
	const struct rule *rule; /* the same; NULL too if the packet came round meanwhile */
	unsigned n_stack;
	int next_table; /* where goto_table leads, or -1 */
	bool exited; /* nothing more is done in this bridge */
	uint16_t max_size; /* bytes of the packet that are output at most; 0: all */
	uint64_t mirrored; /* mirrors of the bridge that have their copy, a bit each */
	bool mirroring; /* what is output now is a copy of theirs */
	bool limited; /* how many packets of this kind go on is limited */
	bool stopped; /* a limit was hit: nothing more is done */
	uint8_t sight; /* enum xlate_sight */
	unsigned in_copy; /* what is done here is done to a copy: this many within each other */
	unsigned pushed; /* MPLS labels put around headers that are known … */
	be16 pushed_on; /* … of this type */
	unsigned passes; /* how often the packet came round before */
	struct pause *pause; /* it waits for a controller (pause.h) */
	bool freezing; /* what is left waits for another pass (freeze.h) */
	unsigned n_frozen;
	uint32_t fork_size; /* if set: 'fork' says then whether the packet is larger */
	const struct subfield *fork;
	unsigned n_waits; /* tunnels whose way is being looked for while the packet is held */
	bool in_tunnel; /* what is translated is the outer packet of one */
	unsigned n_src_looks; /* how often the Ethernet source mattered */
	struct {
		unsigned n; /* how often; what follows is of the last time */
		unsigned n_deps, n_src_looks; /* until then */
		bool fresh; /* nothing had been done to the packet, or with it */
	} asked_dst; /* where the destination is */

	struct key mask; /* what mattered so far; in the end, what came out */
	struct xlate_set set;

	/* All up to here, less set.fields, is zeroed first of all. */
	struct key agreed, key, base;
	uint8_t stack[XLATE_STACK][16];

	/* What came out. */
	struct program_builder program;
	const struct drop_reason *drop; /* the first reason not to output; counts if nobody did */
	unsigned n_outputs;
	bool metered; /* a meter counts the packet, whatever else becomes of it */
	bool uncacheable; /* too much to remember: do it, but make no flow of it */
	unsigned n_deps, n_effects;
	bool teaches; /* there would be orders */
	struct order *orders; /* the keeper takes them, or the next run drops them */
	struct dep deps[XLATE_DEPS];
	struct effect effects[XLATE_EFFECTS];
	struct conjunction_soft soft; /* of the present lookup */
	struct xlate_step frozen[XLATE_STEPS_FROZEN]; /* innermost first */
};

/* Any thread that holds an epoch. */

/* Translates a packet whose in_port is a slot. The results stay valid until the next run; what
 * they point to, until the thread's next quiesce. */
void xlate_run(
	struct xlate *x, const struct view *view, const struct key *key, struct trace *trace
);

/* Translates all packets at once that agree with 'key' in the bits of 'mask', a flow's. What comes
 * out holds for all of them if xlate_is_within() says so; else they may differ. To know better, up to
 * 'patience' rules are read that some of the packets may match. The program depends on the region and
 * what the rules do with it, not on the order in which bits were looked at. */
void xlate_run_region(
	struct xlate *x,
	const struct view *view,
	const struct key *key,
	const struct key *mask,
	unsigned patience
);
/* Whether no bit outside 'mask' mattered. */
bool xlate_is_within(const struct xlate *x, const struct key *mask);

/* Whether nothing found since the translation asked where the destination is depends on the source. For a
 * packet that differs only in that, and went the same way until then, result and later deps are the same. */
bool xlate_is_like_others(const struct xlate *x);

/* Main thread before the keeper runs; the keeper, from time to time (freeze.h). */
void xlate_start(void);
void xlate_forget(void);

/* For actions. */

/* The bits of the field mattered. */
#define XLATE_LOOK(x, field)                                                                       \
	xlate_look((x), offsetof(struct key, field), sizeof(((struct key *)NULL)->field))
void xlate_look(struct xlate *x, size_t offset, size_t size);
/* Any bits may have mattered; whoever says so has put them into the mask. */
void xlate_looked_anywhere(struct xlate *x);
/* The translation is about to ask where the destination is. */
void xlate_ask_dst(struct xlate *x);
/* 'bits' of the VLAN tag (host order) mattered. */
void xlate_look_vlan(struct xlate *x, uint16_t bits);
/* The field's value no longer comes from the packet. */
#define XLATE_WROTE(x, field)                                                                      \
	xlate_wrote((x), offsetof(struct key, field), sizeof(((struct key *)NULL)->field))
void xlate_wrote(struct xlate *x, size_t offset, size_t size);
/* Writes the bits of 'mask' ('size' bytes at 'offset' in the key) to a header of the packet. */
void xlate_write(struct xlate *x, size_t offset, const void *value, const void *mask, size_t size);

void xlate_add_dep(
	struct xlate *x, enum dep_kind kind, uint32_t owner, uint16_t vlan, uint64_t what
);
void xlate_add_effect(struct xlate *x, const struct effect *effect);
void xlate_add_order(struct xlate *x, struct order *take_order);
/* Where the packet came from, or where rules said that it did; NULL if there is no such port. */
const struct view_port *xlate_in_port(struct xlate *x);
/* The packet as it is now goes out of the port (into the other bridge, for a patch). */
void xlate_output(struct xlate *x, const struct view_port *port);
/* A reason why the packet goes nowhere; and why nothing more is done with it. */
void xlate_drop(struct xlate *x, const struct drop_reason *reason);
void xlate_stop(struct xlate *x, const struct drop_reason *reason);
/* The packet enters another bridge through 'port'; what happens there leaves this side as it is. */
void xlate_visit(struct xlate *x, const struct view_port *port);
/* Does what the rule says that is found as if it came from 'in_port' (PORT_IN_PORT: as it did). */
void xlate_table(struct xlate *x, uint8_t table, uint32_t in_port);
/* Whether the pipeline goes on with an action that is such (enum action_room_flags). */
bool xlate_goes_on(struct xlate *x, uint8_t flags);
/* Does what was left to do. */
void xlate_run_step(struct xlate *x, const struct xlate_step *step);
void xlate_set_add(struct xlate_set *set, const struct action *action);
/* Adds the ops that make the packet what 'key' says. */
void xlate_commit(struct xlate *x);

/* A line for whoever reads the trace. */
#define xlate_note(x, ...)                                                                         \
	do {                                                                                       \
		if ((x)->trace)                                                                    \
			trace_note((x)->trace, __VA_ARGS__);                                       \
	} while (0)
