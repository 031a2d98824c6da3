/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/config/config.h"

/* The table Flow_Table.  */

/* clang-format off */
static const struct config_column columns[] = {
	CONFIG_COLUMN("name", USED, "The table's name in OpenFlow statistics."),
	CONFIG_COLUMN("flow_limit", USED, "The most rules the table takes."),
	CONFIG_COLUMN("overflow_policy", USED,
		"Beyond the limit: 'refuse' new rules (and when unset), or 'evict' the rule that expires "
		"first in the largest group."),
	CONFIG_COLUMN("groups", USED,
		"Fields by which rules are grouped for eviction, up to 8: NXM_OF_IN_PORT[] keeps one port from "
		"taking the room of others. If unset the table is one group."),
	CONFIG_COLUMN("prefixes", STORED,
		"Fields whose prefixes are tracked so that flows stay wide. Here those of all IPv4 and IPv6 "
		"addresses always are."),
	CONFIG_COLUMN("external_ids", STORED, "What other programs note about the table."),
};
/* clang-format on */

CONFIG_TABLE(flow_table, "Flow_Table", columns, "Settings of one OpenFlow table of a bridge.");
