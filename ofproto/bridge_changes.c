/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/bridge_changes.h"

#include <stdlib.h>

#include <uv.h>

#include "lib/clock.h"
#include "ofproto/actions/room.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/controllers.h"
#include "ofproto/conn/service.h"
#include "ofproto/effects.h"
#include "ofproto/groups/groups.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/l2/l2.h"
#include "ofproto/rules.h"
#include "ofproto/tables/tables.h"

enum {
	AGING_PERIOD_MS = 500
};

static struct change *current;
static struct errand *errands, **last_errand = &errands; /* to be run after it */
static unsigned depth;
static uint64_t serial;
static uv_timer_t aging_timer;

struct change *bridge_changes_begin(void)
{
	if (!depth++)
		current = change_new();
	return current;
}

static void post(void)
{
	struct errand *errand = errands;

	change_post(current);
	serial++;
	errands = NULL;
	last_errand = &errands;
	while (errand) {
		struct errand *next = errand->next;

		keeper_run_errand(errand);
		errand = next;
	}
}

void bridge_changes_end(void)
{
	if (--depth)
		return;
	post();
	current = NULL;
}

void bridge_changes_after(struct errand *errand)
{
	errand->next = NULL;
	*last_errand = errand;
	last_errand = &errand->next;
}

uint64_t bridge_changes_serial(void)
{
	return serial;
}

int64_t bridge_changes_time(void)
{
	return clock_ms();
}

void bridge_changes_flush(void)
{
	if (!depth)
		return;
	post();
	current = change_new();
}

static void age(uv_timer_t *timer)
{
	struct bridge *bridge;

	bridge_changes_begin();
	HMAP_FOREACH(bridge, node, bridges_all())
		service_poll(bridge);
	HMAP_FOREACH(bridge, node, bridges_all())
		l2_poll(bridge);
	bridge_changes_end();
	rules_expire();
	groups_poll();
}

int bridges_start(struct errbuf *err)
{
	int error = keeper_start(effects_apply, err);

	if (error)
		return error;
	error = effects_start(err);
	if (error) {
		keeper_stop();
		return error;
	}
	service_begin();
	uv_timer_init(uv_default_loop(), &aging_timer);
	uv_timer_start(&aging_timer, age, AGING_PERIOD_MS, AGING_PERIOD_MS);
	uv_unref((uv_handle_t *)&aging_timer);
	return 0;
}

void bridges_set_directory(const char *directory)
{
	service_set_directory(directory);
}

void bridges_configure(uint32_t max_idle_ms, uint32_t flow_limit, uint32_t threads)
{
	struct keeper_config config = {
		.max_idle_ms = max_idle_ms,
		.flow_limit = flow_limit,
		.threads = threads,
	};

	keeper_configure(&config);
}

void bridges_stop(void)
{
	struct bridge *bridge;

	effects_stop();
	HMAP_FOREACH_SAFE(bridge, node, bridges_all())
		bridge_free(bridge);
	keeper_stop();
	service_end();
	if (!uv_is_closing((uv_handle_t *)&aging_timer))
		uv_close((uv_handle_t *)&aging_timer, NULL);
}

/* Rules. */

struct end_context {
	struct bridge *bridge;
	struct change *change;
};

static bool end_rule(struct rule *rule, void *context_)
{
	struct end_context *context = context_;

	tables_end(context->bridge->tables, rule);
	change_add(context->change, DEP_RULE, 0, 0, (uintptr_t)rule);
	return true;
}

void bridge_drop_rules(struct bridge *bridge, struct change *change)
{
	struct end_context context = {bridge, change};

	for (unsigned table = 0; table < TABLES_N; table++)
		tables_foreach(bridge->tables, table, end_rule, &context);
	tables_flip(bridge->tables);
}

void bridge_begin_anew(struct bridge *bridge)
{
	if (!controllers_decide(bridge))
		rules_delete_all(bridge);
}

void bridge_add_default_rules(struct bridge *bridge, struct change *change)
{
	static const struct key any;
	struct rule like = {.table = 0, .priority = 0};

	/* A controller's rules are its own affair; the switch only ever adds NORMAL. */
	if (bridge->fail_mode != BRIDGE_STANDALONE || controllers_decide(bridge) ||
	    tables_find_exactly(bridge->tables, 0, 0, &any, &any))
		return;
	enum of_error error;
	struct action_list list;

	action_list_init(&list);
	actions_parse(&list, "NORMAL", NULL, NULL);
	struct rule_actions *actions = rule_actions_get(&list, &error);
	struct rule *rule = tables_add(bridge->tables, &like, &any, &any, actions, NULL);

	action_list_fini(&list);

	tables_flip(bridge->tables);
	change_add_rule(change, bridge->index, rule);
}
