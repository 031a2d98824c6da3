/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/workers_wanted.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/eal.h"
#include "datapath/worker.h"
#include "lib/errbuf.h"
#include "lib/ovsdb/db_row.h"
#include "vswitchd/complaints.h"
#include "vswitchd/config/setting.h"
#include "vswitchd/rows.h"

enum {
	MAX_SLEEP_US = 10000,
};

/* The cores that workers were last given by; none until a mask was any good: then one worker has a core
 * that is chosen for it. */
static uint64_t in_force[4];

/* "0x3", "c": a mask in hexadecimal, lowest core in the last digit. What is none is told of like other
 * values that are wrong. */
static bool parse_cores(const char *text, uint64_t cores[4])
{
	const char *digits = !strncmp(text, "0x", 2) || !strncmp(text, "0X", 2) ? text + 2 : text;
	size_t n = strlen(digits);

	memset(cores, 0, 4 * sizeof(cores[0]));
	if (!n || n > 64 || strspn(digits, "0123456789abcdefABCDEF") != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		char digit[2] = {digits[n - 1 - i], '\0'};

		cores[i / 16] |= strtoull(digit, NULL, 16) << i % 16 * 4;
	}
	return true;
}

/* A mask that is no good leaves workers where they are. Whether or not there are any yet: without
 * workers nothing is forwarded. */
static void configure(struct worker_config *config, const char *mask, struct errbuf *err)
{
	struct errbuf again;

	if ((!mask || parse_cores(mask, config->cores)) && !workers_configure(config, err)) {
		memcpy(in_force, config->cores, sizeof(in_force));
		return;
	}
	memcpy(config->cores, in_force, sizeof(in_force));
	errbuf_init(&again);
	if (workers_configure(config, &again) && !err->error)
		*err = again;
}

static const char *get(const struct db_row *row, const char *key)
{
	return db_row_map_get(row, OPEN_VSWITCH_OTHER_CONFIG, key);
}

static int64_t get_number(const struct db_row *row, const char *key, int64_t start)
{
	return setting_get_int(row, OPEN_VSWITCH_OTHER_CONFIG, key, start);
}

static bool get_bool(const struct db_row *row, const char *key, bool start)
{
	return setting_get_bool(row, OPEN_VSWITCH_OTHER_CONFIG, key, start);
}

static enum spread_mode get_mode(const struct db_row *row)
{
	const char *text = get(row, "pmd-rxq-assign");

	if (text && !strcmp(text, "roundrobin"))
		return SPREAD_ROUNDROBIN;
	return text && !strcmp(text, "group") ? SPREAD_GROUP : SPREAD_CYCLES;
}

static void apply_plan(const struct db_row *row)
{
	struct plan_config config = {
		.mode = get_mode(row),
		.isolate = get_bool(row, "pmd-rxq-isolate", true),
		.auto_balance = get_bool(row, "pmd-auto-lb", false),
		.balance_minutes = get_number(row, "pmd-auto-lb-rebal-interval", 1),
		.balance_load = get_number(row, "pmd-auto-lb-load-threshold", 95),
		.balance_gain = get_number(row, "pmd-auto-lb-improvement-threshold", 25),
	};

	if (!config.balance_minutes)
		config.balance_minutes = 1;
	plan_configure(&config);
}

/* The newer key may name workers, which all sleep alike here: then the older one counts. */
static int64_t get_max_sleep(const struct db_row *row)
{
	int64_t us = get_number(row, "pmd-sleep-max", -1);

	return us >= 0 && us <= MAX_SLEEP_US ? us : get_number(row, "pmd-maxsleep", 0);
}

void workers_wanted_apply(const struct db_row *row)
{
	struct worker_config config = {0};
	struct errbuf err;

	errbuf_init(&err);
	config.max_sleep_us = get_max_sleep(row);
	config.exact.entries = get_number(row, "exact-cache-entries", 0);
	config.exact.off = !get_number(row, "emc-insert-inv-prob", 1);
	configure(&config, get(row, "pmd-cpu-mask"), &err);
	complaints_log_of_switch("workers", err.error ? err.text : "");
	complaints_log_of_switch("dpdk-extra", get(row, "dpdk-extra") ? eal_state()->refused : "");
	apply_plan(row);
}

void workers_wanted_tick(void)
{
	plan_tick();
}
