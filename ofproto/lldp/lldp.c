/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/lldp/lldp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "datapath/port.h"
#include "lib/clock.h"
#include "lib/control/version.h"
#include "lib/mac.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/protocol.h"

enum {
	SEND_MS = 30000,
	SEND_SOON_MS = 1000, /* when somebody new is there */
	HOLD = 4, /* missing frames that neighbours bear */
};

/* Sending. */

static void send(const struct bridge *bridge, const struct bridge_port *port, uint16_t ttl)
{
	struct lldp_news news = {.ttl = ttl, .capabilities = LLDP_BRIDGE};
	struct mac chassis = mac_from_integer(bridge->datapath_id);
	uint8_t frame[LLDP_FRAME_SIZE];

	snprintf(news.port, sizeof(news.port), "%s", port->name);
	snprintf(
		news.port_description,
		sizeof(news.port_description),
		"port %s of bridge %s",
		port->name,
		bridge->name
	);
	if (gethostname(news.system, sizeof(news.system) - 1))
		news.system[0] = '\0';
	snprintf(news.description, sizeof(news.description), "weir %s", version_get());
	protocol_send(
		bridge,
		port,
		frame,
		(uint32_t)lldp_encode(&news, chassis, protocol_source(bridge, port), frame)
	);
	port->lldp->sent++;
}

/* Receiving. */

static unsigned find(const struct lldp_port *lldp, const struct lldp_news *news)
{
	for (unsigned i = 0; i < lldp->n_neighbors; i++)
		if (!strcmp(lldp->neighbors[i].news.chassis, news->chassis) &&
		    !strcmp(lldp->neighbors[i].news.port, news->port))
			return i;
	return lldp->n_neighbors;
}

static void forget(struct lldp_port *lldp, unsigned i)
{
	lldp->n_neighbors--;
	memmove(&lldp->neighbors[i],
		&lldp->neighbors[i + 1],
		(lldp->n_neighbors - i) * sizeof(lldp->neighbors[0]));
}

static void remember(struct lldp_port *lldp, const struct lldp_news *news)
{
	unsigned i = find(lldp, news);
	bool is_new = i == lldp->n_neighbors;

	if (!is_new)
		forget(lldp, i);
	if (!news->ttl || lldp->n_neighbors == LLDP_NEIGHBORS)
		return;
	memmove(&lldp->neighbors[1],
		&lldp->neighbors[0],
		lldp->n_neighbors * sizeof(lldp->neighbors[0]));
	lldp->n_neighbors++;
	lldp->neighbors[0].news = *news;
	lldp->neighbors[0].until_ms = clock_ms() + news->ttl * 1000;
	/* Who is new may have missed what was sent before it listened. */
	if (is_new && lldp->next_ms > lldp->sent_ms + SEND_SOON_MS)
		lldp->next_ms = lldp->sent_ms + SEND_SOON_MS;
}

static void
receive(struct bridge *bridge, struct bridge_port *port, const uint8_t *frame, uint32_t n)
{
	struct lldp_news news;

	if (!port->lldp)
		return;
	port->lldp->received++;
	if (lldp_decode(frame, n, &news))
		port->lldp->errors++;
	else
		remember(port->lldp, &news);
}

/* Ports. */

static void forget_port(struct bridge_port *port)
{
	free(port->lldp);
	port->lldp = NULL;
}

static const struct protocol protocol_lldp;

static void enable(struct bridge *bridge, struct bridge_port *port, bool enabled)
{
	if (enabled) {
		port->lldp = XNEW(struct lldp_port);
	} else {
		/* So that neighbours need not wait until they forget. */
		send(bridge, port, 0);
		forget_port(port);
	}
	protocol_listen(bridge, port, &protocol_lldp, enabled);
}

static void poll_port(const struct bridge *bridge, const struct bridge_port *port)
{
	struct lldp_port *lldp = port->lldp;

	for (unsigned i = lldp->n_neighbors; i-- > 0;)
		if (lldp->neighbors[i].until_ms <= clock_ms())
			forget(lldp, i);
	if (clock_ms() < lldp->next_ms || !port->number)
		return;
	lldp->sent_ms = clock_ms();
	lldp->next_ms = lldp->sent_ms + SEND_MS;
	send(bridge, port, HOLD * SEND_MS / 1000 + 1);
}

static void apply(struct bridge *bridge, const struct bridge_config *config)
{
	for (unsigned i = 0; i < config->n_lports; i++) {
		const struct bridge_lport_config *lport = &config->lports[i];

		for (unsigned j = 0; j < lport->n_ports; j++) {
			const struct bridge_port_config *declared = &lport->ports[j];
			struct bridge_port *port = bridge_find_port(bridge, declared->name);

			if (declared->lldp != !!port->lldp)
				enable(bridge, port, declared->lldp);
		}
	}
}

static void poll(struct bridge *bridge)
{
	struct bridge_port *port;

	HMAP_FOREACH(port, node, &bridge->ports)
		if (port->lldp)
			poll_port(bridge, port);
}

static const struct protocol protocol_lldp = {
	.name = "lldp",
	.group = {{0x01, 0x80, 0xc2, 0x00, 0x00, 0x0e}},
	.eth_type = LLDP_ETH_TYPE,
	.receive = receive,
	.apply = apply,
	.poll = poll,
	.add_status = lldp_add_status,
	.forget_port = forget_port,
};
REGISTRY_ADD(protocol, protocol_lldp);
