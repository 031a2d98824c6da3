/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/keeper/book.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/flow.h"
#include "datapath/program.h"
#include "lib/clock.h"
#include "lib/xmalloc.h"
#include "ofproto/keeper/again.h"
#include "ofproto/keeper/change.h"
#include "ofproto/keeper/credit.h"
#include "ofproto/keeper/shares.h"
#include "ofproto/keeper/watch.h"
#include "ofproto/tables/tables.h"
#include "ofproto/xlate/xlate.h"

enum {
	/* Counts are to be no older than half a second, and a round over many flows takes a while. */
	SWEEP_PERIOD_MS = 300,
	CROWDED_IDLE_MS = 1000, /* how long an idle flow may stay when there is no room */
	REDO_PATIENCE = 256, /* rules to be read before a flow is rather left to be made anew */
	FEW_FLOWS = 16, /* can be looked at one by one */
	WIDEN_A_ROUND = 256, /* flows translated again because they may be wider */
	/* What came may go again, and with it the reason: a flow is not given up for others at once. */
	NARROW_ROUNDS = 4,
	FEW_MOVED = 4, /* flows of an address that moves are marked, like others */
	LEADERS = 8, /* of a set, that the rest may follow: one for each way to come there */
	/* Translations of a change before all is marked: some are dear, and main may be doing this. */
	LEADS_A_CHANGE = 64,
	LEADS_NS = 100000,
};

static struct book *state;
static CDS_LIST_HEAD(all);
static CDS_LIST_HEAD(redo);
static unsigned n_redo; /* the keeper writes, main reads */
static uint64_t n_changes; /* in force */
static struct cds_list_head *sweep_at; /* the next to be swept, or NULL between rounds */
static int64_t sweep_next_ms;
/* A flow that was translated again because its destination had moved; others of that destination, for
 * which all was the same until the translation came to that, get what it got. NULL: there is none, or
 * something that it depends on has changed since. */
static struct kept *model;
/* Flows translated because of the change that is being marked, and until when that goes on. */
static unsigned n_leads;
static int64_t leads_until_ns;

void book_init(struct book *book)
{
	state = book;
	sweep_at = NULL;
	sweep_next_ms = 0;
	index_init();
	overlap_init();
	shares_init();
}

static void set_n_redo(unsigned n)
{
	__atomic_store_n(&n_redo, n, __ATOMIC_RELAXED);
}

static void kept_del(struct kept *kept)
{
	credit_flow(kept);
	if (model == kept)
		model = NULL;
	if (sweep_at == &kept->in_all)
		sweep_at = kept->in_all.next;
	if (kept->stale) {
		cds_list_del(&kept->in_redo);
		set_n_redo(n_redo - 1);
	}
	index_take(kept);
	shares_del(kept);
	overlap_del(kept);
	cds_list_del(&kept->in_all);
	flow_del(kept->flow);
	state->stats.flows--;
	free(kept);
}

void book_purge(void)
{
	struct kept *kept, *next;

	cds_list_for_each_entry_safe(kept, next, &all, in_all)
		kept_del(kept);
}

void book_drop_forbidden(void)
{
	struct kept *kept, *next;
	struct key key, mask;

	cds_list_for_each_entry_safe(kept, next, &all, in_all) {
		flow_get_match(kept->flow, &key, &mask);
		if (watch_forbids(&key, &mask))
			kept_del(kept);
	}
}

void book_fini(void)
{
	watch_end();
	book_purge();
	index_fini();
	overlap_fini();
}

/* Making. */

void book_translated(void)
{
	state->stats.translated++;
}

/* Whether the port may have another flow; if need be, one goes for it. */
static bool has_room(uint32_t port)
{
	struct kept *other;

	if (state->stats.flows < state->config.flow_limit)
		return true;
	other = shares_pick(port);
	if (!other)
		return false;
	state->stats.evicted++;
	kept_del(other);
	return state->stats.flows < state->config.flow_limit;
}

struct program *book_make(
	const struct xlate *x,
	const struct key *key,
	const struct flow_first *first,
	struct flow_life *life
)
{
	struct program *program = program_intern(&x->program);
	const struct index_dep *mine;
	struct key masked;
	struct kept *kept;

	if (!program)
		return NULL;
	if (x->uncacheable)
		return program;
	if (watch_is_waiting() && watch_forbids(key, &x->mask))
		return program;
	if (!has_room(key->base.in_port)) {
		state->stats.full++;
		return program;
	}
	key_apply_mask(&masked, key, &x->mask);
	kept = XNEW(struct kept);
	kept->used_ms = clock_ms();
	int error = flow_add(first, &masked, &x->mask, program_ref(program), kept, &kept->flow);

	if (error) {
		/* An equal flow is only there when it is stale: it will soon be redone. */
		state->stats.full += error == -ENOSPC;
		free(kept);
		return program;
	}
	kept->narrow_until = index_narrow();
	cds_list_add_tail(&kept->in_all, &all);
	shares_add(kept, key->base.in_port);
	index_put(kept, x->deps, x->n_deps);
	overlap_add(kept);
	INDEX_FOREACH(mine, kept)
		if (mine->dep.kind == DEP_MAC_SRC)
			credit_mac(&mine->dep, kept->used_ms);
	state->stats.flows++;
	if (life)
		*life = flow_get_life(kept->flow);
	return program;
}

/* Translating again. */

/* Translates the flow's packets anew. Returns whether the flow can stay, with what 'x' has now. Whether
 * fewer bits matter now than when it was made it is told. */
static bool translate(struct xlate *x, const struct kept *kept, bool *wider)
{
	struct key key, mask;
	bool stays;

	flow_get_match(kept->flow, &key, &mask);
	again_make(x, &key);
	stays = again_holds(x, &mask);
	*wider = stays && again_is_wider(x, &mask);
	/* A wider flow's ops may write what this one's mask knows to be so. */
	if (!stays || (*wider && x->edited))
		stays = again_translate(x, kept->flow, REDO_PATIENCE);
	/* It also goes when a packet must be seen, to learn from it. */
	return stays && !x->n_effects && !x->teaches;
}

static void count_redone(bool replaced)
{
	if (replaced)
		state->stats.replaced++;
	else
		state->stats.kept++;
}

/* The flow is up to date. */
static void put_program(struct kept *kept, struct program *take_program)
{
	count_redone(take_program != flow_program(kept->flow));
	if (kept->stale) {
		kept->stale = false;
		cds_list_del(&kept->in_redo);
		set_n_redo(n_redo - 1);
	}
	flow_set_program(kept->flow, take_program);
}

/* Marking. */

static void mark(struct kept *kept, const struct dep *dep, void *context)
{
	bool moved = dep->kind == DEP_MAC_DST;

	if (kept->stale) {
		kept->only_moved &= moved;
		return;
	}
	if (model == kept)
		model = NULL;
	kept->stale = true;
	kept->only_moved = moved;
	flow_mark_stale(kept->flow);
	cds_list_add_tail(&kept->in_redo, &redo);
	set_n_redo(n_redo + 1);
	state->stats.stale++;
}

/* Whether another mark makes a difference. */
static bool is_markable(const struct kept *kept)
{
	return !kept->stale || kept->only_moved;
}

/* Whether packets of the flow, come from 'in_port', may match the rule. */
static bool overlaps(const struct rule *rule, const struct flow *flow, uint32_t in_port)
{
	const struct key_base *base, *base_mask;
	struct key key, mask;

	flow_peek(flow, &base, &base_mask);
	if (!rule_overlaps_base(rule, base, base_mask, in_port))
		return false;
	if (rule_is_of_base(rule))
		return true;
	flow_get_match(flow, &key, &mask);
	key.base.in_port = in_port;
	return rule_overlaps(rule, &key, &mask);
}

static void mark_if_overlaps(struct kept *kept, const struct dep *dep, void *rule_)
{
	const struct rule *rule = rule_;

	/* A rule of lower priority than the one that was found changes nothing. With rewritten
	 * fields the flow's own key says nothing about what the table saw. */
	if (!is_markable(kept) || dep_table_priority(dep) > (int64_t)rule->priority)
		return;
	if (!dep_table_rewritten(dep) && !overlaps(rule, kept->flow, dep_table_in_port(dep)))
		return;
	mark(kept, dep, NULL);
}

static void credit_and_mark(struct kept *kept, const struct dep *dep, void *context)
{
	credit_flow(kept);
	mark(kept, dep, NULL);
}

/* A flow that others may follow. */
struct leader {
	struct index_flow *flow;
	struct program *program;
};

/* What is done with a set of flows whose destination has moved. */
struct moving {
	struct xlate *x;
	struct index_set *set;
	struct leader leaders[LEADERS];
	const struct kept *failed; /* could not lead; nor can those that came as it did */
	unsigned n, tries;
};

/* Translates the flow; if the rest of the set may follow it, the set gets what it depends on now, and it
 * its program. */
static bool lead(struct moving *moving, struct kept *kept)
{
	struct xlate *x = moving->x;
	struct program *program;
	bool wider;

	state->stats.translated++;
	if (!translate(x, kept, &wider) || !xlate_is_like_others(x))
		return false;
	program = program_intern(&x->program);
	if (!program)
		return false;
	if (moving->n ? !index_has(kept, x->deps, x->n_deps)
		      : !index_turn(moving->set, kept, x->deps, x->n_deps)) {
		program_unref(program);
		return false;
	}
	kept->narrow_rounds = wider ? NARROW_ROUNDS : 0;
	state->stats.stale += !kept->stale;
	put_program(kept, program);
	return true;
}

/* Whether it waits to be translated again for nothing but a move. */
static bool waits_for_move(const struct kept *kept)
{
	return kept->stale && kept->only_moved;
}

/* Whether there is time for another one. */
static bool may_lead(void)
{
	int64_t now = clock_ns();

	if (!n_leads)
		leads_until_ns = now + LEADS_NS;
	return n_leads < LEADS_A_CHANGE && now < leads_until_ns;
}

static bool try_to_lead(struct moving *moving, struct kept *kept)
{
	if ((kept->stale && !waits_for_move(kept)) || moving->tries == LEADERS ||
	    (moving->failed && index_came_alike(kept, moving->failed)) || !may_lead())
		return false;
	moving->tries++;
	n_leads++;
	if (lead(moving, kept))
		return true;
	moving->failed = kept;
	return false;
}

/* Nothing need be credited: what gets counts stays the same. */
static bool follow(struct index_flow *flow, const struct leader *leader)
{
	struct program *program = leader->program;

	if (!index_is_like(flow, leader->flow))
		return false;
	if (!flow_get_life(flow->flow).life) {
		if (!waits_for_move(flow->kept))
			return false;
		put_program(flow->kept, program_ref(program));
		return true;
	}
	state->stats.stale++;
	if (flow_program(flow->flow) == program) {
		state->stats.kept++;
		return true;
	}
	state->stats.replaced++;
	flow_set_program(flow->flow, program_ref(program));
	return true;
}

static bool follow_any(struct index_flow *flow, const struct moving *moving)
{
	for (unsigned i = 0; i < moving->n; i++)
		if (follow(flow, &moving->leaders[i]))
			return true;
	return false;
}

static void add_leader(struct moving *moving, struct index_flow *flow)
{
	moving->leaders[moving->n++] = (struct leader){
		.flow = flow,
		.program = (struct program *)flow_program(flow->flow),
	};
}

/* Marking a flow, translating it again and filing it anew is more than giving it the program that another
 * one got; and until then its packets would miss. */
static void move_set(struct index_set *set, const struct dep *dep, void *x)
{
	struct moving moving = {.x = x, .set = set};
	bool many = set->n_flows >= FEW_MOVED && &set->links[0].dep->dep == dep;

	for (unsigned i = 0; i < set->n_flows; i++) {
		struct index_flow *flow = &set->flows[i];

		index_look_ahead(set, i);
		if (follow_any(flow, &moving))
			continue;
		if (many && try_to_lead(&moving, flow->kept))
			add_leader(&moving, flow);
		else
			mark(flow->kept, dep, NULL);
	}
	if (moving.n)
		model = moving.leaders[0].flow->kept;
}

static void mark_vlans(const struct change_vlans *change)
{
	struct dep dep = {.kind = DEP_VLAN, .owner = change->bridge};

	for (unsigned vlan = 0; vlan < 4096; vlan++) {
		if (!(change->vlans[vlan / 64] >> vlan % 64 & 1))
			continue;
		dep.vlan = vlan;
		index_visit(&dep, mark, NULL);
	}
}

/* Flows that match it, would learn it, or match it together with others. */
static void mark_rule(const struct dep *rule)
{
	static const enum dep_kind kinds[] = {DEP_RULE, DEP_LEARNED, DEP_SOFT};

	for (unsigned i = 0; i < ARRAY_LENGTH(kinds); i++) {
		struct dep dep = {.kind = kinds[i], .what = rule->what};

		index_visit(&dep, mark, NULL);
	}
}

static void mark_dep(struct xlate *x, const struct dep *dep)
{
	switch ((enum dep_kind)dep->kind) {
	case DEP_MAC_DST:
		index_visit_sets(dep, move_set, x);
		break;
	case DEP_RULE:
		index_end_rule((const struct rule *)(uintptr_t)dep->what, credit_and_mark, NULL);
		break;
	case DEP_RULE_ACTIONS:
		mark_rule(dep);
		break;
	case DEP_MASKS:
		index_note_narrow(dep);
		break;
	case DEP_GROUP_COUNTS:
		/* What it names is freed after the change. */
		index_visit(dep, credit_and_mark, NULL);
		index_forget(dep);
		break;
	default:
		index_visit(dep, mark, NULL);
	}
}

struct newcomer {
	struct rule *rule;
	struct dep dep; /* its table */
};

static void mark_if_asked(struct kept *kept, void *newcomer_)
{
	const struct newcomer *newcomer = newcomer_;
	const struct index_dep *mine;

	INDEX_FOREACH(mine, kept)
		if (mine->dep.kind == DEP_TABLE && mine->dep.owner == newcomer->dep.owner &&
		    mine->dep.vlan == newcomer->dep.vlan)
			mark_if_overlaps(kept, &mine->dep, newcomer->rule);
}

/* Marks flows whose packets may match a rule that came. */
static void mark_for_rule(const struct change_rule *change)
{
	struct newcomer newcomer = {
		.rule = change->rule,
		.dep =
			{
				.kind = DEP_TABLE,
				.owner = change->bridge,
				.vlan = change->rule->table,
			},
	};
	struct key_base key, mask;

	if (state->stats.flows < FEW_FLOWS) {
		index_visit(&newcomer.dep, mark_if_overlaps, newcomer.rule);
		return;
	}
	index_visit_rewritten(&newcomer.dep, mark_if_overlaps, newcomer.rule);
	rule_get_base(newcomer.rule, &key, &mask);
	overlap_visit(&key, &mask, mark_if_asked, &newcomer);
}

uint64_t book_changes(void)
{
	return n_changes;
}

void book_mark(struct xlate *x, const struct change *change)
{
	n_changes++;
	n_leads = 0;
	if (!state->stats.flows)
		return;
	for (unsigned i = 0; i < change->n_deps; i++)
		mark_dep(x, &change->deps[i]);
	for (unsigned i = 0; i < change->n_ended; i++)
		for (unsigned j = 0; j < change->ended[i].n; j++)
			index_end_rule(change->ended[i].rules[j], credit_and_mark, NULL);
	for (unsigned i = 0; i < change->n_vlans; i++)
		mark_vlans(&change->vlans[i]);
	for (unsigned i = 0; i < change->n_rules; i++)
		mark_for_rule(&change->rules[i]);
}

/* Redoing. */

/* If fewer bits matter now than when the flow was made, one that has these alone takes its place, and that
 * of others like it. */
static void widen(struct xlate *x, struct kept *kept)
{
	struct key key, mask;

	state->stats.translated++;
	flow_get_match(kept->flow, &key, &mask);
	again_make(x, &key);
	if (!again_holds(x, &mask) || x->n_effects || x->teaches || !again_is_wider(x, &mask) ||
	    flow_mask_is_too_many(&key, &x->mask))
		return;
	kept_del(kept);
	book_make(x, &key, NULL, NULL);
	state->stats.widened++;
}

/* Does with the flow as was done with the model, if that is right. Nothing need be credited: what gets
 * counts stays the same. */
static bool redo_as_model(struct kept *kept)
{
	if (!model || !kept->only_moved || !flow_differs_in_source(kept->flow, model->flow) ||
	    !index_put_like(kept, model))
		return false;
	put_program(kept, program_ref((struct program *)flow_program(model->flow)));
	return true;
}

static void redo_one(struct xlate *x, struct kept *kept)
{
	struct program *program = NULL;
	bool wider;

	if (redo_as_model(kept))
		return;
	state->stats.translated++;
	if (translate(x, kept, &wider))
		program = program_intern(&x->program);
	if (!program) {
		state->stats.deleted++;
		kept_del(kept);
		return;
	}
	kept->narrow_rounds = wider ? NARROW_ROUNDS : 0;
	/* What it counted is credited to what it relied on until now. */
	if (!index_has(kept, x->deps, x->n_deps)) {
		if (!index_counts_alike(kept, x->deps, x->n_deps))
			credit_flow(kept);
		index_put(kept, x->deps, x->n_deps);
	}
	if (kept->only_moved && xlate_is_like_others(x))
		model = kept;
	put_program(kept, program);
}

/* Packets of a flow that waits to be translated again have that done at once: it is needed, and what
 * their own translation found could not be filed beside it. Returns whether there was one. */
static bool redo_for(struct xlate *x, const struct key *key)
{
	const struct flow *flow = n_redo ? flow_find_stale(key) : NULL;

	if (!flow)
		return false;
	redo_one(x, flow_owner(flow));
	return true;
}

struct program *book_find_again(struct xlate *x, const struct key *key, struct flow_life *life)
{
	const struct flow *flow = flow_find(key);

	if (!flow && redo_for(x, key))
		flow = flow_find(key);
	if (!flow)
		return NULL;
	if (life)
		*life = flow_get_life(flow);
	state->stats.found++;
	return program_ref((struct program *)flow_program(flow));
}

struct program *book_find(struct xlate *x, const struct key *key, struct flow_life *life)
{
	state->stats.misses++;
	if (watch_is_waiting())
		watch_see(key);
	return book_find_again(x, key, life);
}

bool book_has_marked(void)
{
	return __atomic_load_n(&n_redo, __ATOMIC_RELAXED);
}

/* What the flows behind this one will need is fetched meanwhile. */
static void look_ahead(const struct kept *kept)
{
	const struct cds_list_head *next = kept->in_redo.next;

	if (next == &redo)
		return;
	index_prefetch_more(container_of(next, const struct kept, in_redo));
	next = next->next;
	if (next == &redo)
		return;
	kept = container_of(next, const struct kept, in_redo);
	flow_prefetch(kept->flow);
	index_prefetch(kept);
	__builtin_prefetch(container_of(next->next, const struct kept, in_redo));
}

unsigned book_redo(struct xlate *x, unsigned max)
{
	while (n_redo && max--) {
		struct kept *kept = cds_list_first_entry(&redo, struct kept, in_redo);

		look_ahead(kept);
		redo_one(x, kept);
	}
	return n_redo;
}

/* Sweeping. */

static int64_t idle_allowed(void)
{
	if (state->stats.flows < state->config.flow_limit)
		return state->config.max_idle_ms;
	return state->config.max_idle_ms < CROWDED_IDLE_MS ? state->config.max_idle_ms
							   : CROWDED_IDLE_MS;
}

/* Whether fewer bits may matter than when the flow was made: so it was seen when it was translated again,
 * or masks have become fewer in a table that its packets were looked up in. */
static bool may_widen(struct kept *kept)
{
	unsigned since = kept->narrow_until;

	if (kept->stale)
		return false;
	if (kept->narrow_rounds && !--kept->narrow_rounds)
		return true;
	if (since == index_narrow())
		return false;
	kept->narrow_until = index_narrow();
	return index_is_narrow(kept, since);
}

bool book_sweep(struct xlate *x, unsigned max)
{
	static unsigned n_widen;
	int64_t now = clock_ms();
	int64_t idle = idle_allowed();

	if (!sweep_at) {
		if (now < sweep_next_ms)
			return false;
		xlate_forget();
		overlap_sweep();
		sweep_at = all.next;
		n_widen = WIDEN_A_ROUND;
		sweep_next_ms = now + SWEEP_PERIOD_MS;
	}
	while (sweep_at != &all && max--) {
		struct kept *kept = container_of(sweep_at, struct kept, in_all);

		sweep_at = sweep_at->next;
		credit_flow(kept);
		if (!state->config.holds && now - kept->used_ms >= idle) {
			state->stats.expired++;
			kept_del(kept);
		} else if (n_widen && may_widen(kept)) {
			n_widen--;
			widen(x, kept);
		}
	}
	if (sweep_at == &all)
		sweep_at = NULL;
	return sweep_at;
}

/* Showing and checking. */

void book_foreach(index_visit_fn *visit, void *context)
{
	struct kept *kept;

	cds_list_for_each_entry(kept, &all, in_all)
		visit(kept, NULL, context);
}

json_t *book_check(struct xlate *x)
{
	json_t *differences = json_array();
	struct kept *kept;

	while (book_redo(x, 1024))
		;
	cds_list_for_each_entry(kept, &all, in_all) {
		json_t *fault = again_check(x, kept->flow);

		if (fault)
			json_array_append_new(differences, fault);
	}
	return differences;
}
