/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/remote/dscp_wanted.h"

#include <stdlib.h>

enum {
	DSCP = 48,
	DSCP_MAX = 63,
};

unsigned dscp_wanted_read(const struct db_row *row, unsigned column)
{
	const char *text = db_row_map_get(row, column, "dscp");
	char *end;
	long dscp = text ? strtol(text, &end, 10) : DSCP;

	return text && (end == text || *end || dscp < 0 || dscp > DSCP_MAX) ? DSCP : (unsigned)dscp;
}
