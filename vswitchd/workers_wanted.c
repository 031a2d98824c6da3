/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/workers_wanted.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/worker.h"
#include "lib/errbuf.h"
#include "lib/ovsdb/db_row.h"
#include "vswitchd/complaints.h"
#include "vswitchd/rows.h"

/* "0x3", "c": a mask in hexadecimal, lowest core in the last digit. */
static int parse_cores(const char *text, uint64_t cores[4], struct errbuf *err)
{
	const char *digits = !strncmp(text, "0x", 2) || !strncmp(text, "0X", 2) ? text + 2 : text;
	size_t n = strlen(digits);

	memset(cores, 0, 4 * sizeof(cores[0]));
	if (!n || n > 64 || strspn(digits, "0123456789abcdefABCDEF") != n)
		return errbuf_set(
			err,
			-EINVAL,
			"pmd-cpu-mask=%s: hexadecimal digits are wanted, such as 0x6",
			text
		);
	for (size_t i = 0; i < n; i++) {
		char digit[2] = {digits[n - 1 - i], '\0'};

		cores[i / 16] |= strtoull(digit, NULL, 16) << i % 16 * 4;
	}
	return 0;
}

void workers_wanted_apply(const struct db_row *row)
{
	struct worker_config config = {0};
	struct errbuf err;
	const char *mask = db_row_map_get(row, OPEN_VSWITCH_OTHER_CONFIG, "pmd-cpu-mask");
	const char *sleep = db_row_map_get(row, OPEN_VSWITCH_OTHER_CONFIG, "pmd-sleep-max");

	errbuf_init(&err);
	if (mask && parse_cores(mask, config.cores, &err))
		memset(config.cores, 0, sizeof(config.cores));
	if (sleep)
		config.max_sleep_us = (uint32_t)strtoul(sleep, NULL, 10);
	if (!err.error)
		workers_configure(&config, &err);
	complaints_log("workers", err.error ? err.text : "");
}
