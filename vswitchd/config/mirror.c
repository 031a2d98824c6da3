/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/config/config.h"

/* The table Mirror.  */

/* clang-format off */
static const struct option statistics[] = {
	CONFIG_TEXT("tx_packets", LIVE, "Packets copied."),
	CONFIG_TEXT("tx_bytes", LIVE, "Bytes copied."),
};

static const struct config_column columns[] = {
	CONFIG_COLUMN("name", USED, "The mirror's name."),
	CONFIG_COLUMN("select_all", USED, "Copy every packet of the bridge."),
	CONFIG_COLUMN("select_src_port", USED, "Copy packets that come from these ports."),
	CONFIG_COLUMN("select_dst_port", USED, "Copy packets that leave through these ports."),
	CONFIG_COLUMN("select_vlan", USED, "Copy only these VLANs; empty is all."),
	CONFIG_COLUMN("filter", USED, "Copy only packets that match this OpenFlow match."),
	CONFIG_COLUMN("output_port", USED, "The port that copies leave through; it has no other use."),
	CONFIG_COLUMN("output_vlan", USED, "The VLAN that copies are flooded on, instead of a port."),
	CONFIG_COLUMN("snaplen", USED, "Bytes of each packet to copy; all if unset."),
	CONFIG_MAP("statistics", STATUS, statistics, "How much was copied."),
	CONFIG_COLUMN("external_ids", STORED, "What other programs note about the mirror."),
};
/* clang-format on */

CONFIG_TABLE(mirror, "Mirror", columns, "Copies of a bridge's traffic to a port or a VLAN.");
