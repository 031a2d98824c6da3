/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/underlay/discovery.h"

#include <stdlib.h>
#include <string.h>

#include "lib/flow/compose.h"
#include "lib/flow/key.h"
#include "lib/flow/names.h"
#include "lib/xmalloc.h"
#include "ofproto/actions/room.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/keeper/keeper.h"
#include "ofproto/underlay/underlay_priv.h"
#include "ofproto/wire/action.h"

enum {
	TYPE_IPV4 = 0x0800,
	TYPE_ARP = 0x0806,
	TYPE_IPV6 = 0x86dd,
	ETH = 14,
	FRAME = ETH + 40 + 32, /* the longest: a solicitation */
	ARP_REQUEST = 1,
	PROTO_ICMPV6 = 58,
	ICMPV6 = ETH + 40, /* where it is */
	SOLICIT = 135,
	ADVERT = 136,
	OPTION_SOURCE = 1,
	OPTION_TARGET = 2,
	SOLICIT_SIZE = 32,
	HOPS = 255,
};

static void put16(uint8_t *to, uint16_t host)
{
	to[0] = (uint8_t)(host >> 8);
	to[1] = (uint8_t)host;
}

static unsigned
make_arp(uint8_t *frame, const struct ipaddr *ip, const struct ipaddr *src, struct mac mac)
{
	uint8_t *arp = frame + ETH;
	be32 sender = ipaddr_v4(src), target = ipaddr_v4(ip);

	memset(frame, 0xff, sizeof(mac));
	put16(frame + 12, TYPE_ARP);
	put16(arp, 1);
	put16(arp + 2, TYPE_IPV4);
	arp[4] = sizeof(mac);
	arp[5] = sizeof(sender);
	put16(arp + 6, ARP_REQUEST);
	memcpy(arp + 8, &mac, sizeof(mac));
	memcpy(arp + 14, &sender, sizeof(sender));
	memcpy(arp + 24, &target, sizeof(target));
	return ETH + 28;
}

/* To the group of all whose address ends in the same three bytes. */
static unsigned
make_solicit(uint8_t *frame, const struct ipaddr *ip, const struct ipaddr *src, struct mac mac)
{
	static const uint8_t group[13] = {0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff};
	uint8_t *ip6 = frame + ETH, *icmp = frame + ICMPV6;

	frame[0] = frame[1] = 0x33;
	frame[2] = 0xff;
	memcpy(frame + 3, ip->bytes + 13, 3);
	put16(frame + 12, TYPE_IPV6);
	ip6[0] = 0x60;
	put16(ip6 + 4, SOLICIT_SIZE);
	ip6[6] = PROTO_ICMPV6;
	ip6[7] = HOPS;
	memcpy(ip6 + 8, src, sizeof(*src));
	memcpy(ip6 + 24, group, sizeof(group));
	memcpy(ip6 + 24 + 13, ip->bytes + 13, 3);
	icmp[0] = SOLICIT;
	memcpy(icmp + 8, ip, sizeof(*ip));
	icmp[24] = OPTION_SOURCE;
	icmp[25] = 1;
	memcpy(icmp + 26, &mac, sizeof(mac));
	uint32_t sum = compose_sum(ip6 + 8, 32, 0);

	sum = compose_sum(icmp, SOLICIT_SIZE, sum) + SOLICIT_SIZE + PROTO_ICMPV6;
	put16(icmp + 2, (uint16_t)~compose_fold(sum));
	return FRAME;
}

/* Sends a frame as if the bridge's own device had. */
static void send(uint32_t bridge, const uint8_t *frame, unsigned n)
{
	struct action_list list;
	enum of_error error = OF_OK;

	action_list_init(&list);
	actions_parse(&list, "TABLE", NULL, NULL);
	struct rule_actions *actions = rule_actions_new(&list, &error);

	action_list_fini(&list);
	if (!actions)
		return;
	struct packet_out *packet = packet_out_new(frame, n);

	packet->bridge = bridge;
	packet->in_port = PORT_LOCAL;
	packet->actions = actions;
	keeper_send_packet(packet);
}

void discovery_ask(
	uint32_t bridge, const struct ipaddr *ip, const struct ipaddr *src, struct mac mac
)
{
	uint8_t frame[FRAME] = {0};
	unsigned n;

	memcpy(frame + 6, &mac, sizeof(mac));
	if (ipaddr_is_v4(ip))
		n = make_arp(frame, ip, src, mac);
	else
		n = make_solicit(frame, ip, src, mac);
	send(bridge, frame, n);
}

static void learn_arp(uint32_t bridge, const uint8_t *arp, uint32_t n)
{
	static const uint8_t kind[] = {0, 1, TYPE_IPV4 >> 8, 0, 6, 4};
	struct ipaddr ip;
	struct mac mac;
	be32 v4;

	if (n < 28 || memcmp(arp, kind, sizeof(kind)))
		return;
	memcpy(&mac, arp + 8, sizeof(mac));
	memcpy(&v4, arp + 14, sizeof(v4));
	ip = ipaddr_from_v4(v4);
	if (v4)
		neighbours_learn(bridge, &ip, mac, false);
}

/* The option of this type, with an Ethernet address in it. */
static const uint8_t *find_option(const uint8_t *option, uint32_t n, uint8_t type)
{
	while (n >= 8) {
		uint32_t size = option[1] * 8u;

		if (!size || size > n)
			return NULL;
		if (option[0] == type && size == 8)
			return option + 2;
		option += size;
		n -= size;
	}
	return NULL;
}

static void learn_nd(uint32_t bridge, const uint8_t *ip6, uint32_t n)
{
	const uint8_t *icmp = ip6 + 40, *option;
	struct ipaddr ip;
	struct mac mac;

	/* Hops that were not spent say that it comes from this network. */
	if (n < 40 + 24 || ip6[6] != PROTO_ICMPV6 || ip6[7] != HOPS || icmp[1])
		return;
	bool advert = icmp[0] == ADVERT;

	if (!advert && icmp[0] != SOLICIT)
		return;
	option = find_option(icmp + 24, n - 64, advert ? OPTION_TARGET : OPTION_SOURCE);
	if (!option)
		return;
	memcpy(&ip, advert ? icmp + 8 : ip6 + 8, sizeof(ip));
	memcpy(&mac, option, sizeof(mac));
	if (!ipaddr_is_none(&ip) && !ipaddr_is_multicast(&ip))
		neighbours_learn(bridge, &ip, mac, false);
}

static void receive(const uint8_t *note_, const uint8_t *packet, uint32_t n, uint32_t total)
{
	struct discovery_note note;
	uint32_t at = ETH;

	memcpy(&note, note_, sizeof(note));
	if (n < ETH || !bridge_at(note.bridge))
		return;
	unsigned type = (unsigned)packet[12] << 8 | packet[13];

	if (type == TYPE_ARP)
		learn_arp(note.bridge, packet + at, n - at);
	else if (type == TYPE_IPV6)
		learn_nd(note.bridge, packet + at, n - at);
}

const struct punt_target discovery_target = {
	.name = "discovery",
	.receive = receive,
};
