/* SPDX-License-Identifier: Apache-2.0 */

/* The querier: a bridge that asks, where there is no multicast router, which groups are wanted, so
 * that hosts repeat it before it is forgotten.  */

#include <string.h>

#include "lib/types.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/l2/mcast_priv.h"
#include "ofproto/protocol.h"

enum {
	QUERY_MAX = 128,
	VLANS = 4096,
	TYPE_VLAN = 0x8100,
	TYPE_IPV4 = 0x0800,
	TYPE_IPV6 = 0x86dd,
	CONTROL_TOS = 0xc0, /* internetwork control */
	RESPONSE_TENTHS = 100, /* hosts answer within ten seconds */
	ROBUSTNESS = 2,
	IGMP_QUERY = 0x11,
	IGMP3_QUERY_SIZE = 12,
	MLD_QUERY = 130,
	MLD2_QUERY_SIZE = 28,
	PROTO_IGMP = 2,
	PROTO_ICMPV6 = 58,
};

struct query {
	uint8_t bytes[QUERY_MAX];
	uint32_t n;
};

static void put(struct query *query, const void *data, uint32_t n)
{
	memcpy(query->bytes + query->n, data, n);
	query->n += n;
}

static void put16(struct query *query, unsigned value)
{
	const uint8_t bytes[] = {value >> 8, value};

	put(query, bytes, sizeof(bytes));
}

static uint32_t add_words(const uint8_t *p, uint32_t n, uint32_t sum)
{
	for (uint32_t i = 0; i < n; i += 2)
		sum += (uint32_t)(p[i] << 8 | p[i + 1]);
	return sum;
}

/* Writes the checksum of what was summed up to bytes 'at'. */
static void put_checksum(uint8_t *at, uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	at[0] = (uint8_t) ~(sum >> 8);
	at[1] = (uint8_t)~sum;
}

static void
begin(struct query *query, const uint8_t *dst, const uint8_t *src, uint16_t vlan, uint16_t type)
{
	query->n = 0;
	put(query, dst, 6);
	put(query, src, 6);
	if (vlan) {
		put16(query, TYPE_VLAN);
		put16(query, vlan);
	}
	put16(query, type);
}

/* The interval as IGMPv3 and MLDv2 tell it: beyond 127 seconds roughly, with an exponent. */
static uint8_t interval_code(uint32_t seconds)
{
	unsigned exponent = 0;

	if (seconds < 128)
		return (uint8_t)seconds;
	for (seconds >>= 3; seconds > 31 && exponent < 7; exponent++)
		seconds >>= 1;
	return (uint8_t)(0x80 | exponent << 4 | (seconds & 15));
}

/* RFC 3376: to all hosts, with the router alert option. */
static void write_igmp(
	struct query *query, const struct mcast_config *config, const uint8_t *src, uint16_t vlan
)
{
	static const uint8_t group_mac[] = {0x01, 0x00, 0x5e, 0, 0, 1};
	static const uint8_t all_hosts[] = {224, 0, 0, 1}, alert[] = {0x94, 4, 0, 0};
	const uint8_t code = interval_code(config->query_ms / 1000);
	const uint8_t head[] = {0x46, CONTROL_TOS, 0, 24 + IGMP3_QUERY_SIZE, 0, 0, 0, 0, 1};
	const uint8_t igmp[] = {
		IGMP_QUERY,
		RESPONSE_TENTHS,
		0,
		0,
		0,
		0,
		0,
		0,
		ROBUSTNESS,
		code,
		0,
		0,
	};
	uint8_t *ip, *message;

	begin(query, group_mac, src, vlan, TYPE_IPV4);
	ip = query->bytes + query->n;
	put(query, head, sizeof(head));
	put(query, (const uint8_t[]){PROTO_IGMP, 0, 0}, 3);
	put(query, config->query_source, 4);
	put(query, all_hosts, sizeof(all_hosts));
	put(query, alert, sizeof(alert));
	put_checksum(ip + 10, add_words(ip, 24, 0));
	message = query->bytes + query->n;
	put(query, igmp, sizeof(igmp));
	put_checksum(message + 2, add_words(message, sizeof(igmp), 0));
}

static void bridge_mac(const struct bridge *bridge, uint8_t mac[6])
{
	for (unsigned i = 0; i < 6; i++)
		mac[i] = (uint8_t)(bridge->datapath_id >> (40 - 8 * i));
}

/* The link-local address that the bridge's MAC makes. */
void querier_address(const struct bridge *bridge, uint8_t address[MCAST_ADDRESS_SIZE])
{
	uint8_t mac[6];

	bridge_mac(bridge, mac);
	memset(address, 0, MCAST_ADDRESS_SIZE);
	address[0] = 0xfe;
	address[1] = 0x80;
	memcpy(address + 8, mac, 3);
	address[8] ^= 2;
	address[11] = 0xff;
	address[12] = 0xfe;
	memcpy(address + 13, mac + 3, 3);
}

/* RFC 3810: the same, from that address. */
static void write_mld(
	struct query *query,
	const struct mcast_config *config,
	const struct bridge *bridge,
	const uint8_t *src,
	uint16_t vlan
)
{
	static const uint8_t group_mac[] = {0x33, 0x33, 0, 0, 0, 1};
	static const uint8_t all_hosts[16] = {0xff, 2, [15] = 1};
	static const uint8_t alert[] = {PROTO_ICMPV6, 0, 5, 2, 0, 0, 1, 0};
	const uint16_t response_ms = RESPONSE_TENTHS * 100;
	const uint8_t head[] = {
		0x6c,
		0,
		0,
		0,
		0,
		sizeof(alert) + MLD2_QUERY_SIZE,
		0 /* hop by hop */,
		1,
	};
	uint8_t mld[MLD2_QUERY_SIZE] = {
		MLD_QUERY,
		[4] = response_ms >> 8,
		[5] = response_ms & 0xff,
		[24] = ROBUSTNESS,
		[25] = interval_code(config->query_ms / 1000),
	};
	uint32_t sum = MLD2_QUERY_SIZE + PROTO_ICMPV6;
	uint8_t address[MCAST_ADDRESS_SIZE];

	querier_address(bridge, address);
	begin(query, group_mac, src, vlan, TYPE_IPV6);
	put(query, head, sizeof(head));
	put(query, address, sizeof(address));
	put(query, all_hosts, sizeof(all_hosts));
	put(query, alert, sizeof(alert));
	sum = add_words(address, sizeof(address), sum);
	sum = add_words(all_hosts, sizeof(all_hosts), sum);
	put_checksum(mld + 2, add_words(mld, sizeof(mld), sum));
	put(query, mld, sizeof(mld));
}

/* The tag with which the VLAN goes out of the lport: 0 is none, -1 that it does not. */
static int tag_of(const struct view_lport *lport, uint16_t vlan)
{
	if (!view_lport_carries(lport, vlan) || lport->state != LPORT_FORWARDS)
		return -1;
	switch (lport->vlan_mode) {
	case VLAN_MODE_ACCESS:
	case VLAN_MODE_DOT1Q_TUNNEL:
		return 0;
	case VLAN_MODE_NATIVE_UNTAGGED:
		return vlan == lport->tag ? 0 : vlan;
	case VLAN_MODE_TRUNK:
	case VLAN_MODE_NATIVE_TAGGED:
		break;
	}
	return vlan;
}

static void ask_port(
	const struct bridge *bridge,
	const struct bridge_port *port,
	const struct mcast_config *config,
	uint16_t tag,
	enum mcast_family family
)
{
	struct query query;
	uint8_t src[6];

	bridge_mac(bridge, src);
	if (family == MCAST_IPV4)
		write_igmp(&query, config, src, tag);
	else
		write_mld(&query, config, bridge, src, tag);
	protocol_send(bridge, port, query.bytes, query.n);
}

static void ask_vlan(
	const struct bridge *bridge,
	const struct mcast_config *config,
	uint16_t vlan,
	enum mcast_family family
)
{
	struct lport *lport;

	HMAP_FOREACH(lport, node, &bridge->lports) {
		int tag = lport->view ? tag_of(lport->view, vlan) : -1;

		/* Behind patches other bridges ask for themselves. */
		if (tag >= 0 && lport->n_ports && lport->ports[0]->port)
			ask_port(bridge, lport->ports[0], config, (uint16_t)tag, family);
	}
}

void querier_ask(
	const struct bridge *bridge, const struct mcast_config *config, enum mcast_family family
)
{
	uint64_t asked[VLANS / 64] = {1}; /* VLAN 0, and those that are some port's own */
	struct lport *lport;

	HMAP_FOREACH(lport, node, &bridge->lports)
		if (lport->view && lport->view->tag < VLANS - 1)
			asked[lport->view->tag / 64] |= 1ULL << lport->view->tag % 64;
	for (unsigned vlan = 0; vlan < VLANS; vlan++)
		if (asked[vlan / 64] >> vlan % 64 & 1)
			ask_vlan(bridge, config, (uint16_t)vlan, family);
}
