/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/conn/port_status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datapath/port.h"
#include "lib/xmalloc.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/conn/async.h"
#include "ofproto/conn/conn.h"
#include "ofproto/wire/messages.h"

enum {
	ADDED,
	DELETED,
	MODIFIED
};

enum {
	STATE_DOWN = 1, /* no link */
	STATE_LIVE = 4,
	PROPERTY_ETHERNET = 0,
	RATE_OTHER = 1 << 10,
	RATES_10 = 0x7f, /* those that OpenFlow 1.0 has */
	KBPS_PER_MBPS = 1000,
};

/* What was said about a port. */
struct told_port {
	uint32_t number, config;
	bool up;
	struct mac mac;
	char name[VIEW_NAME_SIZE];
};

struct told_ports {
	unsigned n;
	struct told_port ports[]; /* by number */
};

/* The bit for a link of so many Mbit/s. */
static uint32_t rate_of(uint32_t mbps, uint8_t version)
{
	static const struct {
		uint32_t mbps, bit;
	} rates[] = {
		{10, 1 << 1},
		{100, 1 << 3},
		{1000, 1 << 5},
		{10000, 1 << 6},
		{40000, 1 << 7},
		{100000, 1 << 8},
		{1000000, 1 << 9},
	};
	uint32_t bit = mbps ? RATE_OTHER : 0;

	for (unsigned i = 0; i < ARRAY_LENGTH(rates); i++)
		if (rates[i].mbps == mbps)
			bit = rates[i].bit;
	return version == OF10 ? bit & RATES_10 : bit;
}

/* How fast the link is, of which OpenFlow 1.4 has made a property. What a device could do besides, it
 * does not tell us. */
static void
set_speed(struct of_port *port, uint32_t mbps, uint8_t version, struct wire_out *properties)
{
	port->curr = rate_of(mbps, version);
	port->curr_speed = port->max_speed = mbps * KBPS_PER_MBPS;
	if (version < OF14)
		return;
	wire_out_init(properties, version);
	wire_put_u16(properties, PROPERTY_ETHERNET);
	wire_put_u16(properties, 32);
	wire_put_zeros(properties, 4);
	wire_put_u32(properties, port->curr);
	wire_put_zeros(properties, 12); /* advertised, supported, the peer's */
	wire_put_u32(properties, port->curr_speed);
	wire_put_u32(properties, port->max_speed);
	port->properties = (struct wire_bytes){
		.data = properties->data,
		.n = (uint32_t)properties->n,
		.version = version,
	};
}

static uint32_t speed_of(const struct view_port *view)
{
	const struct port *device = view && view->id ? port_by_id(view->id) : NULL;

	return device ? port_link_speed(device) : 0;
}

static void fill(struct of_port *port, const struct told_port *told, uint8_t version)
{
	*port = (struct of_port){
		.port_no = told->number,
		.hw_addr = told->mac,
		.config = told->config,
		.state = told->up ? 0 : STATE_DOWN,
	};
	snprintf(port->name, sizeof(port->name), "%.15s", told->name);
	if (told->up && version != OF10)
		port->state |= STATE_LIVE;
}

static struct told_port look_at(const struct view_port *view)
{
	const struct port *device = view->id ? port_by_id(view->id) : NULL;
	struct told_port now;

	/* Compared as bytes. */
	memset(&now, 0, sizeof(now));
	now.number = view->number;
	now.config = view->config;
	now.up = (!device || port_link_up(device)) && !(view->config & PORT_CONFIG_DOWN);
	if (device)
		now.mac = device->mac;
	snprintf(now.name, sizeof(now.name), "%s", view->name);
	return now;
}

void port_put(const struct view_port *view, struct wire_out *out)
{
	const struct told_port now = look_at(view);
	struct wire_out properties = {.data = NULL};
	struct of_port port;

	fill(&port, &now, out->version);
	set_speed(&port, speed_of(view), out->version, &properties);
	of_port_encode(out, &port);
	wire_out_fini(&properties);
}

static void tell(struct bridge *bridge, unsigned reason, const struct told_port *told)
{
	const struct view_port *view =
		bridge->view ? view_find_port(bridge->view, told->number) : NULL;
	struct conn *conn;

	cds_list_for_each_entry(conn, &bridge->conns, in_bridge) {
		struct of_port_status status = {.reason = (uint8_t)reason};
		struct wire_out properties = {.data = NULL};

		if (!async_wants(conn, ASYNC_PORT_STATUS, reason))
			continue;
		fill(&status.desc, told, conn->version);
		set_speed(&status.desc, speed_of(view), conn->version, &properties);
		async_send(conn, &of_port_status_type, &status);
		wire_out_fini(&properties);
	}
}

static void
compare(struct bridge *bridge, const struct told_ports *old, const struct told_ports *new)
{
	unsigned i = 0, j = 0;

	while (i < old->n || j < new->n) {
		const struct told_port *was = i < old->n ? &old->ports[i] : NULL;
		const struct told_port *is = j < new->n ? &new->ports[j] : NULL;

		if (!is || (was && was->number < is->number)) {
			tell(bridge, DELETED, was);
			i++;
		} else if (!was || is->number < was->number) {
			tell(bridge, ADDED, is);
			j++;
		} else {
			if (strcmp(was->name, is->name)) {
				tell(bridge, DELETED, was);
				tell(bridge, ADDED, is);
			} else if (memcmp(was, is, sizeof(*is))) {
				tell(bridge, MODIFIED, is);
			}
			i++;
			j++;
		}
	}
}

void port_status_check(struct bridge *bridge)
{
	const struct view_bridge *view = bridge->view;
	static struct told_ports nothing;
	struct told_ports *old = bridge->told_ports ? bridge->told_ports : &nothing;
	unsigned n = view ? view->n_ports : 0;
	struct told_ports *new = xcalloc(1, sizeof(*new) + n * sizeof(new->ports[0]));

	for (unsigned i = 0; i < n; i++)
		new->ports[new->n++] = look_at(view->ports[i]);
	bridge->told_ports = new;
	compare(bridge, old, new);
	if (old != &nothing)
		free(old);
}

void port_status_forget(struct bridge *bridge)
{
	free(bridge->told_ports);
	bridge->told_ports = NULL;
}
