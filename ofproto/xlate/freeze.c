/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/xlate/freeze.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <urcu/rculfhash.h>

#include "datapath/drop.h"
#include "datapath/ops/recirc.h"
#include "lib/clock.h"
#include "lib/epoch.h"
#include "lib/flow/field.h"
#include "lib/flow/subfield.h"
#include "lib/hash.h"
#include "lib/xmalloc.h"
#include "ofproto/xlate/pause.h"
#include "ofproto/xlate/trace.h"

DROP_REASON(too_many_points, "too many packets wait half done for another look at their headers");
DROP_REASON(recirc_too_often, "the headers of one packet were to be looked at too often");

enum {
	POINTS_MAX = 65536,
	PASSES_MAX = 8,
	BUCKETS = 4096,
	UNUSED_MS = 30000, /* packets on their way to a point are long there then */
};

/* What a packet has besides its bytes, and where it stands. Compared as bytes. */
struct state {
	uint32_t bridge;
	uint32_t in; /* slot of the port it came in by, or VIEW_NO_SLOT */
	uint32_t in_port;
	uint32_t passes;
	uint64_t mirrored;
	be64 tun_id;
	be32 tun_src, tun_dst;
	be32 pkt_mark, skb_priority;
	be32 regs[KEY_N_REGS];
	struct key_tunnel tunnel;
	uint8_t tunnel_options[KEY_TUNNEL_OPTIONS_SIZE];
	struct key_pipeline pipeline;
	uint32_t n_steps, n_stack;
	uint8_t stack[XLATE_STACK][16];
};

/* Immutable but for the last part. */
struct point {
	struct cds_lfht_node by_content, by_id;
	uint32_t id;
	uint32_t hash;
	struct state state;
	struct action_list set;
	struct xlate_step steps[XLATE_STEPS_FROZEN];
	/* The keeper's. */
	unsigned n_programs;
	int64_t used_ms; /* all write */
};

static struct cds_lfht *contents, *ids;
static unsigned n_points; /* all write */
static uint32_t last_id; /* all write */

/* Stopping. */

void freeze_begin(struct xlate *x)
{
	if (x->freezing || x->stopped)
		return;
	x->freezing = x->exited = true;
	x->n_frozen = 0;
	x->fork_size = 0;
	xlate_note(x, " >> the rest is done when the headers have been looked at anew");
}

void freeze_begin_by_size(struct xlate *x, uint32_t size, const struct subfield *larger)
{
	freeze_begin(x);
	x->fork_size = size;
	x->fork = larger;
}

static struct xlate_step *add_step(struct xlate *x)
{
	/* The depth of resubmits bounds what can be open at once. */
	if (x->n_frozen == XLATE_STEPS_FROZEN) {
		x->stopped = true;
		return NULL;
	}
	struct xlate_step *step = &x->frozen[x->n_frozen++];

	memset(step, 0, sizeof(*step));
	action_list_init(&step->list);
	step->in_port = PORT_IN_PORT;
	step->table = x->table;
	step->origin = x->origin;
	step->cookie = x->cookie;
	return step;
}

void freeze_add_lookup(struct xlate *x, uint8_t table, uint32_t in_port)
{
	struct xlate_step *step = add_step(x);

	if (!step)
		return;
	step->table = table;
	step->in_port = in_port;
	step->is_lookup = true;
}

void freeze_add_step(struct xlate *x)
{
	add_step(x);
}

static void append(struct action_list *list, const struct action *action)
{
	const struct action_list one = {.data = (uint8_t *)action, .n = action->size};

	action_list_append(list, &one);
}

void freeze_add_action(struct xlate *x, const struct action *action)
{
	if (!x->stopped)
		append(&x->frozen[x->n_frozen - 1].list, action);
}

/* Points. */

static uint32_t hash_list(const struct action_list *list, uint32_t basis)
{
	return hash_bytes(list->data, list->n, basis);
}

static uint32_t hash_point(const struct point *point)
{
	uint32_t hash = hash_bytes(&point->state, sizeof(point->state), 0);

	for (unsigned i = 0; i < point->state.n_steps; i++)
		hash = hash_list(&point->steps[i].list, hash ^ point->steps[i].table);
	return hash_list(&point->set, hash);
}

static bool step_equal(const struct xlate_step *a, const struct xlate_step *b)
{
	return a->in_port == b->in_port && a->table == b->table && a->is_lookup == b->is_lookup &&
		a->origin == b->origin && a->cookie == b->cookie &&
		action_list_equal(&a->list, &b->list);
}

static int content_equals(struct cds_lfht_node *node, const void *other_)
{
	const struct point *point = container_of(node, struct point, by_content);
	const struct point *other = other_;

	if (memcmp(&point->state, &other->state, sizeof(point->state)) ||
	    !action_list_equal(&point->set, &other->set))
		return 0;
	for (unsigned i = 0; i < point->state.n_steps; i++)
		if (!step_equal(&point->steps[i], &other->steps[i]))
			return 0;
	return 1;
}

static int id_equals(struct cds_lfht_node *node, const void *id)
{
	return container_of(node, struct point, by_id)->id == *(const uint32_t *)id;
}

static void point_free(void *point_)
{
	struct point *point = point_;

	for (unsigned i = 0; i < point->state.n_steps; i++)
		action_list_fini(&point->steps[i].list);
	action_list_fini(&point->set);
	free(point);
}

static struct point *find_point(uint32_t id)
{
	struct cds_lfht_iter iter;

	if (!ids)
		return NULL;
	cds_lfht_lookup(ids, hash_u64(id, 0), id_equals, &id, &iter);
	struct cds_lfht_node *node = cds_lfht_iter_get_node(&iter);

	return node ? container_of(node, struct point, by_id) : NULL;
}

/* The id of the point that is like this one, which is taken over; 0 if there is no room. */
static uint32_t intern(struct point *take_point)
{
	struct cds_lfht_node *node;

	take_point->hash = hash_point(take_point);
	take_point->used_ms = clock_ms();
	if (!contents || __atomic_load_n(&n_points, __ATOMIC_RELAXED) >= POINTS_MAX) {
		point_free(take_point);
		return 0;
	}
	do
		take_point->id = __atomic_add_fetch(&last_id, 1, __ATOMIC_RELAXED);
	while (!take_point->id);
	cds_lfht_node_init(&take_point->by_id);
	cds_lfht_node_init(&take_point->by_content);
	/* First by its id: who finds an equal one by content must find it by its id, too. */
	cds_lfht_add(ids, hash_u64(take_point->id, 0), &take_point->by_id);
	node = cds_lfht_add_unique(
		contents, take_point->hash, content_equals, take_point, &take_point->by_content
	);
	if (node == &take_point->by_content) {
		__atomic_add_fetch(&n_points, 1, __ATOMIC_RELAXED);
		return take_point->id;
	}
	struct point *point = container_of(node, struct point, by_content);

	cds_lfht_del(ids, &take_point->by_id);
	epoch_free(take_point, point_free);
	__atomic_store_n(&point->used_ms, clock_ms(), __ATOMIC_RELAXED);
	return point->id;
}

/* Sealing. */

static void save_tunnel(struct xlate *x, struct state *state)
{
	const struct key *key = &x->key;

	XLATE_LOOK(x, base.tun_id);
	XLATE_LOOK(x, base.tun_src);
	XLATE_LOOK(x, base.tun_dst);
	state->tun_id = key->base.tun_id;
	state->tun_src = key->base.tun_src;
	state->tun_dst = key->base.tun_dst;
	/* All packets of the flow have these blocks, or none has. */
	XLATE_LOOK(x, tunnel);
	XLATE_LOOK(x, tunnel_options);
	state->tunnel = key->tunnel;
	memcpy(state->tunnel_options, key->tunnel_options, sizeof(state->tunnel_options));
}

static void save_set(const struct xlate_set *set, struct action_list *list)
{
	for (unsigned i = 0; i < set->n_fields; i++)
		append(list, set->fields[i]);
	for (unsigned slot = 1; slot < XLATE_SET_SLOTS; slot++)
		if (set->slots[slot])
			append(list, set->slots[slot]);
}

static uint32_t make_point(struct xlate *x)
{
	struct point *point = XNEW(struct point);
	struct state *state = &point->state;

	state->bridge = x->bridge->index;
	state->in = x->in ? x->in->slot : VIEW_NO_SLOT;
	state->in_port = x->key.base.in_port;
	state->passes = x->passes + 1;
	state->mirrored = x->mirrored;
	state->pkt_mark = x->key.extra.pkt_mark;
	state->skb_priority = x->key.extra.skb_priority;
	memcpy(state->regs, x->key.regs, sizeof(state->regs));
	state->pipeline = x->key.pipeline;
	save_tunnel(x, state);
	state->n_stack = x->n_stack;
	memcpy(state->stack, x->stack, x->n_stack * sizeof(x->stack[0]));
	action_list_init(&point->set);
	save_set(&x->set, &point->set);
	state->n_steps = x->n_frozen;
	for (unsigned i = 0; i < x->n_frozen; i++) {
		point->steps[i] = x->frozen[i];
		action_list_init(&point->steps[i].list);
		action_list_copy(&point->steps[i].list, &x->frozen[i].list);
	}
	return intern(point);
}

static void write_fork(struct xlate *x, uint8_t larger)
{
	uint8_t value[FIELD_MAX_SIZE] = {0};

	value[FIELD_MAX_SIZE - 1] = larger;
	subfield_set(x->fork, NULL, &x->key, value);
	xlate_wrote(x, x->fork->field->offset, x->fork->field->width);
}

static bool make_points(struct xlate *x, struct op_recirc *points)
{
	points->size = x->fork_size;
	if (x->fork_size) {
		xlate_look(x, x->fork->field->offset, x->fork->field->width);
		write_fork(x, 1);
		points->larger = make_point(x);
		write_fork(x, 0);
	}
	points->point = make_point(x);
	return points->point && (!points->size || points->larger);
}

static bool has_rest(const struct xlate *x)
{
	if (x->n_frozen || x->set.n_fields)
		return true;
	for (unsigned slot = 1; slot < XLATE_SET_SLOTS; slot++)
		if (x->set.slots[slot])
			return true;
	return false;
}

static void tell_rounds(struct xlate *x, const struct op_recirc *points)
{
	if (!x->trace)
		return;
	trace_goes_round(x->trace, points->point, points->size, false, &x->base);
	if (points->size)
		trace_goes_round(x->trace, points->larger, points->size, true, &x->base);
}

void freeze_seal(struct xlate *x)
{
	struct op_recirc points = {0};

	if (!x->freezing)
		return;
	if (x->pause) {
		pause_seal(x);
	} else if (x->stopped || !has_rest(x)) {
		/* Nothing is left to be done. */
	} else if (x->passes >= PASSES_MAX) {
		xlate_drop(x, &drop_recirc_too_often);
	} else if (!make_points(x, &points)) {
		xlate_drop(x, &drop_too_many_points);
		x->uncacheable = true;
	} else {
		xlate_commit(x);
		memcpy(program_add(&x->program, &op_recirc), &points, sizeof(points));
		x->n_outputs++;
		tell_rounds(x, &points);
	}
	for (unsigned i = 0; i < x->n_frozen; i++)
		action_list_fini(&x->frozen[i].list);
	x->n_frozen = 0;
	x->freezing = false;
}

bool freeze_output(struct xlate *x, uint32_t port)
{
	struct op_recirc points = {0};
	char text[32];

	if (x->freezing || x->passes >= PASSES_MAX)
		return false;
	snprintf(text, sizeof(text), "output:%u", port);
	x->n_frozen = 0;
	struct xlate_step *step = add_step(x);

	actions_parse(&step->list, text, NULL, NULL);
	/* Nothing else is left of what stands in the set: it is done where it stands. */
	struct xlate_set set = x->set;

	x->set = (struct xlate_set){0};
	x->fork_size = 0;
	bool made = make_points(x, &points);

	x->set = set;
	action_list_fini(&step->list);
	x->n_frozen = 0;
	if (!made) {
		xlate_drop(x, &drop_too_many_points);
		x->uncacheable = true;
		return true;
	}
	xlate_commit(x);
	memcpy(program_add(&x->program, &op_recirc), &points, sizeof(points));
	x->n_outputs++;
	tell_rounds(x, &points);
	return true;
}

/* Thawing. */

static void restore(struct xlate *x, const struct point *point)
{
	const struct state *state = &point->state;
	struct key *key = &x->key;

	x->bridge = x->view->bridges[state->bridge];
	x->in = view_port_at(x->view, state->in);
	x->passes = state->passes;
	x->mirrored = state->mirrored;
	key->base.in_port = state->in_port;
	key->base.tun_id = state->tun_id;
	key->base.tun_src = state->tun_src;
	key->base.tun_dst = state->tun_dst;
	key->tunnel = state->tunnel;
	memcpy(key->tunnel_options, state->tunnel_options, sizeof(key->tunnel_options));
	key->extra.pkt_mark = state->pkt_mark;
	key->extra.skb_priority = state->skb_priority;
	memcpy(key->regs, state->regs, sizeof(key->regs));
	key->pipeline = state->pipeline;
	XLATE_WROTE(x, base.tun_id);
	XLATE_WROTE(x, base.tun_src);
	XLATE_WROTE(x, base.tun_dst);
	XLATE_WROTE(x, tunnel);
	XLATE_WROTE(x, tunnel_options);
	XLATE_WROTE(x, extra.pkt_mark);
	XLATE_WROTE(x, extra.skb_priority);
	x->n_stack = state->n_stack;
	memcpy(x->stack, state->stack, state->n_stack * sizeof(x->stack[0]));
	ACTION_FOREACH(action, &point->set)
		xlate_set_add(&x->set, action);
}

void freeze_add_rest(struct xlate *x, const struct xlate_step *steps, unsigned n)
{
	for (unsigned i = 0; x->freezing && i < n; i++) {
		struct xlate_step *step = add_step(x);

		if (!step)
			return;
		*step = steps[i];
		action_list_init(&step->list);
		action_list_copy(&step->list, &steps[i].list);
	}
}

bool freeze_thaw(struct xlate *x, uint32_t id)
{
	const struct point *point = find_point(id);
	unsigned i;

	if (!point || !x->view->bridges[point->state.bridge])
		return false;
	restore(x, point);
	/* The port it came in by is gone, and soon the bridge may be. */
	if (!x->in && point->state.in != VIEW_NO_SLOT)
		return false;
	if (x->in)
		xlate_add_dep(x, DEP_LPORT, x->in->lport->id, 0, 0);
	if (x->trace)
		trace_heading(x->trace, "bridge(\"%s\"), again", x->bridge->name);
	for (i = 0; i < point->state.n_steps && !x->exited && !x->stopped; i++)
		xlate_run_step(x, &point->steps[i]);
	freeze_add_rest(x, &point->steps[i], point->state.n_steps - i);
	return true;
}

/* Keeping. */

static void point_used(uint32_t id, int n)
{
	struct point *point = find_point(id);

	if (!point)
		return;
	point->n_programs += n;
	__atomic_store_n(&point->used_ms, clock_ms(), __ATOMIC_RELAXED);
}

void freeze_start(void)
{
	if (contents)
		return;
	contents = cds_lfht_new_flavor(BUCKETS, BUCKETS, 0, 0, &urcu_qsbr_flavor, NULL);
	ids = cds_lfht_new_flavor(BUCKETS, BUCKETS, 0, 0, &urcu_qsbr_flavor, NULL);
	recirc_watch(point_used);
}

void freeze_sweep(void)
{
	int64_t now = clock_ms();
	struct cds_lfht_iter iter;
	struct cds_lfht_node *node;

	if (!contents || !__atomic_load_n(&n_points, __ATOMIC_RELAXED))
		return;
	cds_lfht_for_each(contents, &iter, node)
	{
		struct point *point = caa_container_of(node, struct point, by_content);
		int64_t used = __atomic_load_n(&point->used_ms, __ATOMIC_RELAXED);

		if (point->n_programs || now - used < UNUSED_MS)
			continue;
		if (cds_lfht_del(contents, &point->by_content))
			continue;
		cds_lfht_del(ids, &point->by_id);
		__atomic_sub_fetch(&n_points, 1, __ATOMIC_RELAXED);
		epoch_free(point, point_free);
	}
}
