/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/conn/packet_in.h"

#include <string.h>

#include "datapath/tunnel/options.h"
#include "lib/flow/field.h"
#include "lib/flow/match.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/conn.h"
#include "ofproto/conn/controllers.h"
#include "ofproto/conn/packet_queue.h"
#include "ofproto/wire/messages.h"
#include "ofproto/wire/oxm.h"

enum {
	NO_BUFFER = 0xffffffff,
	BACKLOG_MAX = 1 << 20, /* then a controller gets no more until it has read */
};

/* Properties of Nicira's second format. */
enum {
	PROPERTY_PACKET,
	PROPERTY_FULL_LEN,
	PROPERTY_TABLE_ID = 3,
	PROPERTY_COOKIE,
	PROPERTY_REASON,
	PROPERTY_METADATA,
	PROPERTY_USERDATA,
	PROPERTY_CONTINUATION,
};

enum {
	CONTINUATION_OURS = 0xf000
};

struct punted {
	struct packet_in_note note;
	const uint8_t *userdata, *rest;
	const uint8_t *packet;
	uint32_t n, total;
	struct match match;
};

static void put_bytes(struct wire_out *out, uint16_t type, const void *data, size_t n)
{
	size_t start = wire_property_begin(out, type);

	wire_put(out, data, n);
	wire_property_end(out, start);
}

/* What OpenFlow before 1.4 has no number for is an action's doing. */
static uint8_t reason_of(const struct punted *punted, uint8_t version)
{
	uint8_t reason = punted->note.reason;

	return version < OF14 && reason > PACKET_IN_INVALID_TTL ? PACKET_IN_ACTION : reason;
}

static void put_properties(struct wire_out *out, const struct punted *punted)
{
	uint8_t reason = reason_of(punted, out->version);
	size_t start;

	put_bytes(out, PROPERTY_PACKET, punted->packet, punted->n);
	if (punted->n < punted->total) {
		start = wire_property_begin(out, PROPERTY_FULL_LEN);
		wire_put_u32(out, punted->total);
		wire_property_end(out, start);
	}
	put_bytes(out, PROPERTY_TABLE_ID, &punted->note.table, 1);
	if (punted->note.cookie != UINT64_MAX) {
		start = wire_property_begin(out, PROPERTY_COOKIE);
		wire_put_u32(out, 0);
		wire_put_u64(out, punted->note.cookie);
		wire_property_end(out, start);
	}
	put_bytes(out, PROPERTY_REASON, &reason, 1);
	start = wire_property_begin(out, PROPERTY_METADATA);
	nxm_encode_match(out, &punted->match, 0, 0);
	wire_property_end(out, start);
	if (punted->note.n_userdata)
		put_bytes(out, PROPERTY_USERDATA, punted->userdata, punted->note.n_userdata);
	if (!punted->note.n_rest)
		return;
	/* What a continuation holds is the switch's own affair, but for its being properties. */
	start = wire_property_begin(out, PROPERTY_CONTINUATION);
	wire_put_u32(out, 0);
	put_bytes(out, CONTINUATION_OURS, punted->rest, punted->note.n_rest);
	wire_property_end(out, start);
}

static void send_packet_in2(struct conn *conn, const struct punted *punted)
{
	struct wire_out properties;
	struct message_head head = {.xid = 0};

	wire_out_init(&properties, conn->version);
	put_properties(&properties, punted);
	struct of_packet_in2 message = {
		.properties =
			{
				.data = properties.data,
				.n = (uint32_t)properties.n,
				.version = conn->version,
			},
	};

	conn_reply(conn, &head, &of_packet_in2_type, &message);
	wire_out_fini(&properties);
}

static void send_packet_in(struct conn *conn, const struct punted *punted)
{
	static struct of_packet_in message; /* large */
	struct message_head head = {.xid = 0};
	bool nicira = conn->packet_in_format == CONN_PACKET_IN_NXM;

	message = (struct of_packet_in){
		.buffer_id = NO_BUFFER,
		.total_len = (uint16_t)(punted->total > UINT16_MAX ? UINT16_MAX : punted->total),
		.in_port = punted->note.in_port,
		.in_phy_port = punted->note.in_port,
		.reason = reason_of(punted, conn->version),
		.table_id = punted->note.table,
		.cookie = punted->note.cookie,
		.match = punted->match,
		.data = {.data = punted->packet, .n = punted->n, .version = conn->version},
	};
	conn_reply(conn, &head, nicira ? &of_nx_packet_in_type : &of_packet_in_type, &message);
}

/* Whether what the peer has not read yet leaves room for one more packet. */
static bool has_room(struct conn *conn)
{
	size_t backlog = conn_backlog(conn);
	unsigned most = conn->controller ? conn->controller->queue_size : 0;

	if (!most)
		most = conn->bridge->queue_size;
	if (!backlog)
		conn->n_unread = 0;
	return backlog < BACKLOG_MAX && (!most || conn->n_unread < most);
}

static bool wants(struct conn *conn, const struct punted *punted)
{
	return async_wants(conn, ASYNC_PACKET_IN, reason_of(punted, conn->version)) &&
		conn->controller_id == punted->note.controller_id && has_room(conn);
}

#define SET(to, from)                                                                              \
	do {                                                                                       \
		if (note->from) {                                                                  \
			match->key.to = note->from;                                                \
			memset(&match->mask.to, 0xff, sizeof(match->mask.to));                     \
		}                                                                                  \
	} while (0)

static void add_options(const struct bridge *bridge, struct punted *punted)
{
	const uint8_t *option = punted->rest + punted->note.n_rest;
	unsigned size, n = punted->note.n_options;

	for (; (size = tunnel_option_size(option, n)); option += size, n -= size) {
		int index = tunnel_options_find(bridge->options, (uint32_t)field_number(option, 3));

		if (index >= 0 && bridge->options->map.size[index] == size - OPTION_HEAD)
			match_set(
				&punted->match,
				&fields[FIELD_TUN_METADATA0 + index],
				option + OPTION_HEAD,
				NULL
			);
	}
}

static void set_ipv6(struct match *match, size_t offset, const uint8_t address[16])
{
	static const uint8_t none[16];

	if (!memcmp(address, none, sizeof(none)))
		return;
	memcpy((uint8_t *)&match->key + offset, address, sizeof(none));
	memset((uint8_t *)&match->mask + offset, 0xff, sizeof(none));
}

/* Fields that are 0 go without saying. */
static void make_match(const struct bridge *bridge, struct punted *punted)
{
	const struct packet_in_note *note = &punted->note;
	struct match *match = &punted->match;

	match_init(match, bridge_tlv_map(bridge));
	match->key.base.in_port = note->in_port;
	match->mask.base.in_port = UINT32_MAX;
	SET(pipeline.metadata, metadata);
	SET(base.tun_id, tun_id);
	SET(base.tun_src, tun_src);
	SET(base.tun_dst, tun_dst);
	set_ipv6(match, offsetof(struct key, tunnel.ipv6_src), note->tun_ipv6_src);
	set_ipv6(match, offsetof(struct key, tunnel.ipv6_dst), note->tun_ipv6_dst);
	SET(extra.pkt_mark, pkt_mark);
	for (unsigned i = 0; i < KEY_N_REGS; i++) {
		if (!note->regs[i])
			continue;
		match->key.regs[i] = note->regs[i];
		memset(&match->mask.regs[i], 0xff, sizeof(note->regs[i]));
	}
}

static void receive(const uint8_t *note, const uint8_t *packet, uint32_t n, uint32_t total)
{
	/* A message must hold it. */
	static struct punted punted;
	const uint32_t most = UINT16_MAX - 4 * PUNT_NOTE_SIZE - PUNT_MORE_MAX;
	struct bridge *bridge;
	struct conn *conn, *next;

	memcpy(&punted.note, note, sizeof(punted.note));
	punted.userdata = note + PUNT_NOTE_SIZE;
	punted.rest = punted.userdata + punted.note.n_userdata;
	punted.packet = packet;
	punted.n = n > most ? most : n;
	punted.total = total;
	bridge = bridge_at(punted.note.bridge);
	if (!bridge)
		return;
	make_match(bridge, &punted);
	add_options(bridge, &punted);
	cds_list_for_each_entry_safe(conn, next, &bridge->conns, in_bridge) {
		if (!wants(conn, &punted))
			continue;
		size_t start = conn->out.n;
		bool waits = conn->controller &&
			(packet_queue_waits(conn->packets) || !controllers_spend(conn->controller));

		if (conn->packet_in_format == CONN_PACKET_IN2)
			send_packet_in2(conn, &punted);
		else
			send_packet_in(conn, &punted);
		conn->n_unread += !waits;
		if (waits)
			packet_queue_put(
				conn,
				punted.note.in_port,
				start,
				controllers_burst(conn->controller)
			);
		conn_flush(conn);
	}
}

const struct punt_target packet_in_target = {
	.name = "controller",
	.receive = receive,
};
