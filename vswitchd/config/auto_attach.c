/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/config/config.h"

/* The table AutoAttach.  */

/* clang-format off */
static const struct config_column columns[] = {
	CONFIG_COLUMN("system_name", LATER, "The bridge's name in LLDP."),
	CONFIG_COLUMN("system_description", LATER, "The bridge's description in LLDP."),
	CONFIG_COLUMN("mappings", LATER, "Which service (I-SID) each VLAN shall reach."),
};
/* clang-format on */

CONFIG_TABLE(
	auto_attach,
	"AutoAttach",
	columns,
	"Attachment of VLANs to services of a shortest-path-bridging network."
);
