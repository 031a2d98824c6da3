/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The flow key: everything a packet can be matched on, as 64-byte blocks of one cache line each.
 *
 * Block 0 (base) holds all that a plain Ethernet, VLAN, IPv4, TCP, UDP, ICMP or ARP packet has.
 * Further blocks exist only where a packet has what they hold: the bit in base.blocks says so, and
 * a mask that looks into an optional block always has that bit set, so an absent block is never
 * read. A mask is a key whose set bits are compared; the same layout serves OpenFlow rules, which
 * also use the pipeline's own blocks (registers, metadata) that no worker ever sees.
 *
 * Fields that come from packets are in network order. Unused bytes are zero: keys are compared and
 * hashed as words.  */

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"

enum key_block {
	KEY_BLOCK_BASE,
	KEY_BLOCK_IPV6,
	KEY_BLOCK_EXTRA,
	KEY_BLOCK_TUNNEL,
	KEY_BLOCK_TUNNEL_OPTIONS, /* four blocks of Geneve option data */
	KEY_BLOCK_CONNTRACK = 8,
	KEY_N_PACKET_BLOCKS, /* what workers know ends here */
	KEY_BLOCK_REGS = KEY_N_PACKET_BLOCKS, /* two blocks */
	KEY_BLOCK_PIPELINE = 11,
	KEY_N_BLOCKS,
};

#define KEY_HAS(block) (1u << (block))

enum {
	KEY_BLOCK_SIZE = 64,
	KEY_N_REGS = 32,
	KEY_DEEP_TAGS = 4,
	KEY_TUNNEL_OPTIONS_SIZE = 256
};

enum {
	KEY_VLAN_PRESENT = 0x1000, /* in vlan_tci (host order): there is a tag */
	KEY_FRAG_ANY = 1, /* in ip_frag: any fragment */
	KEY_FRAG_LATER = 2, /* … and not the first one */
	KEY_TUNNEL_OAM = 1, /* in tunnel.flags, host order */
};

/* In ct_state. */
enum {
	KEY_CT_NEW = 0x01,
	KEY_CT_EST = 0x02,
	KEY_CT_REL = 0x04,
	KEY_CT_RPL = 0x08,
	KEY_CT_INV = 0x10,
	KEY_CT_TRK = 0x20,
	KEY_CT_SNAT = 0x40,
	KEY_CT_DNAT = 0x80,
};

struct key_base {
	uint32_t in_port; /* workers: port id; OpenFlow: port number */
	uint32_t recirc; /* 0, or the recirculation point the packet comes from */
	struct mac eth_dst;
	struct mac eth_src;
	be16 eth_type; /* behind the VLAN tags; 0x05ff for 802.3 without SNAP */
	be16 vlan_tci; /* outer tag with KEY_VLAN_PRESENT, or 0 */
	be32 ip_src; /* also ARP's sender */
	be32 ip_dst; /* also ARP's target */
	uint8_t ip_proto; /* also ARP's operation */
	uint8_t ip_tos;
	uint8_t ip_ttl;
	uint8_t ip_frag; /* KEY_FRAG_* */
	be16 l4_src; /* also ICMP type */
	be16 l4_dst; /* also ICMP code */
	be16 tcp_flags;
	be16 vlan_tpid; /* of the outer tag, or 0 */
	uint16_t blocks; /* KEY_HAS() of the optional blocks that are there */
	uint16_t ct_state;
	be64 tun_id;
	be32 tun_src, tun_dst;
};

struct key_ipv6 {
	uint8_t src[16];
	uint8_t dst[16];
	uint8_t nd_target[16];
	struct mac nd_sll;
	struct mac nd_tll;
	be32 label;
};

struct key_extra {
	be16 vlan_tci2; /* inner tag, like vlan_tci */
	be16 vlan_tpid2;
	be32 mpls[3]; /* label stack entries, outermost first */
	struct mac arp_sha, arp_tha;
	be32 nd_reserved;
	uint8_t nd_options_type;
	uint8_t pbb_uca;
	be16 ipv6_exthdr;
	be32 pbb_isid;
	be32 pkt_mark;
	be32 dp_hash;
	be32 skb_priority;
	be32 packet_type;
	uint8_t zero[8];
};

struct key_tunnel {
	uint8_t ipv6_src[16];
	uint8_t ipv6_dst[16];
	be16 flags;
	uint8_t tos;
	uint8_t ttl;
	be16 gbp_id;
	uint8_t gbp_flags;
	uint8_t erspan_ver;
	be32 erspan_idx;
	uint8_t erspan_dir;
	uint8_t erspan_hwid;
	uint8_t gtpu_flags;
	uint8_t gtpu_msgtype;
	uint64_t options_present; /* one bit for each tun_metadata field */
	uint8_t zero[8];
};

struct key_conntrack {
	uint8_t label[16];
	be32 mark;
	be16 zone;
	be16 orig_l4_src;
	be16 orig_l4_dst;
	uint8_t orig_proto;
	uint8_t zero;
	union {
		struct {
			be32 orig_ip_src, orig_ip_dst;
		};
		struct {
			uint8_t orig_ipv6_src[16], orig_ipv6_dst[16];
		};
	};
	uint8_t zero2[4];
};

struct key_pipeline {
	be64 metadata;
	be32 conj_id;
	be32 actset_output;
	be32 in_phy_port;
	be32 tunnel_port;
	struct key_tag {
		be16 tci, tpid;
	} tags[KEY_DEEP_TAGS]; /* beneath the two of a packet, while translation pushes and pops */
	uint8_t zero[24];
};

struct key {
	union {
		alignas(KEY_BLOCK_SIZE) uint8_t block[KEY_N_BLOCKS][KEY_BLOCK_SIZE];
		struct {
			struct key_base base;
			struct key_ipv6 ipv6;
			struct key_extra extra;
			struct key_tunnel tunnel;
			uint8_t tunnel_options[KEY_TUNNEL_OPTIONS_SIZE];
			struct key_conntrack ct;
			be32 regs[KEY_N_REGS];
			struct key_pipeline pipeline;
		};
	};
};

static_assert(sizeof(struct key_base) == KEY_BLOCK_SIZE, "key: base is one line");
static_assert(sizeof(struct key_ipv6) == KEY_BLOCK_SIZE, "key: ipv6 is one line");
static_assert(sizeof(struct key_extra) == KEY_BLOCK_SIZE, "key: extra is one line");
static_assert(sizeof(struct key_tunnel) == KEY_BLOCK_SIZE, "key: tunnel is one line");
static_assert(sizeof(struct key_conntrack) == KEY_BLOCK_SIZE, "key: conntrack is one line");
static_assert(sizeof(struct key_pipeline) == KEY_BLOCK_SIZE, "key: pipeline is one line");
static_assert(sizeof(struct key) == KEY_N_BLOCKS * KEY_BLOCK_SIZE, "key: blocks are in order");

/* Any thread. */

/* The blocks in which 'mask' has a bit set, as KEY_HAS() bits; base is always among them. */
uint16_t key_mask_blocks(const struct key *mask);
/* Whether 'a' and 'b' agree in every bit of 'mask'. */
bool key_equal_masked(const struct key *a, const struct key *b, const struct key *mask);
/* out = key & mask, all blocks. */
void key_apply_mask(struct key *out, const struct key *key, const struct key *mask);
/* Whether it is one of 'blocks', KEY_HAS() bits as in a key. Base is in none. */
bool key_block_is_in(unsigned block, uint16_t blocks);
/* In which bits packets agree that hit 'key' under 'mask': those, and blocks that all lack. */
void key_get_agreed(struct key *agreed, const struct key *key, const struct key *mask);
/* Whether no bit of a packet is in mask 'a' that is not in mask 'b'. */
bool key_mask_is_within(const struct key *a, const struct key *b);
/* The same, but for base.blocks, which follows from the rest. */
bool key_mask_asks_within(const struct key *a, const struct key *b);
/* Over the bits of 'mask' only. */
uint32_t key_hash_masked(const struct key *key, const struct key *mask, uint32_t basis);
