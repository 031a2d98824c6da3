/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/remote/dscp_wanted.h"

#include "vswitchd/config/setting.h"

enum {
	DSCP = 48,
};

unsigned dscp_wanted_read(const struct db_row *row, unsigned column)
{
	return (unsigned)setting_get_int(row, column, "dscp", DSCP);
}
