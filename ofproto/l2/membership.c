/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/l2/membership.h"

#include <string.h>

#include "lib/types.h"

enum {
	ADDRESSES = 12, /* bytes of an Ethernet header before tags and type */
	TYPE_VLAN = 0x8100,
	TYPE_QINQ = 0x88a8,
	TYPE_IPV4 = 0x0800,
	TYPE_IPV6 = 0x86dd,
	PROTO_HOP = 0,
	PROTO_IGMP = 2,
	PROTO_ICMPV6 = 58,
	IPV4_SIZE = 20,
	IPV6_SIZE = 40,
	IGMP_SIZE = 8,
	MLD_SIZE = 24,
	REPORT_SIZE = 8, /* of the third version, before its records */

	IGMP_QUERY = 0x11,
	IGMP1_REPORT = 0x12,
	IGMP2_REPORT = 0x16,
	IGMP2_LEAVE = 0x17,
	IGMP3_REPORT = 0x22,
	MLD_QUERY = 130,
	MLD_REPORT = 131,
	MLD_DONE = 132,
	MLD2_REPORT = 143,
	MLD_ADDRESS = 8, /* offset of the address in an MLD message */

	MODE_IS_INCLUDE = 1,
	CHANGE_TO_INCLUDE = 3,
	BLOCK_OLD_SOURCES = 6,
};

/* A message being read: the bytes from its type on. */
struct message {
	const uint8_t *data;
	uint32_t n;
	const uint8_t *source; /* who sent it */
	unsigned address_size;
	membership_fn *tell;
	void *context;
};

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void tell(const struct message *m, enum membership_kind kind, const uint8_t *address)
{
	uint8_t ip[16] = {[10] = 0xff, [11] = 0xff};

	memcpy(m->address_size == 4 ? ip + 12 : ip, address, m->address_size);
	m->tell(m->context, kind, ip);
}

static bool is_multicast(const struct message *m, const uint8_t *address)
{
	return m->address_size == 4 ? address[0] >> 4 == 0xe : address[0] == 0xff;
}

/* The records of an IGMPv3 or MLDv2 report. Sources are not told apart: who wants some wants the group.
 */
static bool read_records(const struct message *m)
{
	uint32_t at = REPORT_SIZE;

	if (m->n < REPORT_SIZE)
		return false;
	for (unsigned left = get16(m->data + 6); left; left--) {
		const uint8_t *record = m->data + at;

		if (at + 4 + m->address_size > m->n)
			return false;
		unsigned n_sources = get16(record + 2);
		uint64_t size = 4 + m->address_size + (uint64_t)n_sources * m->address_size +
			record[1] * 4u;

		if (at + size > m->n || !is_multicast(m, record + 4))
			return false;
		bool include = record[0] == MODE_IS_INCLUDE || record[0] == CHANGE_TO_INCLUDE;

		if (include && !n_sources)
			tell(m, MEMBERSHIP_LEAVE, record + 4);
		else if (record[0] && record[0] < BLOCK_OLD_SOURCES)
			tell(m, MEMBERSHIP_JOIN, record + 4);
		at += (uint32_t)size;
	}
	return true;
}

static bool read_one(const struct message *m, enum membership_kind kind, unsigned offset)
{
	if (m->n < offset + m->address_size || !is_multicast(m, m->data + offset))
		return false;
	tell(m, kind, m->data + offset);
	return true;
}

static bool read_igmp(const struct message *m)
{
	if (m->n < IGMP_SIZE)
		return false;
	switch (m->data[0]) {
	case IGMP_QUERY:
		tell(m, MEMBERSHIP_QUERY, m->source);
		return true;
	case IGMP1_REPORT:
	case IGMP2_REPORT:
		return read_one(m, MEMBERSHIP_JOIN, 4);
	case IGMP2_LEAVE:
		return read_one(m, MEMBERSHIP_LEAVE, 4);
	case IGMP3_REPORT:
		return read_records(m);
	default:
		return false;
	}
}

static bool read_mld(const struct message *m)
{
	if (m->n < REPORT_SIZE)
		return false;
	switch (m->data[0]) {
	case MLD_QUERY:
		if (m->n < MLD_SIZE)
			return false;
		tell(m, MEMBERSHIP_QUERY, m->source);
		return true;
	case MLD_REPORT:
		return read_one(m, MEMBERSHIP_JOIN, MLD_ADDRESS);
	case MLD_DONE:
		return read_one(m, MEMBERSHIP_LEAVE, MLD_ADDRESS);
	case MLD2_REPORT:
		return read_records(m);
	default:
		return false;
	}
}

static bool read_ipv4(const uint8_t *ip, uint32_t n, struct message *m)
{
	uint32_t header, size;

	if (n < IPV4_SIZE || ip[0] >> 4 != 4 || ip[9] != PROTO_IGMP)
		return false;
	header = (ip[0] & 15) * 4u;
	size = get16(ip + 2);
	if (header < IPV4_SIZE || size < header || size > n)
		return false;
	m->data = ip + header;
	m->n = size - header;
	m->source = ip + 12;
	m->address_size = 4;
	return read_igmp(m);
}

static bool read_ipv6(const uint8_t *ip, uint32_t n, struct message *m)
{
	uint32_t at = IPV6_SIZE, end;
	uint8_t next;

	if (n < IPV6_SIZE || ip[0] >> 4 != 6)
		return false;
	end = IPV6_SIZE + get16(ip + 4);
	next = ip[6];
	if (end > n)
		return false;
	if (next == PROTO_HOP && at + 8 <= end) {
		next = ip[at];
		at += (ip[at + 1] + 1u) * 8;
	}
	if (next != PROTO_ICMPV6 || at > end)
		return false;
	m->data = ip + at;
	m->n = end - at;
	m->source = ip + 8;
	m->address_size = 16;
	return read_mld(m);
}

bool membership_parse(const uint8_t *frame, uint32_t n, membership_fn *tell_, void *context)
{
	struct message m = {.tell = tell_, .context = context};
	uint32_t at = ADDRESSES;

	while (at + 6 <= n && (get16(frame + at) == TYPE_VLAN || get16(frame + at) == TYPE_QINQ))
		at += 4;
	if (at + 2 > n)
		return false;
	if (get16(frame + at) == TYPE_IPV4)
		return read_ipv4(frame + at + 2, n - at - 2, &m);
	if (get16(frame + at) == TYPE_IPV6)
		return read_ipv6(frame + at + 2, n - at - 2, &m);
	return false;
}
