/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/saved_state.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/errbuf.h"
#include "lib/log.h"
#include "lib/ovsdb/db_row.h"
#include "lib/xmalloc.h"
#include "ofproto/conn/controllers.h"
#include "ofproto/saved/restore.h"
#include "ofproto/saved/save.h"
#include "ofproto/saved/saved_file.h"
#include "ofproto/wire/wire.h"
#include "vswitchd/config/setting.h"
#include "vswitchd/rows.h"

LOG_TOPIC(saved_state);

static struct {
	char *path;
	struct restore *restore; /* until all of it is restored, or NULL */
	bool rules_restored;
	bool waits; /* for whoever restores rules */
} state;

static bool is_set(const struct db_row *row, const char *key, bool by_default)
{
	return setting_get_bool(row, OPEN_VSWITCH_OTHER_CONFIG, key, by_default);
}

static void take_file(void)
{
	struct errbuf err;
	int64_t away_ms;
	size_t n;

	errbuf_init(&err);
	uint8_t *data = saved_file_take(state.path, &n, &away_ms, &err);

	if (data)
		state.restore = restore_new(data, n, away_ms);
	else if (err.error != -ENOENT)
		log_warn("saved state is not used: %s; rules must come from controllers", err.text);
}

void saved_state_start(const char *rundir, const struct db_row *switch_row)
{
	state.path = xasprintf("%s/vswitchd.state", rundir);
	state.waits = is_set(switch_row, "flow-restore-wait", false);
	/* Whoever asks to wait brings the rules, and expects empty tables. */
	state.rules_restored = state.waits;
	controllers_hold(state.waits);
	if (state.waits)
		log_warn("flow-restore-wait is set: nothing is forwarded until it is removed");
	take_file();
}

void saved_state_check(const struct db_row *switch_row)
{
	if (!state.waits || is_set(switch_row, "flow-restore-wait", false))
		return;
	state.waits = false;
	controllers_hold(false);
	log_info("flow-restore-wait is no longer set: forwarding begins");
}

bool saved_state_is_awaited(void)
{
	return state.waits;
}

static void report(void)
{
	const struct restore_report *report = restore_get_report(state.restore);

	log_info(
		"restored %u rules, %u groups, %u meters, %u MACs of %u bridges",
		report->rules,
		report->groups,
		report->meters,
		report->macs,
		report->bridges
	);
	if (report->refused)
		log_warn(
			"%u saved rules, groups or meters were refused, the first for %s",
			report->refused,
			report->first_refusal
		);
	if (report->damaged)
		log_warn("saved state: the end cannot be read");
}

void saved_state_restore(bool settled)
{
	if (!state.restore)
		return;
	if (!state.rules_restored)
		restore_rules(state.restore);
	state.rules_restored = true;
	restore_macs(state.restore);
	if (!settled)
		return;
	report();
	restore_free(state.restore);
	state.restore = NULL;
}

static void save(void)
{
	struct wire_out out;
	struct errbuf err;

	wire_out_init(&out, OF15);
	save_bridges(&out);
	errbuf_init(&err);
	if (saved_file_write(state.path, out.data, out.n, &err))
		log_warn("state is not saved: %s", err.text);
	else
		log_info("saved the state of bridges: %zu bytes", out.n);
	wire_out_fini(&out);
}

void saved_state_stop(const struct db_row *switch_row, bool keep)
{
	/* Bridges that were never told their rules have none worth keeping. */
	if (keep && !state.waits && is_set(switch_row, "save-state", true))
		save();
	restore_free(state.restore);
	free(state.path);
	state.restore = NULL;
	state.path = NULL;
}
