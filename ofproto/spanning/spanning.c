/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/spanning/spanning.h"

#include <stdlib.h>
#include <string.h>

#include "datapath/port.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_changes.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/mac_table.h"
#include "ofproto/protocol.h"
#include "ofproto/spanning/spanning_priv.h"

LOG_TOPIC(spanning);

enum {
	TICK_MS = 1000,
	TICKS_AT_ONCE = 100, /* should the clock jump */
};

/* What the view shows of the port. */
static void show(struct spanning_port *port)
{
	enum lport_state state = LPORT_FORWARDS;
	struct view_lport *draft = port->lport->draft;

	if (port->caught || (port->rstp && !port->learning))
		state = LPORT_BLOCKED;
	else if (port->rstp && !port->forwarding)
		state = LPORT_LEARNS;
	if (draft->state == state)
		return;
	draft->state = state;
	if (port->bridge->spanning)
		port->bridge->spanning->changed = true;
}

/* Hooks. */

static void send(void *owner, const struct bpdu *bpdu)
{
	const struct spanning_port *port = owner;
	uint8_t frame[BPDU_FRAME_MIN];

	if (!port->lport->n_ports)
		return;
	bpdu_encode(bpdu, protocol_source(port->bridge, port->lport->ports[0]), frame);
	protocol_send(port->bridge, port->lport->ports[0], frame, sizeof(frame));
}

static void flush(void *owner)
{
	struct spanning_port *port = owner;

	port->stale = true;
	port->bridge->spanning->changed = true;
}

static void set_state(void *owner, bool learning, bool forwarding)
{
	struct spanning_port *port = owner;

	port->learning = learning;
	port->forwarding = forwarding;
	show(port);
}

static const struct rstp_hooks hooks = {.send = send, .flush = flush, .set_state = set_state};

/* What changed is published first: then nothing can be learnt that is not true any more. */
static void publish(struct bridge *bridge)
{
	struct change *change;
	struct lport *lport;

	if (!bridge->spanning || !bridge->spanning->changed)
		return;
	bridge->spanning->changed = false;
	change = bridge_changes_begin();
	bridges_publish(change);
	HMAP_FOREACH(lport, node, &bridge->lports) {
		if (!lport->spanning || !lport->spanning->stale)
			continue;
		lport->spanning->stale = false;
		mac_table_flush_lport(bridge->macs, lport->id);
	}
	bridge_changes_end();
}

/* Frames. */

static void catch_port(struct spanning_port *port)
{
	if (!port->caught)
		log_warn(
			"port %s: blocked: a bridge is behind it (bpdu-guard); "
			"'appctl bpdu-guard/reset %s %s' lets it in again",
			port->lport->name,
			port->bridge->name,
			port->lport->name
		);
	port->caught = true;
	port->caught_ms = clock_ms();
	port->stale = true;
	show(port);
	port->bridge->spanning->changed = true;
}

static void receive(struct bridge *bridge, struct bridge_port *in, const uint8_t *frame, uint32_t n)
{
	struct lport *lport = bridge_lport_of(bridge, in);
	struct spanning_port *port = lport ? lport->spanning : NULL;
	struct bpdu bpdu;

	if (!port)
		return;
	if (port->config.guard)
		catch_port(port);
	else if (!port->rstp)
		return;
	else if (bpdu_decode(frame, n, &bpdu))
		rstp_port_count_error(port->rstp);
	else
		rstp_port_receive(port->rstp, &bpdu);
	publish(bridge);
}

static const struct protocol protocol_spanning;

/* Ports. */

static uint16_t take_number(struct spanning *spanning, uint16_t wish)
{
	unsigned n = wish;

	for (unsigned i = 1; !n || spanning->numbers[n / 64] >> n % 64 & 1; i++) {
		n = i;
		if (i > spanning_number_mask(spanning->mode))
			return 0;
	}
	spanning->numbers[n / 64] |= 1ULL << n % 64;
	return (uint16_t)n;
}

static void leave(struct spanning_port *port)
{
	struct spanning *spanning = port->bridge->spanning;

	rstp_port_free(port->rstp);
	port->rstp = NULL;
	if (port->number)
		spanning->numbers[port->number / 64] &= ~(1ULL << port->number % 64);
	port->number = 0;
	show(port);
}

static bool link_up(const struct lport *lport)
{
	for (unsigned i = 0; i < lport->n_ports; i++) {
		const struct bridge_port *port = lport->ports[i];

		if (port->peer || (port->port && port_link_up(port->port)))
			return true;
	}
	return false;
}

static bool is_usable(const struct spanning_port *port)
{
	return link_up(port->lport) && !port->caught && !port->config.down;
}

/* What was declared, with what has become of it. A link has its speed as long as it is up. */
static struct rstp_port_config rstp_config(struct spanning_port *port, bool link_up)
{
	struct rstp_port_config config = port->config.rstp;
	const struct bridge_port *first = port->lport->n_ports ? port->lport->ports[0] : NULL;

	port->link_up = config.link_up = link_up;
	config.id |= port->number;
	if (!config.cost)
		config.cost = spanning_cost(
			port->bridge->spanning->mode,
			first && first->port ? port_link_speed(first->port) : 0
		);
	port->cost = config.cost;
	return config;
}

static void configure(struct spanning_port *port)
{
	struct rstp_port_config config = rstp_config(port, is_usable(port));

	rstp_port_configure(port->rstp, &config);
}

/* Its link counts as down until the next poll: what it had to say now would be lost, since nobody sees
 * the port yet, and it would be seconds until it said so again. */
static void join(struct spanning_port *port)
{
	struct spanning *spanning = port->bridge->spanning;
	struct rstp_port_config config;

	port->number = take_number(spanning, port->config.number);
	if (!port->number)
		return;
	config = rstp_config(port, false);
	port->rstp = rstp_port_new(spanning->rstp, port, &config);
	show(port);
}

/* A bridge that takes part forwards nobody's frames of the protocol, not even between ports that do
 * not. */
static void listen(struct spanning_port *port, enum spanning_mode mode)
{
	bool listens = mode || port->config.guard;

	for (unsigned i = 0; i < port->lport->n_ports; i++)
		protocol_listen(port->bridge, port->lport->ports[i], &protocol_spanning, listens);
}

/* Configuration. */

static void apply_port(
	struct bridge *bridge,
	const struct bridge_config *whole,
	const struct bridge_lport_config *declared
)
{
	enum spanning_mode mode = whole->spanning;
	struct lport *lport = bridge_find_lport(bridge, declared->name);
	struct spanning_port_config config;
	struct spanning_port *port = lport->spanning;

	spanning_read_port(whole, declared, &config);
	if (!mode && !config.guard && !port)
		return;
	if (!port) {
		port = lport->spanning = XNEW(struct spanning_port);
		port->bridge = bridge;
		port->lport = lport;
	}
	bool check = config.check_version && !port->config.check_version;
	bool renumber = port->rstp && config.number && config.number != port->number;

	port->config = config;
	port->caught &= config.guard;
	if (port->rstp && (!config.takes_part || renumber))
		leave(port);
	if (config.takes_part && !port->rstp)
		join(port);
	else if (port->rstp)
		configure(port);
	if (port->rstp && check)
		rstp_port_check_version(port->rstp);
	show(port);
	listen(port, mode);
}

static void end_mode(struct bridge *bridge)
{
	struct lport *lport;

	HMAP_FOREACH(lport, node, &bridge->lports)
		if (lport->spanning && lport->spanning->rstp)
			leave(lport->spanning);
	rstp_free(bridge->spanning->rstp);
	bridge->spanning->rstp = NULL;
	bridge->spanning->mode = SPANNING_NONE;
}

static void apply(struct bridge *bridge, const struct bridge_config *declared)
{
	struct spanning *spanning = bridge->spanning;
	struct rstp_config config;

	if (!spanning)
		spanning = bridge->spanning = XNEW(struct spanning);
	spanning_read_bridge(declared, &config);
	spanning->config = config;
	if (spanning->mode != declared->spanning)
		end_mode(bridge);
	if (declared->spanning && !spanning->mode) {
		spanning->rstp = rstp_new(&hooks, &config);
		spanning->ticked_ms = clock_ms();
	}
	spanning->mode = declared->spanning;
	if (spanning->rstp)
		rstp_configure(spanning->rstp, &config);
	for (unsigned i = 0; i < declared->n_lports; i++)
		apply_port(bridge, declared, &declared->lports[i]);
}

static void forget_lport(struct lport *lport)
{
	if (!lport->spanning)
		return;
	if (lport->spanning->rstp)
		leave(lport->spanning);
	free(lport->spanning);
	lport->spanning = NULL;
}

static void forget_bridge(struct bridge *bridge)
{
	if (!bridge->spanning)
		return;
	end_mode(bridge);
	free(bridge->spanning);
	bridge->spanning = NULL;
}

void spanning_reset_guard(struct lport *lport)
{
	struct spanning_port *port = lport->spanning;

	if (!port || !port->caught)
		return;
	port->caught = false;
	show(port);
	if (port->rstp)
		configure(port);
	log_info("port %s: let in again", lport->name);
	publish(port->bridge);
}

/* Time. */

static void poll_port(struct spanning_port *port)
{
	bool due = port->config.guard_ms && clock_ms() - port->caught_ms >= port->config.guard_ms;

	if (port->caught && due)
		spanning_reset_guard(port->lport);
	if (port->rstp && port->link_up != is_usable(port))
		configure(port);
}

static void poll(struct bridge *bridge)
{
	struct spanning *spanning = bridge->spanning;
	struct lport *lport;

	if (!spanning)
		return;
	HMAP_FOREACH(lport, node, &bridge->lports)
		if (lport->spanning)
			poll_port(lport->spanning);
	for (unsigned i = 0; spanning->rstp && i < TICKS_AT_ONCE; i++) {
		if (clock_ms() - spanning->ticked_ms < TICK_MS)
			break;
		spanning->ticked_ms += TICK_MS;
		rstp_tick(spanning->rstp);
	}
	if (clock_ms() - spanning->ticked_ms >= TICK_MS)
		spanning->ticked_ms = clock_ms();
	publish(bridge);
}

bool spanning_tell_change(struct bridge *bridge)
{
	if (!bridge->spanning || !bridge->spanning->rstp)
		return false;
	rstp_tell_change(bridge->spanning->rstp);
	publish(bridge);
	return true;
}

static const struct protocol protocol_spanning = {
	.name = "spanning",
	.group = {{0x01, 0x80, 0xc2, 0x00, 0x00, 0x00}},
	.receive = receive,
	.apply = apply,
	.poll = poll,
	.forget_lport = forget_lport,
	.forget_bridge = forget_bridge,
};
REGISTRY_ADD(protocol, protocol_spanning);
