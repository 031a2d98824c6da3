/* SPDX-License-Identifier: Apache-2.0 */

/* Frames of the protocols that the switch speaks itself: BPDUs, fed to a port of a spanning tree as
 * well, LLDP, and BFD, fed to a session. What was read can be written and is read the same again.  */

#include <stdlib.h>
#include <string.h>

#include "ofproto/bfd/bfd_session.h"
#include "ofproto/lldp/lldp_frame.h"
#include "ofproto/spanning/rstp.h"
#include "tests/fuzz/fuzz.h"

static void send(void *owner, const struct bpdu *bpdu)
{
	uint8_t frame[BPDU_FRAME_MIN];

	bpdu_encode(bpdu, (struct mac){{2}}, frame);
}

static void flush(void *owner) {}

static void set_state(void *owner, bool learning, bool forwarding) {}

static const struct rstp_hooks hooks = {.send = send, .flush = flush, .set_state = set_state};

/* A bridge of two ports hears what the input says, in pieces, with seconds in between. */
static void run_tree(const uint8_t *data, size_t n)
{
	const struct rstp_config config = {
		.id = 0x8000ULL << 48 | 1,
		.rapid = n & 1,
		.times = {.max_age = 20, .hello = 2, .forward_delay = 15},
		.hold_count = 6,
	};
	struct rstp *rstp = rstp_new(&hooks, &config);
	struct rstp_port *ports[2];
	struct bpdu bpdu;

	for (unsigned i = 0; i < 2; i++) {
		const struct rstp_port_config port = {
			.id = (uint16_t)(0x8001 + i),
			.cost = 20000,
			.link_up = true,
			.two_ends = true};

		ports[i] = rstp_port_new(rstp, NULL, &port);
	}
	for (; n; data += BPDU_FRAME_MIN, n -= BPDU_FRAME_MIN) {
		if (n < BPDU_FRAME_MIN)
			break;
		if (!bpdu_decode(data, BPDU_FRAME_MIN, &bpdu))
			rstp_port_receive(ports[data[0] & 1], &bpdu);
		rstp_tick(rstp);
	}
	rstp_free(rstp);
}

/* What else happens to a session, by the second byte of a frame, which is of no interest. */
static void disturb(struct bfd_session *session, uint8_t what, uint64_t *traffic, int64_t now)
{
	static const struct bfd_config configs[] = {
		{.min_tx = 100, .min_rx = 100, .mult = 3},
		{.min_tx = 50, .min_rx = 300, .mult = 1, .cpath_down = true},
		{.min_tx = 1000, .min_rx = 1, .mult = 255, .forwarding_if_rx = true},
		{.min_tx = 100, .min_rx = 100, .mult = 3, .decay_min_rx = 1000},
	};

	switch (what & 7) {
	case 1:
		bfd_session_configure(session, &configs[what >> 3 & 3], now);
		break;
	case 2:
		*traffic += what >> 3;
		break;
	case 3:
		bfd_session_force(session, (what >> 3) % 3 - 1, now);
		break;
	case 4:
		bfd_session_end(session);
		break;
	default:
		break;
	}
}

static void run_bfd(const uint8_t *data, size_t n)
{
	const struct bfd_config config = {.min_tx = 100, .min_rx = 100, .mult = 3};
	const struct bfd_ends ends = {.from_port = 1};
	struct bfd_packet packet, back;
	uint8_t frame[BFD_FRAME_SIZE];
	struct bfd_session session;
	uint64_t traffic = 0;

	bfd_session_init(&session, &config, 1, 0);
	for (int64_t now = 0; n >= BFD_FRAME_SIZE; now += 50) {
		if (!bfd_decode(data, n, &packet))
			bfd_session_receive(&session, &packet, now);
		disturb(&session, data[1], &traffic, now);
		bfd_session_see_traffic(&session, traffic, now);
		bfd_session_tick(&session, now);
		if (bfd_session_must_send(&session, now)) {
			bfd_session_make(&session, &packet, data[0], now);
			bfd_encode(&packet, &ends, frame);
			if (packet.your_id && bfd_decode(frame, sizeof(frame), &back))
				abort();
		}
		if (bfd_session_next(&session) < now)
			abort();
		data += BFD_FRAME_SIZE;
		n -= BFD_FRAME_SIZE;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct lldp_news news, back;
	uint8_t frame[LLDP_FRAME_SIZE];

	run_tree(data, n);
	run_bfd(data, n);
	if (lldp_decode(data, n, &news))
		return 0;
	n = lldp_encode(&news, (struct mac){{2}}, (struct mac){{4}}, frame);
	if (lldp_decode(frame, n, &back) || strcmp(back.system, news.system) ||
	    strcmp(back.description, news.description) || back.ttl != news.ttl)
		abort();
	return 0;
}
