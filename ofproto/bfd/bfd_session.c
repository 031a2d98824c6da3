/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/bfd/bfd_session.h"

#include "lib/types.h"

enum {
	SLOW_MS = 1000, /* nobody sends faster while a session is not up */
	US = 1000, /* in a millisecond */
	PATIENCE = 100, /* receive intervals without BFD that other traffic makes up for */
};

static uint32_t max(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* Rounded up. */
static uint32_t to_ms(uint32_t us)
{
	return us / US + (us % US ? 1 : 0);
}

/* Between two packets of ours; 0: none are wanted. */
static uint32_t tx_interval(const struct bfd_session *session)
{
	return session->far_min_rx ? max(session->tx_in_force, session->far_min_rx) : 0;
}

static uint32_t detection_time(const struct bfd_session *session)
{
	return session->far_mult * max(session->rx_in_force, session->far_min_tx);
}

static bool far_sees_trouble(const struct bfd_session *session)
{
	return session->far_diagnostic == BFD_CONCATENATED_DOWN ||
		session->far_diagnostic == BFD_REVERSE_CONCATENATED_DOWN;
}

static void update_forwarding(struct bfd_session *session, int64_t now)
{
	bool hears = session->state == BFD_UP ||
		(session->config.forwarding_if_rx && now < session->rx_until_ms &&
		 now < session->bfd_until_ms);
	bool forwarding = hears && !far_sees_trouble(session);

	if (session->forced >= 0)
		forwarding = session->forced;
	session->flaps += forwarding != session->forwarding;
	session->forwarding = forwarding;
}

/* Settings. */

/* Says new intervals. What makes the far end wait longer for us, or us give up on it sooner, comes
 * in force when it has confirmed them. */
static void say(struct bfd_session *session)
{
	uint32_t min_tx = session->config.min_tx, min_rx = session->config.min_rx;

	if (session->state != BFD_UP)
		min_tx = max(min_tx, SLOW_MS);
	if (session->decayed)
		min_rx = max(min_rx, session->config.decay_min_rx);
	if (min_tx == session->said_min_tx && min_rx == session->said_min_rx)
		return;
	session->said_min_tx = min_tx;
	session->said_min_rx = min_rx;
	if (session->state == BFD_UP) {
		session->ask_again = session->poll && session->asked;
		session->poll = true;
	}
	if (session->state != BFD_UP || min_tx < session->tx_in_force)
		session->tx_in_force = min_tx;
	if (session->state != BFD_UP || min_rx > session->rx_in_force)
		session->rx_in_force = min_rx;
	if (session->next_ms > session->sent_ms + session->tx_in_force)
		session->next_ms = session->sent_ms + session->tx_in_force;
}

/* The far end has answered. What was said after the question it does not speak of. */
static void end_poll(struct bfd_session *session)
{
	session->poll = session->ask_again;
	session->asked = session->ask_again = false;
	if (session->poll)
		return;
	session->tx_in_force = session->said_min_tx;
	session->rx_in_force = session->said_min_rx;
}

static void await_bfd(struct bfd_session *session, int64_t now)
{
	session->bfd_until_ms = now + (int64_t)PATIENCE * session->config.min_rx;
}

static void set_state(
	struct bfd_session *session,
	enum bfd_state state,
	enum bfd_diagnostic diagnostic,
	int64_t now
)
{
	if (session->state == state)
		return;
	session->state = state;
	session->diagnostic = diagnostic;
	if (diagnostic == BFD_NO_DIAGNOSTIC && session->config.cpath_down)
		session->diagnostic = BFD_CONCATENATED_DOWN;
	session->poll = session->asked = session->ask_again = false;
	say(session);
	/* The far end waits for the news. */
	session->next_ms = now;
}

void bfd_session_init(
	struct bfd_session *session, const struct bfd_config *config, uint32_t id, int64_t now
)
{
	*session = (struct bfd_session){
		.config = *config,
		.id = id,
		.state = BFD_DOWN,
		.far_state = BFD_DOWN,
		.far_min_rx = 1, /* until it is known better */
		.next_ms = now,
		.look_ms = now,
		.forced = -1,
	};
	if (config->cpath_down)
		session->diagnostic = BFD_CONCATENATED_DOWN;
	say(session);
	await_bfd(session, now);
}

void bfd_session_configure(
	struct bfd_session *session, const struct bfd_config *config, int64_t now
)
{
	bool was_down = session->config.cpath_down;

	session->config = *config;
	if (config->cpath_down && session->diagnostic == BFD_NO_DIAGNOSTIC)
		session->diagnostic = BFD_CONCATENATED_DOWN;
	else if (was_down && !config->cpath_down && session->diagnostic == BFD_CONCATENATED_DOWN)
		session->diagnostic = BFD_NO_DIAGNOSTIC;
	if (!config->decay_min_rx)
		session->decayed = false;
	say(session);
	session->next_ms = now;
	await_bfd(session, now);
	update_forwarding(session, now);
}

void bfd_session_force(struct bfd_session *session, int forced, int64_t now)
{
	session->forced = forced;
	update_forwarding(session, now);
}

/* Receiving. */

static void note_far_end(struct bfd_session *session, const struct bfd_packet *packet, int64_t now)
{
	session->far_id = packet->my_id;
	session->far_state = packet->state;
	session->far_diagnostic = packet->diagnostic;
	session->far_demand = packet->demand;
	session->far_mult = packet->mult;
	session->far_min_tx = to_ms(packet->min_tx_us);
	session->far_min_rx = to_ms(packet->min_rx_us);
	if (packet->final && session->poll && session->asked)
		end_poll(session);
	await_bfd(session, now);
	session->final |= packet->poll;
	session->until_ms = now + detection_time(session);
	/* It may want to hear from us sooner than it did. */
	uint32_t interval = tx_interval(session);

	if (interval && session->next_ms > session->sent_ms + interval)
		session->next_ms = session->sent_ms + interval;
}

static void move_on(struct bfd_session *session, enum bfd_state far, int64_t now)
{
	switch (session->state) {
	case BFD_DOWN:
		if (far == BFD_DOWN)
			set_state(session, BFD_INIT, BFD_NO_DIAGNOSTIC, now);
		else if (far == BFD_INIT)
			set_state(session, BFD_UP, BFD_NO_DIAGNOSTIC, now);
		break;
	case BFD_INIT:
		if (far >= BFD_INIT)
			set_state(session, BFD_UP, BFD_NO_DIAGNOSTIC, now);
		break;
	case BFD_UP:
		if (far == BFD_DOWN)
			set_state(session, BFD_DOWN, BFD_NEIGHBOR_DOWN, now);
		break;
	case BFD_ADMIN_DOWN:
		break;
	}
}

void bfd_session_receive(struct bfd_session *session, const struct bfd_packet *packet, int64_t now)
{
	if (packet->your_id && packet->your_id != session->id)
		return;
	note_far_end(session, packet, now);
	if (packet->state == BFD_ADMIN_DOWN)
		set_state(session, BFD_DOWN, BFD_NEIGHBOR_DOWN, now);
	else
		move_on(session, packet->state, now);
	update_forwarding(session, now);
}

/* Time. */

void bfd_session_tick(struct bfd_session *session, int64_t now)
{
	if (session->until_ms && now >= session->until_ms) {
		session->until_ms = 0;
		session->far_id = 0;
		session->far_state = BFD_DOWN;
		session->far_diagnostic = BFD_NO_DIAGNOSTIC;
		session->far_demand = false;
		session->far_min_rx = 1;
		session->far_min_tx = 0;
		set_state(session, BFD_DOWN, BFD_DETECTION_EXPIRED, now);
	}
	update_forwarding(session, now);
}

void bfd_session_see_traffic(struct bfd_session *session, uint64_t packets, int64_t now)
{
	uint64_t more = session->looked ? packets - session->seen_packets : 0;
	uint32_t period = max(detection_time(session), SLOW_MS);
	/* What comes at this rate is BFD's own. */
	uint64_t own =
		(uint64_t)period / max(max(session->rx_in_force, session->far_min_tx), 1) + 2;

	if (now < session->look_ms)
		return;
	if (more)
		session->rx_until_ms = now + 2 * (int64_t)period;
	if (session->config.decay_min_rx && session->state == BFD_UP) {
		session->decayed = more <= 2 * own;
		say(session);
	}
	session->seen_packets = packets;
	session->looked = true;
	session->look_ms = now + period;
	update_forwarding(session, now);
}

void bfd_session_end(struct bfd_session *session)
{
	session->state = BFD_ADMIN_DOWN;
	session->diagnostic = BFD_ADMINISTRATIVE;
	session->poll = false;
}

/* Sending. */

static bool is_periodic(const struct bfd_session *session)
{
	bool both_up = session->state == BFD_UP && session->far_state == BFD_UP;

	return tx_interval(session) && !(session->far_demand && both_up && !session->poll);
}

bool bfd_session_must_send(const struct bfd_session *session, int64_t now)
{
	return session->final || (is_periodic(session) && now >= session->next_ms);
}

void bfd_session_make(
	struct bfd_session *session, struct bfd_packet *packet, unsigned random, int64_t now
)
{
	uint32_t interval = tx_interval(session);
	/* Up to a quarter less; with a multiplier of 1, no more than nine tenths at most. */
	unsigned most = session->config.mult == 1 ? 90 : 100;
	unsigned percent = 75 + random % (most - 75 + 1);

	*packet = (struct bfd_packet){
		.state = session->state,
		.diagnostic = session->diagnostic,
		/* An answer is no question. */
		.poll = session->poll && !session->final,
		.final = session->final,
		.mult = session->config.mult,
		.my_id = session->id,
		.your_id = session->far_id,
		.min_tx_us = session->said_min_tx * US,
		.min_rx_us = session->said_min_rx * US,
	};
	session->asked |= packet->poll;
	session->final = false;
	session->sent_ms = now;
	session->next_ms = now + max(interval * percent / 100, 1);
}

int64_t bfd_session_next(const struct bfd_session *session)
{
	int64_t next = is_periodic(session) ? session->next_ms : INT64_MAX;

	if (session->final)
		return 0;
	if (session->until_ms && session->until_ms < next)
		next = session->until_ms;
	if (session->config.forwarding_if_rx && session->look_ms < next)
		next = session->look_ms;
	/* Who was told to forward does so for ever, and who is up as long as it is. */
	if (session->config.forwarding_if_rx && session->forwarding && session->forced < 0 &&
	    session->state != BFD_UP && session->bfd_until_ms < next)
		next = session->bfd_until_ms;
	return next;
}

/* Names. */

const char *bfd_state_name(enum bfd_state state)
{
	static const char *const names[] = {
		[BFD_ADMIN_DOWN] = "admin_down",
		[BFD_DOWN] = "down",
		[BFD_INIT] = "init",
		[BFD_UP] = "up",
	};

	return names[state];
}

const char *bfd_diagnostic_name(unsigned diagnostic)
{
	static const char *const names[] = {
		[BFD_NO_DIAGNOSTIC] = "No Diagnostic",
		[BFD_DETECTION_EXPIRED] = "Control Detection Time Expired",
		[BFD_ECHO_FAILED] = "Echo Function Failed",
		[BFD_NEIGHBOR_DOWN] = "Neighbor Signaled Session Down",
		[BFD_PLANE_RESET] = "Forwarding Plane Reset",
		[BFD_PATH_DOWN] = "Path Down",
		[BFD_CONCATENATED_DOWN] = "Concatenated Path Down",
		[BFD_ADMINISTRATIVE] = "Administratively Down",
		[BFD_REVERSE_CONCATENATED_DOWN] = "Reverse Concatenated Path Down",
	};

	return diagnostic < ARRAY_LENGTH(names) ? names[diagnostic] : "Unknown Diagnostic";
}
