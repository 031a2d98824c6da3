/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/lldp/lldp_frame.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "lib/mac.h"

enum {
	ETH_SIZE = 14,
	TLV_SIZE = 2,
	LENGTH_BITS = 9,
	LENGTH_MAX = (1 << LENGTH_BITS) - 1,
};

enum tlv_type {
	TLV_END,
	TLV_CHASSIS,
	TLV_PORT,
	TLV_TTL,
	TLV_PORT_DESCRIPTION,
	TLV_SYSTEM,
	TLV_DESCRIPTION,
	TLV_CAPABILITIES,
	TLV_ADDRESS,
	TLV_ORGANIZATION = 127,
};

/* How a chassis or port is known: the two number these differently. */
enum {
	CHASSIS_MAC = 4,
	CHASSIS_ADDRESS = 5,
	PORT_MAC = 3,
	PORT_ADDRESS = 4,
	PORT_INTERFACE = 5,
};

/* Kinds of addresses, by IANA's numbers. */
enum {
	ADDRESS_IPV4 = 1,
	ADDRESS_IPV6,
	ADDRESS_MAC = 6,
};

static const struct mac group = {{0x01, 0x80, 0xc2, 0x00, 0x00, 0x0e}};

struct tlv {
	unsigned type, n;
	const uint8_t *value;
};

/* Reading. */

static void get_text(char out[LLDP_TEXT_SIZE], const uint8_t *bytes, size_t n)
{
	if (n > LLDP_TEXT_SIZE - 1)
		n = LLDP_TEXT_SIZE - 1;
	for (size_t i = 0; i < n; i++)
		out[i] = isprint(bytes[i]) ? (char)bytes[i] : '?';
	out[n] = '\0';
}

static void get_mac(char out[LLDP_TEXT_SIZE], const uint8_t *bytes)
{
	struct mac mac;

	memcpy(mac.bytes, bytes, sizeof(mac.bytes));
	mac_format(mac, out);
}

/* False: of a kind we have no text for. */
static bool get_address(char out[LLDP_TEXT_SIZE], unsigned kind, const uint8_t *bytes, size_t n)
{
	if (kind == ADDRESS_IPV4 && n == 4)
		return inet_ntop(AF_INET, bytes, out, LLDP_TEXT_SIZE);
	if (kind == ADDRESS_IPV6 && n == 16)
		return inet_ntop(AF_INET6, bytes, out, LLDP_TEXT_SIZE);
	if (kind != ADDRESS_MAC || n != sizeof(struct mac))
		return false;
	get_mac(out, bytes);
	return true;
}

static void
get_id(char out[LLDP_TEXT_SIZE],
       const struct tlv *tlv,
       unsigned subtype_mac,
       unsigned subtype_address)
{
	const uint8_t *id = tlv->value + 1;
	unsigned subtype = tlv->value[0], n = tlv->n - 1;

	if (subtype == subtype_mac && n == sizeof(struct mac))
		get_mac(out, id);
	else if (subtype != subtype_address || !get_address(out, id[0], id + 1, n - 1))
		get_text(out, id, n);
}

static bool get_tlv(const uint8_t **at, const uint8_t *end, struct tlv *tlv)
{
	unsigned head;

	if (end - *at < TLV_SIZE)
		return false;
	head = (unsigned)(*at)[0] << 8 | (*at)[1];
	tlv->type = head >> LENGTH_BITS;
	tlv->n = head & LENGTH_MAX;
	tlv->value = *at + TLV_SIZE;
	*at = tlv->value + tlv->n;
	return tlv->n <= end - tlv->value;
}

/* Of IEEE 802.1: the VLAN of untagged frames. */
static void get_organization(const struct tlv *tlv, struct lldp_news *news)
{
	static const uint8_t port_vlan[] = {0x00, 0x80, 0xc2, 0x01};

	if (tlv->n == 6 && !memcmp(tlv->value, port_vlan, sizeof(port_vlan)))
		news->vlan = (uint16_t)(tlv->value[4] << 8 | tlv->value[5]);
}

static int get_optional(const struct tlv *tlv, struct lldp_news *news)
{
	const uint8_t *value = tlv->value;

	switch (tlv->type) {
	case TLV_CHASSIS:
	case TLV_PORT:
	case TLV_TTL:
		return -EINVAL;
	case TLV_PORT_DESCRIPTION:
		get_text(news->port_description, value, tlv->n);
		break;
	case TLV_SYSTEM:
		get_text(news->system, value, tlv->n);
		break;
	case TLV_DESCRIPTION:
		get_text(news->description, value, tlv->n);
		break;
	case TLV_CAPABILITIES:
		if (tlv->n >= 4)
			news->capabilities = (uint16_t)(value[2] << 8 | value[3]);
		break;
	case TLV_ADDRESS:
		if (tlv->n >= 2 && value[0] >= 1 && value[0] < tlv->n && !news->address[0])
			get_address(news->address, value[1], value + 2, value[0] - 1U);
		break;
	case TLV_ORGANIZATION:
		get_organization(tlv, news);
		break;
	default:
		break;
	}
	return 0;
}

/* The first three are always there, in this order. */
static int get_required(const uint8_t **at, const uint8_t *end, struct lldp_news *news)
{
	struct tlv tlv;

	if (!get_tlv(at, end, &tlv) || tlv.type != TLV_CHASSIS || tlv.n < 2)
		return -EINVAL;
	get_id(news->chassis, &tlv, CHASSIS_MAC, CHASSIS_ADDRESS);
	if (!get_tlv(at, end, &tlv) || tlv.type != TLV_PORT || tlv.n < 2)
		return -EINVAL;
	get_id(news->port, &tlv, PORT_MAC, PORT_ADDRESS);
	if (!get_tlv(at, end, &tlv) || tlv.type != TLV_TTL || tlv.n < 2)
		return -EINVAL;
	news->ttl = (uint16_t)(tlv.value[0] << 8 | tlv.value[1]);
	return 0;
}

int lldp_decode(const uint8_t *frame, size_t n, struct lldp_news *news)
{
	const uint8_t *at = frame + ETH_SIZE, *end = frame + n;
	struct tlv tlv;

	*news = (struct lldp_news){0};
	if (n < ETH_SIZE || (frame[12] << 8 | frame[13]) != LLDP_ETH_TYPE)
		return -EINVAL;
	if (get_required(&at, end, news))
		return -EINVAL;
	/* Many stations leave the end out where the frame ends. */
	while (at < end) {
		if (!get_tlv(&at, end, &tlv))
			return -EINVAL;
		if (tlv.type == TLV_END)
			return 0;
		if (get_optional(&tlv, news))
			return -EINVAL;
	}
	return 0;
}

/* Writing. */

static uint8_t *put_tlv(uint8_t *at, unsigned type, const void *value, size_t n)
{
	unsigned head = type << LENGTH_BITS | (unsigned)n;

	at[0] = (uint8_t)(head >> 8);
	at[1] = (uint8_t)head;
	memcpy(at + TLV_SIZE, value, n);
	return at + TLV_SIZE + n;
}

static uint8_t *put_text(uint8_t *at, unsigned type, const char *text)
{
	size_t n = strnlen(text, LLDP_TEXT_SIZE - 1);

	return n ? put_tlv(at, type, text, n) : at;
}

static uint8_t *put_id(uint8_t *at, unsigned type, uint8_t subtype, const void *id, size_t n)
{
	uint8_t value[LLDP_TEXT_SIZE] = {subtype};

	memcpy(value + 1, id, n);
	return put_tlv(at, type, value, n + 1);
}

size_t lldp_encode(
	const struct lldp_news *news,
	struct mac chassis,
	struct mac source,
	uint8_t frame[LLDP_FRAME_SIZE]
)
{
	const uint8_t ttl[] = {(uint8_t)(news->ttl >> 8), (uint8_t)news->ttl};
	const uint8_t eth_type[] = {LLDP_ETH_TYPE >> 8, LLDP_ETH_TYPE & 0xff};
	uint8_t *at = frame;

	memcpy(at, group.bytes, sizeof(group.bytes));
	memcpy(at + 6, source.bytes, sizeof(source.bytes));
	memcpy(at + 12, eth_type, sizeof(eth_type));
	at = put_id(at + ETH_SIZE, TLV_CHASSIS, CHASSIS_MAC, chassis.bytes, sizeof(chassis.bytes));
	at = put_id(
		at, TLV_PORT, PORT_INTERFACE, news->port, strnlen(news->port, LLDP_TEXT_SIZE - 1)
	);
	at = put_tlv(at, TLV_TTL, ttl, sizeof(ttl));
	at = put_text(at, TLV_PORT_DESCRIPTION, news->port_description);
	at = put_text(at, TLV_SYSTEM, news->system);
	at = put_text(at, TLV_DESCRIPTION, news->description);
	if (news->capabilities) {
		uint8_t high = (uint8_t)(news->capabilities >> 8),
			low = (uint8_t)news->capabilities;
		const uint8_t both[] = {high, low, high, low};

		at = put_tlv(at, TLV_CAPABILITIES, both, sizeof(both));
	}
	at = put_tlv(at, TLV_END, "", 0);
	return (size_t)(at - frame);
}
