/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/config/config.h"

/* The table Port.  */

/* clang-format off */
static const struct option other_config[] = {
	/* What neutron-openvswitch-agent notes of a port's network, for itself. */
	CONFIG_TEXT("net_uuid", KEPT, "Neutron's network, noted by its agent."),
	CONFIG_TEXT("network_type", KEPT, "The network's type, noted by Neutron's agent."),
	CONFIG_TEXT("physical_network", KEPT, "The network below, noted by Neutron's agent."),
	CONFIG_TEXT("segmentation_id", KEPT, "The network's number, noted by Neutron's agent."),
	CONFIG_TEXT("tag", KEPT, "The VLAN on this host, noted by Neutron's agent."),

	/* VLANs. */
	CONFIG_ENUM("priority-tags", "true|false|no|if-nonzero|always|never", "no", LIVE,
		"When a frame that has a priority but no VLAN leaves with a tag of VLAN 0: 'never' ('no', "
		"'false'), 'if-nonzero' ('true') when its priority is not 0, or 'always'. But for 'never' "
		"the tag that a dot1q-tunnel port put around others has their priority, too."),
	CONFIG_ENUM("qinq-ethtype", "802.1ad|802.1q", "802.1ad", LIVE,
		"The outer tag's type on a dot1q-tunnel port."),

	CONFIG_ENUM("private-vlan-trunk", "plain|promiscuous|isolated", "plain", LIVE,
		"How a trunk carries private VLANs of the bridge: each by its own tag, for a switch that "
		"knows them; 'promiscuous', all of them by the primary's, for a router; or 'isolated', "
		"the primary by the isolated one's, for a switch whose hosts shall be isolated."),

	/* What the host behind the port may do; all of it unless said otherwise. */
	CONFIG_TEXT("allowed-addresses", LIVE,
		"The addresses that the host has: a MAC, then the IPv4 and IPv6 addresses (or networks, "
		"as ADDRESS/LENGTH) that it may use with it, if not all; then perhaps another MAC. Other "
		"sources are dropped, in ARP and neighbour discovery too."),
	CONFIG_ENUM("forged-transmits", "accept|reject", "accept", LIVE,
		"Whether frames may come in with a source MAC that is not the host's: one of "
		"allowed-addresses, else the interface's external_ids:attached-mac or mac."),
	CONFIG_ENUM("mac-changes", "accept|reject", "accept", LIVE,
		"Whether the host is believed that it has another MAC, so that it gets frames for it."),
	CONFIG_ENUM("promiscuous", "accept|reject", NULL, LIVE,
		"Whether the host gets to see flooded frames that are for other MACs; unless set, not "
		"with mac-changes=reject."),
	CONFIG_BOOL("dhcp-guard", "false", LIVE, "Drop what only DHCP servers send."),
	CONFIG_BOOL("ra-guard", "false", LIVE,
		"Drop what only IPv6 routers send: router advertisements and redirects."),
	CONFIG_INT("storm-broadcast", 0, 100000000, "0", LIVE,
		"Broadcasts a second that may come in to be flooded; 0 is any number."),
	CONFIG_INT("storm-multicast", 0, 100000000, "0", LIVE,
		"Multicasts a second that may come in to be flooded; 0 is any number."),
	CONFIG_INT("storm-unknown-unicast", 0, 100000000, "0", LIVE,
		"Frames a second for addresses nobody knows that may come in to be flooded; 0 is any "
		"number."),

	/* Bonds. */
	CONFIG_ENUM("bond-detect-mode", "carrier|miimon", "carrier", IGNORED,
		"How the link of a member is watched: by its carrier, or by asking its PHY."),
	CONFIG_INT("bond-miimon-interval", 100, 3600000, "200", IGNORED,
		"Milliseconds between two looks at a member's link."),
	CONFIG_TEXT("bond-primary", IGNORED, "The member that active-backup prefers when it is up."),
	CONFIG_INT("bond-rebalance-interval", 0, 3600000, "10000", IGNORED,
		"Milliseconds between moves of load from one member to another; 0 is never."),
	CONFIG_INT("bond-hash-basis", 0, 4294967295, "0", IGNORED,
		"Mixed into the hash that spreads flows over members."),
	CONFIG_BOOL("lb-output-action", "true", IGNORED,
		"Spread flows of a balance-tcp bond in the datapath; always so here."),
	CONFIG_BOOL("all-members-active", "false", IGNORED,
		"Accept broadcasts on every member, for links that have only one at a time."),
	CONFIG_ENUM("lacp-time", "fast|slow", "slow", IGNORED,
		"How often the partner is asked for LACP frames: every second or every 30."),
	CONFIG_MAC("lacp-system-id", IGNORED, "The system id in LACP frames."),
	CONFIG_INT("lacp-system-priority", 1, 65535, NULL, IGNORED,
		"The system priority in LACP frames; the lower side decides."),
	CONFIG_BOOL("lacp-fallback-ab", "false", IGNORED,
		"Work as active-backup while the partner does not speak LACP."),

	/* Multicast. */
	CONFIG_BOOL("mcast-snooping-flood", "false", LIVE,
		"Send every multicast frame here, asked for or not."),
	CONFIG_BOOL("mcast-snooping-flood-reports", "false", LIVE,
		"Send every membership report here."),

	/* Spanning tree. */
	CONFIG_BOOL("stp-enable", "true", LIVE, "Whether the port takes part in STP."),
	CONFIG_INT("stp-port-num", 1, 255, NULL, LIVE, "The port's STP number."),
	CONFIG_INT("stp-port-priority", 0, 255, "128", LIVE, "The port's STP priority."),
	CONFIG_INT("stp-path-cost", 0, 65535, NULL, LIVE,
		"What the way through the port costs; unset or 0 it follows from the speed of the link: 4 "
		"for 1 Gbit/s, 2 for 10 and more. Links that do not tell count as 1 Gbit/s."),
	CONFIG_BOOL("rstp-enable", "true", LIVE, "Whether the port takes part in RSTP."),
	CONFIG_INT("rstp-port-priority", 0, 240, "128", LIVE,
		"The port's RSTP priority, a multiple of 16."),
	CONFIG_INT("rstp-port-num", 1, 4095, NULL, LIVE, "The port's RSTP number."),
	CONFIG_INT("rstp-path-cost", 0, 200000000, NULL, LIVE,
		"What the way through the port costs; unset or 0 it follows from the speed of the link: "
		"20000 for 1 Gbit/s, 2000 for 10. Links that do not tell count as 1 Gbit/s."),
	CONFIG_BOOL("rstp-port-admin-edge", NULL, LIVE,
		"No bridge is behind this port; unless set, true for internal ports and false for others."),
	CONFIG_BOOL("rstp-port-auto-edge", "true", LIVE,
		"Find out whether a bridge is behind this port."),
	CONFIG_BOOL("rstp-port-mcheck", "false", LIVE, "Try RSTP again with an STP neighbour."),
	CONFIG_ENUM("rstp-admin-p2p-mac", "auto|true|false", "auto", LIVE,
		"Whether the link has just two ends."),
	CONFIG_BOOL("rstp-admin-port-state", "true", LIVE,
		"Whether RSTP lets the port work at all; false: it carries nothing."),
	CONFIG_BOOL("rstp-oper-p2p-mac", "false", IGNORED, "Whether the link has two ends in fact."),
	CONFIG_BOOL("bpdu-guard", "false", LIVE,
		"Block the port when a bridge shows up behind it, in a spanning tree or not; for ports "
		"of guests."),
	CONFIG_INT("bpdu-guard-timeout", 0, 86400, "300", LIVE,
		"Seconds that bpdu-guard blocks; 0: until 'appctl bpdu-guard/reset' lets the port in."),

	CONFIG_BOOL("transient", "false", KEPT,
		"Removed by start-up scripts that clear what the last boot left."),
};

static const struct option external_ids[] = {
	CONFIG_TEXT("fake-bridge-*", LIVE, "external_ids of the fake bridge that this port stands for."),
};

static const struct option status[] = {
	CONFIG_TEXT("bpdu_guard", LIVE, "Why bpdu-guard blocks the port."),
	CONFIG_TEXT("stp_port_id", LIVE, "The port's STP id, four hex digits."),
	CONFIG_TEXT("stp_state", LIVE, "disabled, listening, learning, forwarding or blocking."),
	CONFIG_TEXT("stp_sec_in_state", LIVE, "Seconds since the state was entered."),
	CONFIG_TEXT("stp_role", LIVE, "root, designated, alternate or disabled."),
};

static const struct option rstp_status[] = {
	CONFIG_TEXT("rstp_port_id", LIVE, "The port's RSTP id, four hex digits."),
	CONFIG_TEXT("rstp_port_role", LIVE, "Root, Designated, Alternate, Backup or Disabled."),
	CONFIG_TEXT("rstp_port_state", LIVE, "Disabled, Discarding, Learning or Forwarding."),
	CONFIG_TEXT("rstp_designated_bridge_id", LIVE, "The designated bridge on this link."),
	CONFIG_TEXT("rstp_designated_port_id", LIVE, "Its port."),
	CONFIG_TEXT("rstp_designated_path_cost", LIVE, "Its cost to the root."),
};

static const struct option statistics[] = {
	CONFIG_TEXT("stp_tx_count", LIVE, "STP frames sent."),
	CONFIG_TEXT("stp_rx_count", LIVE, "STP frames received."),
	CONFIG_TEXT("stp_error_count", LIVE, "STP frames received that made no sense."),
};

static const struct option rstp_statistics[] = {
	CONFIG_TEXT("rstp_tx_count", LIVE, "RSTP frames sent."),
	CONFIG_TEXT("rstp_rx_count", LIVE, "RSTP frames received."),
	CONFIG_TEXT("rstp_error_count", LIVE, "RSTP frames received that made no sense."),
	CONFIG_TEXT("rstp_uptime", LIVE, "Seconds these counters cover."),
};

static const struct config_column columns[] = {
	CONFIG_COLUMN("name", USED, "The port's name; with one interface, the interface's name too."),
	CONFIG_COLUMN("interfaces", USED, "One interface, or the members of a bond."),
	CONFIG_COLUMN("vlan_mode", USED,
		"How tags are treated: 'access' and 'trunk' as everywhere; 'native-tagged' and "
		"'native-untagged' are trunks with a home VLAN; 'dot1q-tunnel' adds an outer tag. Unset: "
		"access if there is a tag, else trunk."),
	CONFIG_COLUMN("tag", USED,
		"The VLAN of an access port, the home VLAN of a native one, the outer VLAN of a tunnel."),
	CONFIG_COLUMN("trunks", USED, "VLANs that a trunk carries; empty is all."),
	CONFIG_COLUMN("cvlans", USED, "Customers' VLANs that a dot1q-tunnel accepts; empty is all."),
	CONFIG_COLUMN("qos", USED, "Limits of what leaves here; see QoS.type for those there are."),
	CONFIG_COLUMN("mac", USED,
		"The address this port offers when the bridge's is chosen, instead of its device's."),
	CONFIG_COLUMN("fake_bridge", USED,
		"This port stands for a bridge that is one VLAN of the real one."),
	CONFIG_COLUMN("protected", USED, "Protected ports do not talk to one another."),
	CONFIG_COLUMN("bond_mode", LATER,
		"'active-backup' uses one member, 'balance-slb' spreads by source MAC and VLAN, "
		"'balance-tcp' by flow with a partner that speaks LACP."),
	CONFIG_COLUMN("bond_updelay", LATER, "Milliseconds a member's link must be up to be used."),
	CONFIG_COLUMN("bond_downdelay", LATER, "Milliseconds it must be down to be given up."),
	CONFIG_COLUMN("bond_active_slave", STATUS, "The MAC of the member in use."),
	CONFIG_COLUMN("bond_fake_iface", LATER, "Of an old management interface; has no effect."),
	CONFIG_COLUMN_LATER("lacp", "off",
		"'active' starts talking LACP, 'passive' answers, 'off' and unset do neither."),
	CONFIG_MAP("statistics", STATUS, statistics, "Counters of STP."),
	CONFIG_MAP("status", STATUS, status, "What STP and bpdu-guard say of this port."),
	CONFIG_MAP("rstp_status", STATUS, rstp_status, "What RSTP says of this port."),
	CONFIG_MAP("rstp_statistics", STATUS, rstp_statistics, "Counters of RSTP."),
	CONFIG_MAP("other_config", USED, other_config, "More settings of the port."),
	CONFIG_MAP("external_ids", STORED, external_ids, "What other programs note about the port."),
};
/* clang-format on */

CONFIG_TABLE(
	port,
	"Port",
	columns,
	"A port of a bridge with its VLANs: one interface, or several that form a bond."
);
