/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/remote/conn_wanted.h"

#include <limits.h>
#include <stddef.h>

#include "vswitchd/config/setting.h"
#include "vswitchd/rows.h"

enum {
	DSCP = 48,
};

int conn_wanted_number(const int64_t *number, int fallback)
{
	if (!number || *number < 0)
		return fallback;
	return *number < INT_MAX ? (int)*number : INT_MAX;
}

unsigned conn_wanted_dscp(const struct db_row *row, unsigned column)
{
	return (unsigned)setting_get_int(row, column, "dscp", DSCP);
}

unsigned conn_wanted_queue_size(const struct db_row *bridge_row)
{
	return (unsigned
	)setting_get_int(bridge_row, BRIDGE_OTHER_CONFIG, "controller-queue-size", 0);
}
