/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/bridge_changes.h"

#include <stdlib.h>

#include <uv.h>

#include "lib/clock.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/service.h"
#include "ofproto/effects.h"
#include "ofproto/groups/groups.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/l2/l2.h"
#include "ofproto/rules.h"

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
