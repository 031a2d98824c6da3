/* SPDX-License-Identifier: Apache-2.0 */

/* The headers of tunnels, as they are made once and copied in front of packets (ops/encap.h).  */

#include "datapath/tunnel/header.h"

#include <string.h>

#include "datapath/fast/headers.h"
#include "datapath/ops/encap.h"
#include "datapath/ops/packet.h"
#include "datapath/tunnel/tunnel.h"

enum {
	DF = 0x4000,
};

static inline void put16(uint8_t *to, uint16_t host)
{
	be16 value = be16_from(host);

	memcpy(to, &value, sizeof(value));
}

static unsigned build_ipv4(uint8_t *ip, const struct encap_wish *wish, uint8_t proto)
{
	be32 src = ipaddr_v4(&wish->src), dst = ipaddr_v4(&wish->dst);

	memset(ip, 0, IPV4_SIZE);
	ip[0] = 0x45;
	ip[1] = wish->tos;
	if (wish->tunnel->df)
		put16(ip + 6, DF);
	ip[8] = wish->ttl;
	ip[9] = proto;
	memcpy(ip + 12, &src, sizeof(src));
	memcpy(ip + 16, &dst, sizeof(dst));
	return IPV4_SIZE;
}

static unsigned build_ipv6(uint8_t *ip, const struct encap_wish *wish, uint8_t proto)
{
	be32 first = be32_from(6u << 28 | (uint32_t)wish->tos << 20);

	memset(ip, 0, IPV6_SIZE);
	memcpy(ip, &first, sizeof(first));
	ip[6] = proto;
	ip[7] = wish->ttl;
	memcpy(ip + 8, &wish->src, sizeof(wish->src));
	memcpy(ip + 24, &wish->dst, sizeof(wish->dst));
	return IPV6_SIZE;
}

static_assert(
	sizeof(struct op_encap_head) == 32, "encap: no holes, and two lines with a short header"
);

/* Writes the whole header; returns its size. */
static unsigned
build(uint8_t *header,
      struct op_encap_head *head,
      const struct encap_wish *wish,
      const struct tunnel_wish *inner)
{
	const struct encapsulation *type = wish->tunnel->encapsulation;
	unsigned at = ETH_SIZE;

	memcpy(header, &wish->eth_dst, sizeof(wish->eth_dst));
	memcpy(header + 6, &wish->eth_src, sizeof(wish->eth_src));
	put16(header + 12, head->ipv6 ? TYPE_IPV6 : TYPE_IPV4);
	if (head->ipv6)
		at += build_ipv6(header + at, wish, type->proto);
	else
		at += build_ipv4(header + at, wish, type->proto);
	head->l4 = (uint8_t)at;
	if (head->udp) {
		memset(header + at, 0, UDP_SIZE);
		memcpy(header + at + 2, &wish->tunnel->dst_port, sizeof(be16));
		at += UDP_SIZE;
	}
	return at + type->build(header + at, inner);
}

void encap_add(
	struct program_builder *builder,
	const struct encap_wish *wish,
	const struct tunnel_wish *inner
)
{
	const struct encapsulation *type = wish->tunnel->encapsulation;
	struct op_encap_head head = {
		.port_id = wish->port_id,
		.ipv6 = !ipaddr_is_v4(&wish->dst),
		.udp = type->port,
		.seq = wish->tunnel->seq,
		.bare = wish->tunnel->bare,
		.name = type->name,
		.mbuf_flag = type->mbuf_flag,
	};
	alignas(8) uint8_t header[ENCAP_LONG];

	/* IPv6 has no checksum of its own, so that UDP's is wanted (RFC 8200). */
	head.csum = wish->tunnel->csum || (head.udp && head.ipv6);
	head.number = !head.ipv6 && !wish->tunnel->df;
	head.size = (uint16_t)build(header, &head, wish, inner);
	if (!head.ipv6)
		head.ip_sum = (uint32_t)packet_sum(header + ETH_SIZE, IPV4_SIZE);
	if (head.size <= ENCAP_SHORT) {
		struct op_encap *encap = program_add(builder, &op_encap);

		head.room = ENCAP_SHORT / ENCAP_UNIT;
		encap->head = head;
		memcpy(encap->header + ENCAP_SHORT - head.size, header, head.size);
	} else {
		struct op_encap_long *encap = program_add(builder, &op_encap_long);

		head.room = ENCAP_LONG / ENCAP_UNIT;
		encap->head = head;
		memcpy(encap->header + ENCAP_LONG - head.size, header, head.size);
	}
}
