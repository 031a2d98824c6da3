/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A BFD session (RFC 5880): two ends tell each other that they are there, and notice within a few
 * intervals when the other one is not. Asynchronous mode, without echo and authentication.
 *
 * Knows no threads, ports or clocks: whoever owns it says what time it is, gives it what arrived,
 * and asks what to send.  */

#include <stdbool.h>
#include <stdint.h>

#include "ofproto/bfd/bfd_packet.h"
#include "ofproto/bfd/bfd_settings.h"

/* Times in milliseconds. */
struct bfd_session {
	struct bfd_config config;
	uint32_t id; /* our discriminator */
	enum bfd_state state;
	enum bfd_diagnostic diagnostic;

	/* What the far end said last; its id is 0 while it is not heard. */
	uint32_t far_id;
	enum bfd_state far_state;
	unsigned far_diagnostic;
	bool far_demand;
	uint8_t far_mult;
	uint32_t far_min_tx, far_min_rx;

	/* What we say, and what is in force until the far end has confirmed it. */
	uint32_t said_min_tx, said_min_rx, tx_in_force, rx_in_force;
	bool poll, final; /* a question is open; an answer is owed */
	bool asked; /* it was sent: what is said since is another question, to be asked behind it */
	bool ask_again;
	int64_t next_ms; /* the next periodic packet */
	int64_t sent_ms;
	int64_t until_ms; /* then the far end is given up; 0: there is nothing to give up */

	/* Other traffic. */
	bool decayed;
	uint64_t seen_packets; /* that the port had received when last asked */
	int64_t look_ms; /* when to ask again */
	int64_t rx_until_ms; /* until then what was received counts … */
	int64_t bfd_until_ms; /* … if BFD is heard at least once in this long time */
	bool looked; /* seen_packets holds a count */

	bool forwarding;
	int forced; /* 1 or 0: 'forwarding' whatever happens; -1: not */
	unsigned flaps;
};

void bfd_session_init(
	struct bfd_session *session, const struct bfd_config *config, uint32_t id, int64_t now
);
/* Takes over changed settings; nothing is interrupted. */
void bfd_session_configure(
	struct bfd_session *session, const struct bfd_config *config, int64_t now
);
void bfd_session_receive(struct bfd_session *session, const struct bfd_packet *packet, int64_t now);
/* Time has passed. */
void bfd_session_tick(struct bfd_session *session, int64_t now);
/* So many packets of any kind has the port received. */
void bfd_session_see_traffic(struct bfd_session *session, uint64_t packets, int64_t now);
void bfd_session_force(struct bfd_session *session, int forced, int64_t now);
/* It is to end: one more packet may say so. */
void bfd_session_end(struct bfd_session *session);

/* Whether a packet is due; then bfd_session_make() must follow. */
bool bfd_session_must_send(const struct bfd_session *session, int64_t now);
/* 'random' spreads the periodic packets. */
void bfd_session_make(
	struct bfd_session *session, struct bfd_packet *packet, unsigned random, int64_t now
);
/* When it wants to be looked at again. */
int64_t bfd_session_next(const struct bfd_session *session);

const char *bfd_state_name(enum bfd_state state);
const char *bfd_diagnostic_name(unsigned diagnostic);
