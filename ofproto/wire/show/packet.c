/* SPDX-License-Identifier: Apache-2.0 */

/* A packet's headers as the words of a flow. The daemon's parser is DPDK's business and fast; this
 * one is for people to read, and for ofctl, which has no datapath.  */

#include <string.h>

#include "lib/flow/field.h"
#include "lib/flow/key.h"
#include "ofproto/wire/show/show_priv.h"

enum {
	TYPE_IPV4 = 0x0800,
	TYPE_ARP = 0x0806,
	TYPE_RARP = 0x8035,
	TYPE_VLAN = 0x8100,
	TYPE_QINQ = 0x88a8,
	TYPE_IPV6 = 0x86dd,
	TYPE_MPLS = 0x8847,
	TYPE_MPLS_MULTICAST = 0x8848,
	TYPE_802_2 = 0x05ff,
	TYPE_MIN = 0x0600,
	PROTO_ICMP = 1,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_ICMPV6 = 58,
	PROTO_SCTP = 132,
	FRAG_ANY = 1,
	FRAG_LATER = 2,
};

/* What has been read so far. */
struct reader {
	struct wire_in in;
	struct match match;
	bool tagged;
	unsigned inner_tci;
	const char *sum_name; /* of the checksum, once it is known */
	uint32_t sum;
};

static void set(struct reader *r, enum field_id id, uint64_t number)
{
	match_set_number(&r->match, &fields[id], number);
}

/* A field that stands in the packet as it does in OXM. */
static void take(struct reader *r, enum field_id id)
{
	struct wire_bytes bytes = wire_take(&r->in, fields[id].size, OF_BRC_BAD_LEN);

	if (!r->in.error)
		match_set(&r->match, &fields[id], bytes.data, NULL);
}

static void read_l4(struct reader *r, unsigned proto)
{
	if (proto == PROTO_TCP && wire_left(&r->in) >= 20) {
		take(r, FIELD_TCP_SRC);
		take(r, FIELD_TCP_DST);
		wire_skip(&r->in, 8);
		set(r, FIELD_TCP_FLAGS, wire_u16(&r->in) & 0xfff);
		wire_skip(&r->in, 2);
		r->sum = wire_u16(&r->in);
		r->sum_name = "tcp_csum";
	} else if (proto == PROTO_UDP && wire_left(&r->in) >= 8) {
		take(r, FIELD_UDP_SRC);
		take(r, FIELD_UDP_DST);
		wire_skip(&r->in, 2);
		r->sum = wire_u16(&r->in);
		r->sum_name = "udp_csum";
	} else if (proto == PROTO_SCTP && wire_left(&r->in) >= 12) {
		take(r, FIELD_SCTP_SRC);
		take(r, FIELD_SCTP_DST);
		wire_skip(&r->in, 4);
		r->sum = wire_u32(&r->in);
		r->sum_name = "sctp_csum";
	} else if ((proto == PROTO_ICMP || proto == PROTO_ICMPV6) && wire_left(&r->in) >= 4) {
		bool old = proto == PROTO_ICMP;

		take(r, old ? FIELD_ICMP_TYPE : FIELD_ICMPV6_TYPE);
		take(r, old ? FIELD_ICMP_CODE : FIELD_ICMPV6_CODE);
		r->sum = wire_u16(&r->in);
		r->sum_name = old ? "icmp_csum" : "icmp6_csum";
	}
}

static void read_ipv4(struct reader *r)
{
	unsigned head = wire_u8(&r->in), tos = wire_u8(&r->in), size = (head & 15) * 4, frag, ttl;
	unsigned proto;

	if (head >> 4 != 4 || size < 20)
		return;
	wire_skip(&r->in, 4);
	frag = wire_u16(&r->in);
	ttl = wire_u8(&r->in);
	proto = wire_u8(&r->in);
	wire_skip(&r->in, 2);
	if (r->in.error)
		return;
	set(r, FIELD_IP_PROTO, proto);
	take(r, FIELD_IP_SRC);
	take(r, FIELD_IP_DST);
	set(r, FIELD_NW_TOS, tos & 0xfc);
	set(r, FIELD_NW_ECN, tos & 3);
	set(r, FIELD_NW_TTL, ttl);
	set(r, FIELD_IP_FRAG, frag & 0x1fff ? FRAG_ANY | FRAG_LATER : frag & 0x2000 ? FRAG_ANY : 0);
	wire_skip(&r->in, size - 20);
	if (!(frag & 0x1fff))
		read_l4(r, proto);
}

static void read_ipv6(struct reader *r)
{
	uint32_t head = wire_u32(&r->in), tos = head >> 20 & 0xff;
	unsigned proto, ttl;

	wire_skip(&r->in, 2);
	proto = wire_u8(&r->in);
	ttl = wire_u8(&r->in);
	if (head >> 28 != 6 || wire_left(&r->in) < 32)
		return;
	set(r, FIELD_IP_PROTO, proto);
	take(r, FIELD_IPV6_SRC);
	take(r, FIELD_IPV6_DST);
	set(r, FIELD_IPV6_LABEL, head & 0xfffff);
	set(r, FIELD_NW_TOS, tos & 0xfc);
	set(r, FIELD_NW_ECN, tos & 3);
	set(r, FIELD_NW_TTL, ttl);
	set(r, FIELD_IP_FRAG, 0);
	read_l4(r, proto);
}

static void read_arp(struct reader *r)
{
	unsigned hardware = wire_u16(&r->in), protocol = wire_u16(&r->in);
	unsigned sizes = wire_u16(&r->in);

	if (hardware != 1 || protocol != TYPE_IPV4 || sizes != 0x604)
		return;
	take(r, FIELD_ARP_OP);
	take(r, FIELD_ARP_SHA);
	take(r, FIELD_ARP_SPA);
	take(r, FIELD_ARP_THA);
	take(r, FIELD_ARP_TPA);
}

static void read_mpls(struct reader *r)
{
	uint32_t entry = wire_u32(&r->in);

	if (r->in.error)
		return;
	set(r, FIELD_MPLS_LABEL, entry >> 12);
	set(r, FIELD_MPLS_TC, entry >> 9 & 7);
	set(r, FIELD_MPLS_BOS, entry >> 8 & 1);
	set(r, FIELD_MPLS_TTL, entry & 0xff);
}

static void read_packet(struct reader *r)
{
	unsigned type, tci = 0;

	take(r, FIELD_ETH_DST);
	take(r, FIELD_ETH_SRC);
	type = wire_u16(&r->in);
	if (type == TYPE_VLAN || type == TYPE_QINQ) {
		r->tagged = true;
		tci = wire_u16(&r->in) | 0x1000;
		type = wire_u16(&r->in);
		if (type == TYPE_VLAN || type == TYPE_QINQ) {
			r->inner_tci = wire_u16(&r->in) | 0x1000;
			type = wire_u16(&r->in);
		}
	}
	if (type < TYPE_MIN)
		type = TYPE_802_2;
	set(r, FIELD_VLAN_TCI, tci);
	set(r, FIELD_ETH_TYPE, type);
	if (type == TYPE_IPV4)
		read_ipv4(r);
	else if (type == TYPE_IPV6)
		read_ipv6(r);
	else if (type == TYPE_ARP || type == TYPE_RARP)
		read_arp(r);
	else if (type == TYPE_MPLS || type == TYPE_MPLS_MULTICAST)
		read_mpls(r);
}

void show_packet(const uint8_t *data, size_t n, struct strbuf *out)
{
	struct reader r = {.in = wire_in(data, n, OF10)};

	struct strbuf text = STRBUF_INIT;
	const char *rest;

	match_init(&r.match, NULL);
	read_packet(&r);
	match_format(&r.match, NULL, &text);
	/* Behind a tag ovs-ofctl says that there is no second one. */
	rest = strstr(strbuf_text(&text), "dl_src=");
	if (rest && r.tagged) {
		strbuf_add_n(out, text.text, (size_t)(rest - text.text));
		strbuf_addf(out, "vlan_tci1=0x%04x,", r.inner_tci);
	} else {
		rest = strbuf_text(&text);
	}
	strbuf_add(out, rest);
	strbuf_fini(&text);
	if (r.sum_name)
		strbuf_addf(out, " %s:%x", r.sum_name, r.sum);
	strbuf_add_char(out, '\n');
}
