/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/bfd/bfd_packet.h"

#include <string.h>

enum {
	ETH_SIZE = 14,
	TAG_SIZE = 4,
	IP_SIZE = 20,
	UDP_SIZE = 8,
	BFD_SIZE = 24,
	ETH_TYPE_IP = 0x0800,
	ETH_TYPE_VLAN = 0x8100,
	ETH_TYPE_QINQ = 0x88a8,
	PROTO_UDP = 17,
	TTL = 255, /* so that no router can have passed it on */
	TOS = 0xc0, /* network control */
	VERSION = 1,
};

/* In the second byte, below the state. */
enum flags {
	FLAG_POLL = 1 << 5,
	FLAG_FINAL = 1 << 4,
	FLAG_AUTHENTICATED = 1 << 2,
	FLAG_DEMAND = 1 << 1,
	FLAG_MULTIPOINT = 1,
};

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

/* What is behind the headers; NULL with 'wrong' set if they are not such. */
static const uint8_t *open_frame(const uint8_t *frame, size_t *n, const char **wrong)
{
	const uint8_t *at = frame + ETH_SIZE, *end = frame + *n;
	unsigned ip_size;

	*wrong = "too short";
	if (*n < ETH_SIZE)
		return NULL;
	while (end - at >= TAG_SIZE &&
	       (get16(at - 2) == ETH_TYPE_VLAN || get16(at - 2) == ETH_TYPE_QINQ))
		at += TAG_SIZE;
	if (end - at < IP_SIZE)
		return NULL;
	*wrong = "not IPv4 and UDP";
	ip_size = (at[0] & 0xfU) * 4;
	if (get16(at - 2) != ETH_TYPE_IP || at[0] >> 4 != 4 || ip_size < IP_SIZE ||
	    at[9] != PROTO_UDP)
		return NULL;
	*wrong = "its TTL is not 255: it came from farther away";
	if (at[8] != TTL)
		return NULL;
	*wrong = "too short";
	if (end - at < ip_size + UDP_SIZE)
		return NULL;
	at += ip_size + UDP_SIZE;
	*n = (size_t)(end - at);
	return at;
}

const char *bfd_decode(const uint8_t *frame, size_t n, struct bfd_packet *packet)
{
	const char *wrong;
	const uint8_t *at = open_frame(frame, &n, &wrong);

	if (!at)
		return wrong;
	if (n < BFD_SIZE || at[3] < BFD_SIZE || at[3] > n)
		return "its length is wrong";
	if (at[0] >> 5 != VERSION)
		return "its version is not 1";
	if (at[1] & FLAG_AUTHENTICATED)
		return "it is authenticated, which was not agreed";
	if (at[1] & FLAG_MULTIPOINT)
		return "it is for more than one";
	*packet = (struct bfd_packet){
		.diagnostic = at[0] & 0x1f,
		.state = at[1] >> 6,
		.poll = at[1] & FLAG_POLL,
		.final = at[1] & FLAG_FINAL,
		.demand = at[1] & FLAG_DEMAND,
		.mult = at[2],
		.my_id = get32(at + 4),
		.your_id = get32(at + 8),
		.min_tx_us = get32(at + 12),
		.min_rx_us = get32(at + 16),
	};
	if (!packet->mult)
		return "its multiplier is 0";
	if (!packet->my_id)
		return "its discriminator is 0";
	if (!packet->your_id && packet->state > BFD_DOWN)
		return "it speaks of a session but does not name it";
	return NULL;
}

static unsigned ip_sum(const uint8_t *header)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < IP_SIZE; i += 2)
		sum += get16(header + i);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

static void put_headers(const struct bfd_ends *ends, uint8_t *frame)
{
	uint8_t *ip = frame + ETH_SIZE, *udp = ip + IP_SIZE;

	memcpy(frame, ends->to.bytes, sizeof(ends->to.bytes));
	memcpy(frame + 6, ends->from.bytes, sizeof(ends->from.bytes));
	put16(frame + 12, ETH_TYPE_IP);
	ip[0] = 4 << 4 | IP_SIZE / 4;
	ip[1] = TOS;
	put16(ip + 2, IP_SIZE + UDP_SIZE + BFD_SIZE);
	ip[8] = TTL;
	ip[9] = PROTO_UDP;
	put32(ip + 12, ends->from_ip);
	put32(ip + 16, ends->to_ip);
	put16(ip + 10, ip_sum(ip));
	put16(udp, ends->from_port);
	put16(udp + 2, BFD_PORT);
	put16(udp + 4, UDP_SIZE + BFD_SIZE);
}

void bfd_encode(
	const struct bfd_packet *packet, const struct bfd_ends *ends, uint8_t frame[BFD_FRAME_SIZE]
)
{
	uint8_t *at = frame + (BFD_FRAME_SIZE - BFD_SIZE);
	unsigned flags = (packet->poll ? FLAG_POLL : 0) | (packet->final ? FLAG_FINAL : 0);

	memset(frame, 0, BFD_FRAME_SIZE);
	put_headers(ends, frame);
	at[0] = (uint8_t)(VERSION << 5 | packet->diagnostic);
	at[1] = (uint8_t)(packet->state << 6 | flags);
	at[2] = packet->mult;
	at[3] = BFD_SIZE;
	put32(at + 4, packet->my_id);
	put32(at + 8, packet->your_id);
	put32(at + 12, packet->min_tx_us);
	put32(at + 16, packet->min_rx_us);
}
