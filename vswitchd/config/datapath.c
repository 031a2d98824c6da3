/* SPDX-License-Identifier: Apache-2.0 */
#include "vswitchd/config/config.h"

/* The tables Datapath, CT_Zone and CT_Timeout_Policy.  */

/* clang-format off */
static const struct option capabilities[] = {
	CONFIG_TEXT("max_vlan_headers", LIVE, "VLAN tags a rule can see."),
	CONFIG_TEXT("recirc", LIVE, "A packet can be looked up again."),
	CONFIG_TEXT("max_hash_alg", LIVE, "The highest hash of a packet that programs can ask for."),
	CONFIG_TEXT("masked_set_action", LIVE, "Parts of fields can be set."),
	CONFIG_TEXT("sample_nesting", LIVE, "How deep samples may nest."),
	CONFIG_TEXT("clone", LIVE, "A packet's copy can be treated apart."),
	CONFIG_TEXT("trunc", LIVE, "Packets can be cut."),
	CONFIG_TEXT("tnl_push_pop", LIVE, "Tunnel headers are put on and taken off here."),
	CONFIG_TEXT("ufid", LIVE, "Flows have ids."),
	CONFIG_TEXT("ct_*", LIVE, "What connection tracking can do."),
	CONFIG_TEXT("check_pkt_len", LIVE, "Rules can branch by a packet's length."),
	CONFIG_TEXT("explicit_drop_action", LIVE, "Drops are counted by reason."),
	CONFIG_TEXT("lb_output_action", LIVE, "Bonds are balanced in the datapath."),
	CONFIG_TEXT("add_mpls", LIVE, "MPLS headers can be added below Ethernet."),
	CONFIG_TEXT("max_mpls_depth", LIVE, "MPLS labels a rule can see."),
	CONFIG_TEXT("psample", LIVE, "Samples can go to a local group."),
};

static const struct option timeouts[] = {
	CONFIG_INT("tcp_syn_sent", 0, 4294967295, "30", IGNORED, "TCP: the first SYN was seen."),
	CONFIG_INT("tcp_syn_recv", 0, 4294967295, "30", IGNORED, "TCP: it was answered."),
	CONFIG_INT("tcp_established", 0, 4294967295, "86400", IGNORED, "TCP: the connection is open."),
	CONFIG_INT("tcp_fin_wait", 0, 4294967295, "45", IGNORED, "TCP: one or both sides have closed."),
	CONFIG_INT("tcp_close_wait", 0, 4294967295, NULL, IGNORED, "TCP: one side still sends."),
	CONFIG_INT("tcp_last_ack", 0, 4294967295, NULL, IGNORED, "TCP: the last ACK is awaited."),
	CONFIG_INT("tcp_time_wait", 0, 4294967295, "45", IGNORED, "TCP: late packets may still come."),
	CONFIG_INT("tcp_close", 0, 4294967295, "30", IGNORED, "TCP: the connection was reset."),
	CONFIG_INT("tcp_syn_sent2", 0, 4294967295, NULL, IGNORED, "TCP: both sides opened at once."),
	CONFIG_INT("tcp_retransmit", 0, 4294967295, NULL, IGNORED, "TCP: nothing but repetitions."),
	CONFIG_INT("tcp_unack", 0, 4294967295, NULL, IGNORED, "TCP: data without acknowledgement."),
	CONFIG_INT("udp_first", 0, 4294967295, "60", IGNORED, "UDP: one packet was seen."),
	CONFIG_INT("udp_single", 0, 4294967295, "60", IGNORED, "UDP: only one side sends."),
	CONFIG_INT("udp_multiple", 0, 4294967295, "60", IGNORED, "UDP: both sides send."),
	CONFIG_INT("icmp_first", 0, 4294967295, "60", IGNORED, "ICMP: the question was seen."),
	CONFIG_INT("icmp_reply", 0, 4294967295, "30", IGNORED, "ICMP: the answer was seen."),
};

static const struct config_column datapath_columns[] = {
	CONFIG_COLUMN("datapath_version", STATUS, "The version of what moves the packets."),
	CONFIG_MAP("capabilities", STATUS, capabilities, "What it can do, for controllers to adapt to."),
	CONFIG_COLUMN("ct_zones", LATER, "Settings of connection tracking zones, by number."),
	CONFIG_COLUMN("ct_zone_default_limit", LATER,
		"The most connections of a zone that has no limit of its own; 0 is no limit."),
	CONFIG_COLUMN("external_ids", STORED, "What other programs note about the datapath."),
};

static const struct config_column zone_columns[] = {
	CONFIG_COLUMN("timeout_policy", LATER, "When idle connections of the zone are forgotten."),
	CONFIG_COLUMN("limit", LATER, "The most connections of the zone; 0 is no limit."),
	CONFIG_COLUMN("external_ids", STORED, "What other programs note about the zone."),
};

static const struct config_column policy_columns[] = {
	CONFIG_MAP("timeouts", LATER, timeouts, "Seconds after which a connection is forgotten, by state."),
	CONFIG_COLUMN("external_ids", STORED, "What other programs note about the policy."),
};
/* clang-format on */

CONFIG_TABLE(datapath, "Datapath", datapath_columns, "What moves the packets, and what it can do.");
CONFIG_TABLE(ct_zone, "CT_Zone", zone_columns, "A zone of connection tracking.");
CONFIG_TABLE(
	ct_timeout_policy,
	"CT_Timeout_Policy",
	policy_columns,
	"How long tracked connections are remembered."
);
