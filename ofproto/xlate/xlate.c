/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/xlate/xlate.h"

#include <string.h>

#include "datapath/drop.h"
#include "lib/epoch.h"
#include "ofproto/actions/controller.h"
#include "ofproto/actions/room.h"
#include "ofproto/l2/ingress.h"
#include "ofproto/l2/mirror.h"
#include "ofproto/tables/tables.h"
#include "ofproto/xlate/freeze.h"
#include "ofproto/xlate/pause.h"
#include "ofproto/xlate/trace.h"
#include "ofproto/xlate/tunnel.h"

DROP_REASON(no_bridge, "the port belongs to no bridge");
DROP_REASON(no_rule, "no OpenFlow rule matches");
DROP_REASON(no_output, "the rules output the packet to no port");
DROP_REASON(no_peer, "the patch port has no other end");
DROP_REASON(port_no_recv, "the port was told to receive nothing");
DROP_REASON(port_no_fwd, "the output port was told to send nothing");
DROP_REASON(not_forwarding_out, "the output port is blocked by the spanning tree or its guard");
DROP_REASON(protected_port, "both ports are protected from each other");
DROP_REASON(too_deep, "patch ports or resubmits lead round in a circle");
DROP_REASON(no_point, "what was left to do with the packet has been forgotten");
DROP_REASON(too_long, "the actions for the packet are too many for one program");

enum {
	NEAR_DEPS = 8,
	LEARNING_LOOKS = 1, /* at the source, by what learns from it */
	ETH_TYPE_VLAN = 0x8100,
	ETH_TYPE_QINQ = 0x88a8,
};

void xlate_look(struct xlate *x, size_t offset, size_t size)
{
	uint8_t *mask = (uint8_t *)&x->mask;
	const uint8_t *known = (const uint8_t *)&x->known;
	const size_t src = offsetof(struct key, base.eth_src);

	x->n_src_looks += offset < src + sizeof(struct mac) && offset + size > src;
	for (size_t i = offset; i < offset + size; i++)
		mask[i] |= (uint8_t)~known[i];
}

void xlate_looked_anywhere(struct xlate *x)
{
	x->n_src_looks++;
}

void xlate_ask_dst(struct xlate *x)
{
	x->asked_dst.n++;
	x->asked_dst.n_deps = x->n_deps;
	x->asked_dst.n_src_looks = x->n_src_looks;
	/* What tables and learning saw in the source stands in the deps; other looks do not. */
	x->asked_dst.fresh = !x->edited && !x->program.n_ops && !x->metered && !x->in_copy &&
		!x->passes && x->n_src_looks <= LEARNING_LOOKS;
}

/* Of kinds that say nothing of a packet but where it goes. */
static bool dep_is_of_way(const struct dep *dep)
{
	return dep->kind == DEP_MAC_DST || dep->kind == DEP_LPORT || dep->kind == DEP_BRIDGE ||
		dep->kind == DEP_VLAN || dep->kind == DEP_UNDERLAY_ADDRESS;
}

bool xlate_is_like_others(const struct xlate *x)
{
	if (x->asked_dst.n != 1 || !x->asked_dst.fresh || x->edited || x->freezing ||
	    x->uncacheable || x->teaches || x->n_effects ||
	    x->n_src_looks != x->asked_dst.n_src_looks)
		return false;
	for (unsigned i = x->asked_dst.n_deps; i < x->n_deps; i++)
		if (!dep_is_of_way(&x->deps[i]))
			return false;
	return true;
}

void xlate_look_vlan(struct xlate *x, uint16_t bits)
{
	x->mask.base.vlan_tci |= be16_from(bits) & (be16)~x->known.base.vlan_tci;
}

void xlate_wrote(struct xlate *x, size_t offset, size_t size)
{
	memset((uint8_t *)&x->known + offset, 0xff, size);
}

void xlate_write(struct xlate *x, size_t offset, const void *value, const void *mask, size_t size)
{
	uint8_t *key = (uint8_t *)&x->key + offset, *known = (uint8_t *)&x->known + offset;
	const uint8_t *v = value, *m = mask;

	for (size_t i = 0; i < size; i++) {
		key[i] = (key[i] & ~m[i]) | (v[i] & m[i]);
		known[i] |= m[i];
	}
	x->edited = true;
}

void xlate_add_dep(
	struct xlate *x, enum dep_kind kind, uint32_t owner, uint16_t vlan, uint64_t what
)
{
	struct dep dep = {.what = what, .owner = owner, .vlan = vlan, .kind = kind};

	unsigned near = x->n_deps < NEAR_DEPS ? 0 : x->n_deps - NEAR_DEPS;

	/* Repetitions are mostly close together; the rest, and those of rules and tables, which are
	 * few, are removed when the set is interned. */
	if (kind == DEP_RULE || kind == DEP_TABLE)
		near = x->n_deps;
	for (unsigned i = x->n_deps; i > near; i--)
		if (dep_equal(&x->deps[i - 1], &dep))
			return;
	if (x->n_deps == XLATE_DEPS) {
		x->uncacheable = true;
		return;
	}
	x->deps[x->n_deps++] = dep;
}

void xlate_add_effect(struct xlate *x, const struct effect *effect)
{
	if (x->n_effects == XLATE_EFFECTS) {
		x->uncacheable = true;
		return;
	}
	x->effects[x->n_effects++] = *effect;
}

/* In order of their making. Nothing is done when a person only wants to know. */
void xlate_add_order(struct xlate *x, struct order *take_order)
{
	struct order **last = &x->orders;

	x->teaches = true;
	take_order->next = NULL;
	if (x->trace) {
		take_order->free(take_order);
		return;
	}
	while (*last)
		last = &(*last)->next;
	*last = take_order;
}

static void drop_orders(struct xlate *x)
{
	while (x->orders) {
		struct order *order = x->orders;

		x->orders = order->next;
		order->free(order);
	}
}

void xlate_drop(struct xlate *x, const struct drop_reason *reason)
{
	if (!x->drop)
		x->drop = reason;
	xlate_note(x, " >> %s", reason->help);
}

void xlate_stop(struct xlate *x, const struct drop_reason *reason)
{
	x->stopped = true;
	x->uncacheable = true;
	x->drop = NULL;
	xlate_drop(x, reason);
}

static bool step_allowed(struct xlate *x)
{
	if (x->stopped)
		return false;
	if (x->depth < XLATE_DEPTH && ++x->steps < XLATE_STEPS)
		return true;
	xlate_stop(x, &drop_too_deep);
	return false;
}

/* Whether tables see a packet that is not the one that came in (the port's number aside). */
static bool rewritten(const struct xlate *x)
{
	size_t start = offsetof(struct key, base.eth_dst);
	size_t end = KEY_N_PACKET_BLOCKS * KEY_BLOCK_SIZE;

	return memcmp((char *)&x->key + start, (char *)x->packet + start, end - start);
}

static void run_actions(struct xlate *x, const struct rule_actions *actions)
{
	if (x->trace)
		trace_actions(x->trace, &actions->list);
	actions_run(x, actions);
}

static void run_rule(struct xlate *x, const struct rule *rule)
{
	uint8_t origin = x->origin;
	uint64_t cookie = x->cookie;
	const struct rule *back = x->rule;

	x->origin = rule_is_miss(rule) ? XLATE_ORIGIN_MISS : XLATE_ORIGIN_RULE;
	x->cookie = rule->cookie;
	x->rule = rule;
	run_actions(x, epoch_load(&rule->actions));
	x->origin = origin;
	x->cookie = cookie;
	x->rule = back;
}

/* As if the packet had come from 'in_port', as far as finding a rule goes. */
static void look_up(struct xlate *x, uint8_t table, uint32_t in_port)
{
	uint32_t came = x->key.base.in_port;
	const struct view_bridge *bridge = x->bridge;
	struct tables_lookup lookup = {
		.key = &x->key,
		.known = &x->known,
		.agreed = x->is_region ? &x->agreed : NULL,
		.patience = &x->patience,
		.looked = &x->mask,
		.version = tables_version(bridge->tables),
		.soft = &x->soft,
	};

	if (in_port != PORT_IN_PORT)
		x->key.base.in_port = in_port;
	in_port = x->key.base.in_port;
	struct rule *rule = tables_find(bridge->tables, table, &lookup);

	x->key.base.in_port = came;

	if (x->trace) {
		trace_looked(x->trace, &x->mask, "rules of table %u differ in them", table);
		trace_rule(x->trace, table, rule);
	}
	int64_t priority = rule ? (int64_t)rule->priority : -1;

	for (unsigned i = 0; i < x->soft.n; i++) {
		xlate_add_dep(x, DEP_SOFT, 0, 0, (uintptr_t)x->soft.rules[i]);
		if (x->soft.rules[i]->priority < priority)
			priority = x->soft.rules[i]->priority;
	}

	xlate_add_dep(
		x, DEP_TABLE, bridge->index, table, dep_table(in_port, rewritten(x), priority)
	);
	if (!rule) {
		xlate_add_dep(x, DEP_BRIDGE, bridge->index, 0, 0);
		if (bridge->misses_are_asked) {
			controller_send(x, PACKET_IN_NO_MATCH, NULL);
			return;
		}
		xlate_drop(x, &drop_no_rule);
		return;
	}
	xlate_add_dep(x, DEP_RULE, 0, 0, (uintptr_t)rule);
	if (x->trace)
		x->trace->indent++;
	run_rule(x, rule);
	if (x->trace)
		x->trace->indent--;
}

/* From the next table on, as far as goto_table leads. 'in_port' is for the first. */
static void run_tables(struct xlate *x, uint32_t in_port)
{
	while (x->next_table >= 0 && !x->exited && step_allowed(x)) {
		uint8_t table = (uint8_t)x->next_table;

		x->next_table = -1;
		if (x->sight != XLATE_SEES_ALL) {
			freeze_begin(x);
			freeze_add_lookup(x, table, in_port);
			return;
		}
		x->table = table;
		x->key.pipeline.actset_output = be32_from(actions_output_of_set(&x->set));
		look_up(x, table, in_port);
		in_port = PORT_IN_PORT;
	}
}

void xlate_run_step(struct xlate *x, const struct xlate_step *step)
{
	x->origin = step->origin;
	x->cookie = step->cookie;
	x->table = step->table;
	x->next_table = -1;
	if (step->is_lookup)
		x->next_table = step->table;
	else
		actions_run_list(x, &step->list);
	x->depth++;
	run_tables(x, step->in_port);
	x->depth--;
}

/* Whether another tag stands where those that the key shows have been taken off. */
static bool hides_tag(struct xlate *x)
{
	if (!x->packet->base.vlan_tci || x->key.base.vlan_tci)
		return false;
	XLATE_LOOK(x, base.eth_type);
	return x->key.base.eth_type == be16_from(ETH_TYPE_VLAN) ||
		x->key.base.eth_type == be16_from(ETH_TYPE_QINQ);
}

bool xlate_goes_on(struct xlate *x, uint8_t flags)
{
	bool sees = x->sight == XLATE_SEES_ALL ||
		(x->sight == XLATE_SEES_ETHERNET && flags & ACTION_ROOM_BLIND);

	if (x->exited || x->stopped)
		return false;
	if (sees && flags & ACTION_ROOM_UNTAGS && hides_tag(x))
		sees = false;
	/* Headers taken off a copy could not be put back for those who go on with the packet. */
	if (sees && !(x->in_copy && flags & ACTION_ROOM_RESHAPES))
		return true;
	freeze_begin(x);
	return false;
}

void xlate_table(struct xlate *x, uint8_t table, uint32_t in_port)
{
	int next = x->next_table;
	uint8_t back = x->table;

	x->depth++;
	x->next_table = table;
	run_tables(x, in_port);
	x->next_table = next;
	x->table = back;
	x->depth--;
}

/* The action set, in the order the specification wants. A group makes an output of no effect. */
static void run_set(struct xlate *x)
{
	const struct action *actions[XLATE_SET_SLOTS + XLATE_SET_FIELDS];
	struct xlate_set *set = &x->set;
	uint8_t origin = x->origin;
	unsigned n = 0;

	if (x->exited || !set->filled)
		return;
	if (set->slots[ACTION_SET_GROUP])
		set->slots[ACTION_SET_OUTPUT] = NULL;
	for (unsigned slot = 1; slot < XLATE_SET_SLOTS; slot++) {
		for (unsigned i = 0; slot == ACTION_SET_FIELDS && i < set->n_fields; i++)
			actions[n++] = set->fields[i];
		if (set->slots[slot])
			actions[n++] = set->slots[slot];
	}
	*set = (struct xlate_set){0};
	x->origin = XLATE_ORIGIN_SET;
	actions_run_array(x, actions, n);
	x->origin = origin;
}

void xlate_set_add(struct xlate_set *set, const struct action *action)
{
	unsigned slot = action->type->set_slot;

	set->filled = true;
	if (slot == ACTION_SET_FIELDS) {
		if (set->n_fields < XLATE_SET_FIELDS)
			set->fields[set->n_fields++] = action;
	} else if (slot) {
		set->slots[slot] = action;
	}
}

/* The packet enters a bridge through 'port' and meets its first table. */
static void enter_bridge(struct xlate *x, const struct view_port *port)
{
	x->bridge = view_bridge_of(x->view, port->lport);
	x->in = port;
	x->key.base.in_port = port->number;
	x->key.pipeline.in_phy_port = be32_from(port->number);
	xlate_add_dep(x, DEP_LPORT, port->lport->id, 0, 0);
	if (x->trace)
		trace_heading(x->trace, "bridge(\"%s\")", x->bridge->name);
	if (port->config & (PORT_CONFIG_DOWN | PORT_CONFIG_NO_RECV)) {
		xlate_drop(x, &drop_port_no_recv);
		return;
	}
	if (!ingress_admits(x, port))
		return;
	xlate_table(x, 0, PORT_IN_PORT);
	run_set(x);
	freeze_seal(x);
}

/* What came through a tunnel, or was to leave by one, did so in the bridge that the packet leaves; the
 * next one also has other names for tunnel options. */
static void forget_tunnel(struct xlate *x)
{
	x->key.base.tun_id = 0;
	x->key.base.tun_src = x->key.base.tun_dst = 0;
	memset(&x->key.tunnel, 0, sizeof(x->key.tunnel));
	memset(x->key.tunnel_options, 0, sizeof(x->key.tunnel_options));
	XLATE_WROTE(x, base.tun_id);
	XLATE_WROTE(x, base.tun_src);
	XLATE_WROTE(x, base.tun_dst);
	XLATE_WROTE(x, tunnel);
	XLATE_WROTE(x, tunnel_options);
}

void xlate_visit(struct xlate *x, const struct view_port *port)
{
	const struct view_bridge *bridge = x->bridge;
	const struct view_port *in = x->in;
	struct key key = x->key, known = x->known;
	struct xlate_set set = x->set;
	bool exited = x->exited, mirroring = x->mirroring;
	uint64_t mirrored = x->mirrored;

	x->mirroring = false;
	x->set = (struct xlate_set){0};
	memset(x->key.regs, 0, sizeof(x->key.regs));
	memset(&x->key.pipeline, 0, offsetof(struct key_pipeline, tags));
	XLATE_WROTE(x, regs);
	XLATE_WROTE(x, pipeline);
	forget_tunnel(x);
	x->in_copy++;
	enter_bridge(x, port);
	x->in_copy--;
	x->bridge = bridge;
	x->in = in;
	x->key = key;
	x->known = known;
	x->set = set;
	x->exited = exited;
	x->mirrored = mirrored;
	x->mirroring = mirroring;
}

/* Whether the packet is a frame that no bridge forwards: a spanning tree does not concern it. Looks
 * at no more of the address than tells. */
static bool is_for_link(struct xlate *x)
{
	static const uint8_t group[] = {0x01, 0x80, 0xc2, 0x00, 0x00};

	for (unsigned i = 0; i < sizeof(struct mac); i++) {
		uint8_t byte = x->key.base.eth_dst.bytes[i];

		xlate_look(x, offsetof(struct key, base.eth_dst) + i, 1);
		if (i < sizeof(group) ? byte != group[i] : byte & 0xf0)
			return false;
	}
	return true;
}

static void output_patch(struct xlate *x, const struct view_port *port)
{
	const struct view_port *peer = view_port_at(x->view, port->peer);

	if (!port->peer || !peer) {
		xlate_drop(x, &drop_no_peer);
		return;
	}
	/* A tag that was taken off bares the next one, which may be equal, and which the other bridge
	 * may ask about. */
	if (x->packet->base.vlan_tci &&
	    (x->key.base.vlan_tci != x->packet->base.vlan_tci ||
	     x->key.extra.vlan_tci2 != x->packet->extra.vlan_tci2))
		XLATE_LOOK(x, extra.vlan_tci2);
	xlate_visit(x, peer);
}

const struct view_port *xlate_in_port(struct xlate *x)
{
	const struct view_port *in = x->in;
	uint32_t number = x->key.base.in_port;

	if (!in || in->number != number) {
		xlate_add_dep(x, DEP_NUMBER, x->bridge->index, 0, number);
		in = view_find_port(x->bridge, number);
	}
	if (in)
		xlate_add_dep(x, DEP_LPORT, in->lport->id, 0, 0);
	return in;
}

static bool are_protected(struct xlate *x, const struct view_port *out)
{
	const struct view_port *in = out->lport->protected_port ? xlate_in_port(x) : NULL;

	return in && in->lport->protected_port;
}

void xlate_output(struct xlate *x, const struct view_port *port)
{
	if (x->stopped)
		return;
	xlate_add_dep(x, DEP_LPORT, port->lport->id, 0, 0);
	if (port->config & (PORT_CONFIG_DOWN | PORT_CONFIG_NO_FWD)) {
		xlate_drop(x, &drop_port_no_fwd);
		return;
	}
	if (port->lport->state != LPORT_FORWARDS && !is_for_link(x)) {
		xlate_drop(x, &drop_not_forwarding_out);
		return;
	}
	if (are_protected(x, port)) {
		xlate_drop(x, &drop_protected_port);
		return;
	}
	mirror_out(x, port->lport);
	if (!port->id) {
		output_patch(x, port);
		return;
	}
	if (port->tunnel) {
		tunnel_output(x, port);
		return;
	}
	if (port->number == PORT_LOCAL && tunnel_input(x, port))
		return;
	xlate_commit(x);
	program_add_output_truncated(&x->program, port->id, x->max_size);
	x->n_outputs++;
}

/* A mask that looks into an optional block looks at whether the block is there; where it is not,
 * that is all there is to see. */
static void finish_mask(struct key *mask, uint16_t blocks)
{
	uint16_t looked = key_mask_blocks(mask);

	for (unsigned block = KEY_BLOCK_IPV6; looked >> block && block < KEY_N_PACKET_BLOCKS;
	     block++) {
		bool options = block > KEY_BLOCK_TUNNEL_OPTIONS && block < KEY_BLOCK_CONNTRACK;
		uint16_t bit = KEY_HAS(options ? KEY_BLOCK_TUNNEL_OPTIONS : block);

		if (!(looked & KEY_HAS(block)))
			continue;
		mask->base.blocks |= bit;
		if (!(blocks & bit))
			memset(mask->block[block], 0, KEY_BLOCK_SIZE);
	}
	/* Workers know nothing of the pipeline's blocks. */
	memset(mask->block[KEY_BLOCK_REGS], 0, sizeof(*mask) - KEY_BLOCK_REGS * KEY_BLOCK_SIZE);
	mask->base.in_port = UINT32_MAX;
	mask->base.recirc = UINT32_MAX;
}

static void finish(struct xlate *x)
{
	if (x->trace)
		trace_looked(x->trace, &x->mask, "making the packet what the actions want");
	finish_mask(&x->mask, x->packet->base.blocks);
	if (x->program.overflow) {
		program_begin(&x->program);
		x->n_outputs = 0;
		x->metered = false;
		x->drop = NULL;
		xlate_drop(x, &drop_too_long);
	}
	if (x->n_outputs)
		return;
	if (!x->metered)
		program_begin(&x->program);
	program_add_drop(&x->program, x->drop ? x->drop : &drop_no_output);
}

static void
begin(struct xlate *x, const struct view *view, const struct key *key, struct trace *trace)
{
	memset(x, 0, offsetof(struct xlate, set.fields));
	program_begin(&x->program);
	x->drop = NULL;
	x->n_outputs = x->n_deps = x->n_effects = 0;
	x->uncacheable = false;
	x->teaches = false;
	drop_orders(x);
	x->metered = false;
	x->view = view;
	x->packet = key;
	x->next_table = -1;
	x->cookie = UINT64_MAX;
	x->trace = trace;
	if (trace)
		trace->packet = key;
	x->key = *key;
	x->base = *key;
	/* The port the packet came through is always in the mask, and its number follows. */
	XLATE_WROTE(x, base.in_port);
	XLATE_WROTE(x, base.recirc);
	XLATE_WROTE(x, regs);
	XLATE_WROTE(x, pipeline);
}

/* The packet comes from a recirculation point. */
static void go_on(struct xlate *x)
{
	if (freeze_thaw(x, x->packet->base.recirc)) {
		run_set(x);
		freeze_seal(x);
	} else {
		xlate_drop(x, &drop_no_point);
		x->uncacheable = true;
	}
}

static void run_pipeline(struct xlate *x)
{
	uint32_t slot = x->packet->base.in_port;
	const struct view_port *port = view_port_at(x->view, slot);

	if (x->packet->base.recirc) {
		go_on(x);
	} else if (port) {
		enter_bridge(x, port);
	} else {
		xlate_add_dep(x, DEP_SLOT, slot, 0, 0);
		xlate_drop(x, &drop_no_bridge);
	}
	finish(x);
}

void xlate_run(struct xlate *x, const struct view *view, const struct key *key, struct trace *trace)
{
	begin(x, view, key, trace);
	run_pipeline(x);
}

void xlate_run_region(
	struct xlate *x,
	const struct view *view,
	const struct key *key,
	const struct key *mask,
	unsigned patience
)
{
	begin(x, view, key, NULL);
	x->is_region = true;
	x->patience = patience;
	/* All of it is certain from the start. */
	memcpy(&x->mask, mask, sizeof(x->mask));
	key_get_agreed(&x->agreed, key, mask);
	run_pipeline(x);
}

bool xlate_is_within(const struct xlate *x, const struct key *mask)
{
	return key_mask_is_within(&x->mask, mask);
}

void xlate_run_actions(
	struct xlate *x,
	const struct view *view,
	const struct view_bridge *bridge,
	const struct key *key,
	const struct rule_actions *actions
)
{
	begin(x, view, key, NULL);
	x->bridge = bridge;
	run_actions(x, actions);
	run_set(x);
	freeze_seal(x);
	finish(x);
	x->uncacheable = true;
}

void xlate_run_into(
	struct xlate *x,
	const struct view *view,
	const struct view_bridge *bridge,
	const struct key *key,
	uint32_t port_number
)
{
	const struct view_port *port = view_find_port(bridge, port_number);

	begin(x, view, key, NULL);
	x->bridge = bridge;
	x->in = view_find_port(bridge, key->base.in_port);
	if (port && port->tunnel)
		tunnel_output(x, port);
	else
		xlate_drop(x, &drop_no_output);
	finish(x);
	x->uncacheable = true;
}

void xlate_resume(
	struct xlate *x,
	const struct view *view,
	const struct view_bridge *bridge,
	const struct key *key,
	const struct resumption *resumption
)
{
	begin(x, view, key, NULL);
	x->bridge = bridge;
	pause_run(x, resumption);
	run_set(x);
	freeze_seal(x);
	finish(x);
	x->uncacheable = true;
}

void xlate_start(void)
{
	freeze_start();
}

void xlate_forget(void)
{
	freeze_sweep();
}
