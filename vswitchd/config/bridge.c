/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/config/config.h"

/* The table Bridge.  */

/* clang-format off */
static const struct option other_config[] = {
	/* OpenFlow. */
	CONFIG_HEX("datapath-id", 16, LIVE,
		"The bridge's OpenFlow id, 16 hex digits or 0x…; not all zero. Unset: made from its MAC."),
	CONFIG_TEXT("dp-desc", LIVE,
		"What controllers are told when they ask who this is (255 bytes); the bridge's name if unset."),
	CONFIG_TEXT("dp-sn", LIVE, "The serial number controllers are told (31 bytes)."),
	CONFIG_BOOL("disable-in-band", "true", LIVE,
		"Whether hidden rules for reaching controllers through the bridge itself are left out. "
		"There are none here, so this is always true."),
	CONFIG_INT("in-band-queue", 0, 4294967295, NULL, IGNORED,
		"The queue that in-band controller traffic would use."),
	CONFIG_INT("controller-queue-size", 1, 512, NULL, LIVE,
		"Packets that may wait until a controller reads them, beyond what the kernel buffers; a "
		"megabyte of them if unset."),

	/* MAC learning. */
	CONFIG_MAC("hwaddr", LIVE,
		"The MAC address of the bridge's own port, and so of its OpenFlow id. Unset: the lowest that "
		"its ports offer (Port.mac, else that of a device if it is universal), else one made up."),
	CONFIG_INT("mac-aging-time", 1, 1000000, "300", LIVE,
		"Seconds that a learnt MAC address stays without being seen."),
	CONFIG_INT("mac-table-size", 1, 1000000, "8192", LIVE,
		"The most MAC addresses learnt; beyond it the port with most of them gives one up."),
	CONFIG_BOOL("forward-bpdu", "false", LIVE,
		"Forward frames to the reserved group addresses 01:80:c2:00:00:0x instead of dropping them."),
	CONFIG_TEXT("private-vlans", LIVE,
		"Private VLANs: 'PRIMARY isolated VLAN community VLAN VLAN…', several such groups with ';' "
		"between them. An access port with the primary's tag hears all; with an isolated one's, "
		"those of the primary only; with a community's, one another too."),

	/* Multicast. */
	CONFIG_INT("mcast-snooping-aging-time", 1, 1000000, "300", LIVE,
		"Seconds that a group stays without a report."),
	CONFIG_INT("mcast-snooping-table-size", 1, 1000000, "2048", LIVE,
		"The most groups learnt; beyond it the one heard of least lately goes."),
	CONFIG_BOOL("mcast-snooping-disable-flood-unregistered", "false", LIVE,
		"Send groups that nobody asked for to multicast routers only."),
	CONFIG_BOOL("mcast-querier", "false", LIVE,
		"Ask which groups are wanted, in IGMP and MLD, as a multicast router would; with "
		"snooping, where there is no router."),
	CONFIG_INT("mcast-querier-interval", 1, 31744, "125", LIVE, "Seconds between two such queries."),
	CONFIG_IPV4("mcast-querier-address", NULL, LIVE,
		"The IPv4 address that asks; 0.0.0.0 unless set. Of several queriers that with the lowest "
		"address goes on; those at 0.0.0.0 yield to any."),

	/* Spanning tree. */
	CONFIG_MAC("stp-system-id", LIVE, "The lower half of the STP bridge id."),
	CONFIG_INT("stp-priority", 0, 65535, "32768", LIVE,
		"The upper half of the STP bridge id; the lowest id becomes root."),
	CONFIG_INT("stp-hello-time", 1, 10, "2", LIVE, "Seconds between STP hellos."),
	CONFIG_INT("stp-max-age", 6, 40, "20", LIVE, "Seconds that STP information is believed."),
	CONFIG_INT("stp-forward-delay", 4, 30, "15", LIVE,
		"Seconds a port listens and learns before it forwards."),
	CONFIG_MAC("rstp-address", LIVE, "The lower half of the RSTP bridge id."),
	CONFIG_INT("rstp-priority", 0, 61440, "32768", LIVE,
		"The upper half of the RSTP bridge id, a multiple of 4096; the lowest id becomes root."),
	CONFIG_INT("rstp-ageing-time", 10, 1000000, NULL, LIVE,
		"Seconds that learnt addresses live while RSTP is on; mac-aging-time unless set."),
	CONFIG_INT("rstp-force-protocol-version", 0, 2, "2", LIVE,
		"2 is RSTP, 0 speaks as plain STP would."),
	CONFIG_INT("rstp-max-age", 6, 40, "20", LIVE, "Seconds that RSTP information is believed."),
	CONFIG_INT("rstp-forward-delay", 4, 30, "15", LIVE,
		"Seconds before a port of an STP neighbour forwards."),
	CONFIG_INT("rstp-transmit-hold-count", 1, 10, "6", LIVE,
		"RSTP frames that a port may send at once."),
};

static const struct option external_ids[] = {
	CONFIG_TEXT("bridge-id", LIVE, "A unique name of the bridge; its own name if nobody cares."),
};

static const struct option status[] = {
	CONFIG_TEXT("config_error", LIVE, "What of the bridge's settings is wrong, and what to do."),
	CONFIG_TEXT("alarm", LIVE, "What is amiss now, such as a loop behind two ports."),
	CONFIG_TEXT("stp_bridge_id", LIVE, "This bridge's STP id, PRIORITY.ADDRESS."),
	CONFIG_TEXT("stp_designated_root", LIVE, "The root's STP id."),
	CONFIG_TEXT("stp_root_path_cost", LIVE, "The cost of the way to the root, 0 at the root."),
};

static const struct option rstp_status[] = {
	CONFIG_TEXT("rstp_bridge_id", LIVE, "This bridge's RSTP id."),
	CONFIG_TEXT("rstp_root_id", LIVE, "The root's RSTP id."),
	CONFIG_TEXT("rstp_root_path_cost", LIVE, "The cost of the way to the root, 0 at the root."),
	CONFIG_TEXT("rstp_designated_id", LIVE, "The designated bridge's RSTP id."),
	CONFIG_TEXT("rstp_designated_port_id", LIVE, "The designated bridge's port."),
	CONFIG_TEXT("rstp_bridge_port_id", LIVE, "The root port of this bridge."),
};

static const struct config_column columns[] = {
	CONFIG_COLUMN("name", USED,
		"The bridge's name, also of its own port and interface: at most 15 bytes, without '/'."),
	CONFIG_COLUMN("ports", USED, "The ports of this bridge."),
	CONFIG_COLUMN("datapath_type", USED, "'netdev' or nothing, which is the same here."),
	CONFIG_COLUMN("datapath_id", STATUS,
		"The OpenFlow id in use; set other_config:datapath-id to choose it."),
	CONFIG_COLUMN("datapath_version", STATUS, "The same as Datapath.datapath_version."),
	CONFIG_COLUMN("controller", USED, "The OpenFlow controllers that program this bridge."),
	CONFIG_COLUMN("fail_mode", USED,
		"What the bridge does without its controllers: 'standalone' (and unset) forwards by learnt "
		"MACs, 'secure' keeps to the rules it has."),
	CONFIG_COLUMN("protocols", USED, "OpenFlow versions that may be spoken; empty is all of them."),
	CONFIG_COLUMN("flow_tables", USED, "Settings of OpenFlow tables, by number."),
	CONFIG_COLUMN("flood_vlans", USED, "VLANs on which no MACs are learnt and all is flooded."),
	CONFIG_COLUMN("mirrors", USED, "Copies of traffic to elsewhere."),
	CONFIG_COLUMN("netflow", LATER, "Where NetFlow records go."),
	CONFIG_COLUMN("sflow", LATER, "Where sFlow samples go."),
	CONFIG_COLUMN("ipfix", LATER, "Where IPFIX records go."),
	CONFIG_COLUMN("auto_attach", LATER, "Attachment of VLANs to a provider's services by LLDP."),
	CONFIG_COLUMN("mcast_snooping_enable", USED,
		"Listen to IGMP and MLD and send groups only where they are wanted."),
	CONFIG_COLUMN("stp_enable", USED, "Take part in the spanning tree protocol."),
	CONFIG_COLUMN("rstp_enable", USED,
		"Take part in the rapid spanning tree protocol; wins over stp_enable."),
	CONFIG_MAP("rstp_status", STATUS, rstp_status, "What RSTP has found out."),
	CONFIG_MAP("status", STATUS, status, "What STP has found out, and what is amiss."),
	CONFIG_MAP("other_config", USED, other_config, "More settings of the bridge."),
	CONFIG_MAP("external_ids", STORED, external_ids, "What other programs note about the bridge."),
};
/* clang-format on */

CONFIG_TABLE(
	bridge,
	"Bridge",
	columns,
	"An Ethernet switch with its ports, OpenFlow tables and MAC table."
);
