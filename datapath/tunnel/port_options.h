/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Options of several kinds of tunnels, for the tables of their port types.  */

#include "lib/option.h"

/* Those that all have. */
#define TUNNEL_OPTIONS                                                                             \
	{.name = "remote_ip",                                                                      \
	 .required = true,                                                                         \
	 .apply = OPTION_REOPEN,                                                                   \
	 .help = "The far end's IPv4 or IPv6 address, or 'flow': rules set tun_dst, and packets "  \
		 "from anywhere come in."},                                                        \
		{.name = "local_ip",                                                               \
		 .apply = OPTION_REOPEN,                                                           \
		 .help = "The address to send from and to accept packets for, or 'flow': rules "   \
			 "set tun_src. Without it, any address of the switch."},                   \
		{.name = "key", .apply = OPTION_REOPEN, .help = "Sets in_key and out_key alike."}, \
		{.name = "in_key",                                                                 \
		 .apply = OPTION_REOPEN,                                                           \
		 .default_text = "0",                                                              \
		 .help = "The key (VNI) that received packets must have, or 'flow': any, and "     \
			 "rules match on tun_id."},                                                \
		{.name = "out_key",                                                                \
		 .apply = OPTION_REOPEN,                                                           \
		 .default_text = "0",                                                              \
		 .help = "The key (VNI) that sent packets get, or 'flow': rules set tun_id."},     \
		{.name = "tos",                                                                    \
		 .apply = OPTION_REOPEN,                                                           \
		 .default_text = "0",                                                              \
		 .help = "The outer TOS byte, of which the two ECN bits do not count, or "         \
			 "'inherit': the inner packet's DSCP. ECN is always carried over "         \
			 "(RFC 6040)."},                                                           \
		{.name = "ttl",                                                                    \
		 .apply = OPTION_REOPEN,                                                           \
		 .default_text = "64",                                                             \
		 .help = "The outer TTL, or 'inherit': the inner packet's."},                      \
		{.name = "df_default",                                                             \
		 .kind = OPTION_BOOL,                                                              \
		 .apply = OPTION_REOPEN,                                                           \
		 .default_text = "true",                                                           \
		 .help = "Whether outer IPv4 packets must not be fragmented. The switch never "    \
			 "fragments: give guests an MTU that leaves room for the headers."},       \
		{.name = "egress_pkt_mark",                                                        \
		 .kind = OPTION_INT,                                                               \
		 .apply = OPTION_REOPEN,                                                           \
		 .max = UINT32_MAX,                                                                \
		 .help = "The packet mark of sent packets: routing rules of the host may ask "     \
			 "for it."},                                                               \
	{                                                                                          \
		.name = "packet_type", .apply = OPTION_REOPEN, .default_text = "legacy_l2",        \
		.help = "What travels in the tunnel: Ethernet frames, or (legacy_l3: in GRE, and " \
			"in VXLAN with exts=gpe) packets without their Ethernet header. Those "    \
			"are given one when they come in, with addresses of zeros; NORMAL does "   \
			"not flood to such a port."                                                \
	}

#define TUNNEL_OPTION_CSUM                                                                         \
	{                                                                                          \
		.name = "csum", .kind = OPTION_BOOL, .apply = OPTION_REOPEN,                       \
		.default_text = "false",                                                           \
		.help = "Whether sent packets have a checksum over the whole outer packet. Over "  \
			"IPv6 UDP always has one."                                                 \
	}

#define TUNNEL_OPTION_DST_PORT(number)                                                             \
	{                                                                                          \
		.name = "dst_port", .kind = OPTION_INT, .apply = OPTION_REOPEN, .min = 1,          \
		.max = 65535, .default_text = number,                                              \
		.help = "The UDP port that packets are sent to and expected at."                   \
	}
