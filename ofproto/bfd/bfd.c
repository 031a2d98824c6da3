/* SPDX-License-Identifier: Apache-2.0 */
#include "ofproto/bfd/bfd.h"

#include <stdlib.h>
#include <string.h>

#include <uv.h>

#include "datapath/port.h"
#include "lib/epoch.h"
#include "lib/log.h"
#include "lib/mac.h"
#include "lib/xmalloc.h"
#include "ofproto/bfd/bfd_thread.h"
#include "ofproto/bridge_priv.h"
#include "ofproto/groups/groups.h"
#include "ofproto/protocol.h"
#include "ofproto/xlate/xlate.h"

LOG_TOPIC(bfd);

enum {
	PROTO_UDP = 17,
	ETH_TYPE_IP = 0x0800,
};

static unsigned n_links;
static uv_async_t *async; /* of the present thread; libuv lets go of one only some time later */
static void (*status_changed)(void);

static const struct protocol protocol_bfd;

/* On the sessions' thread. */
static void tell_main(void)
{
	uv_async_send(async);
}

/* Any thread. */

static bool is_zero(struct mac mac)
{
	static const struct mac zero;

	return !memcmp(&mac, &zero, sizeof(zero));
}

/* What is another's BFD, in the same tunnel or for another address, is traffic like any other. */
static bool is_for(struct xlate *x, const struct view_port *port)
{
	const struct key_base *base = &x->key.base;

	XLATE_LOOK(x, base.eth_type);
	if (base->eth_type != be16_from(ETH_TYPE_IP))
		return false;
	XLATE_LOOK(x, base.ip_proto);
	if (base->ip_proto != PROTO_UDP)
		return false;
	XLATE_LOOK(x, base.ip_frag);
	if (base->ip_frag)
		return false;
	XLATE_LOOK(x, base.l4_dst);
	if (base->l4_dst != be16_from(BFD_PORT))
		return false;
	if (!is_zero(port->bfd_to)) {
		XLATE_LOOK(x, base.eth_dst);
		if (memcmp(&base->eth_dst, &port->bfd_to, sizeof(port->bfd_to)))
			return false;
	}
	if (!port->bfd_key_zero)
		return true;
	XLATE_LOOK(x, base.tun_id);
	return !base->tun_id;
}

/* Main thread. */

void bridges_on_status(void (*changed)(void))
{
	status_changed = changed;
}

/* Groups that watch the port, and whoever reads the database, wait for this. */
static void on_change(uv_async_t *unused)
{
	groups_poll();
	if (status_changed)
		status_changed();
}

static void free_async(uv_handle_t *handle)
{
	free(handle);
}

static int start_thread(void)
{
	int error;

	if (n_links)
		return 0;
	async = XNEW(uv_async_t);
	uv_async_init(uv_default_loop(), async, on_change);
	uv_unref((uv_handle_t *)async);
	error = bfd_thread_start(tell_main);
	if (error)
		uv_close((uv_handle_t *)async, free_async);
	return error;
}

static void stop_thread(void)
{
	bfd_thread_stop();
	uv_close((uv_handle_t *)async, free_async);
	async = NULL;
}

static void start_link(const struct bridge *bridge, struct bridge_port *port)
{
	struct bfd_port *bfd = port->bfd;
	struct bfd_link *link;
	int error = start_thread();

	if (error) {
		log_err("cannot start the thread for BFD: %s", uv_strerror(error));
		return;
	}
	link = bfd_link_new(&bfd->settings, bridge->index, port->number);
	bfd->link = link;
	n_links++;
	bfd_thread_add(link);
	if (bfd->forced >= 0)
		bfd_thread_force(link, bfd->forced);
}

static void stop_link(struct bridge_port *port)
{
	if (!port->bfd->link)
		return;
	bfd_thread_remove(port->bfd->link);
	port->bfd->link = NULL;
	if (!--n_links)
		stop_thread();
}

static void forget_port(struct bridge_port *port)
{
	if (!port->bfd)
		return;
	stop_link(port);
	free(port->bfd);
	port->bfd = NULL;
}

/* What is to be done, with the port's own address filled in. */
static struct bfd_settings complete(
	const struct bfd_settings *settings,
	const struct bridge *bridge,
	const struct bridge_port *port
)
{
	struct bfd_settings result = *settings;

	if (is_zero(result.from) && port->port)
		result.from = port->port->mac;
	if (is_zero(result.from))
		result.from = mac_from_integer(bridge->datapath_id);
	return result;
}

static void
apply_port(struct bridge *bridge, struct bridge_port *port, const struct bfd_settings *declared)
{
	struct bfd_settings settings;

	if (!declared) {
		forget_port(port);
		protocol_listen(bridge, port, &protocol_bfd, false);
		return;
	}
	settings = complete(declared, bridge, port);
	bridge->dirty |= port->bfd_key_zero != settings.check_tunnel_key ||
		memcmp(&port->bfd_to, &settings.destination, sizeof(port->bfd_to));
	port->bfd_key_zero = settings.check_tunnel_key;
	port->bfd_to = settings.destination;
	if (!port->bfd) {
		int error = bfd_thread_prepare();

		if (error) {
			log_err("cannot watch far ends by BFD: %s", strerror(-error));
			return;
		}
		port->bfd = XNEW(struct bfd_port);
		port->bfd->forced = -1;
		port->bfd->settings = settings;
		protocol_listen(bridge, port, &protocol_bfd, true);
	}
	if (!memcmp(&settings, &port->bfd->settings, sizeof(settings)))
		return;
	if (settings.oam != port->bfd->settings.oam)
		stop_link(port);
	port->bfd->settings = settings;
	if (port->bfd->link)
		bfd_thread_set(port->bfd->link, &settings);
}

static void apply(struct bridge *bridge, const struct bridge_config *config)
{
	for (unsigned i = 0; i < config->n_lports; i++) {
		const struct bridge_lport_config *lport = &config->lports[i];

		for (unsigned j = 0; j < lport->n_ports; j++)
			apply_port(
				bridge,
				bridge_find_port(bridge, lport->ports[j].name),
				lport->ports[j].bfd
			);
	}
}

static void poll_port(const struct bridge *bridge, struct bridge_port *port)
{
	struct bfd_link *link = port->bfd->link;
	struct port_stats stats;

	if (link && link->number != port->number) {
		stop_link(port);
		link = NULL;
	}
	if (!link && port->number) {
		start_link(bridge, port);
		return;
	}
	if (!link || !port->port ||
	    !(port->bfd->settings.config.forwarding_if_rx || port->bfd->settings.config.decay_min_rx
	    ))
		return;
	port_get_stats(port->port, &stats);
	__atomic_store_n(&link->rx_packets, stats.rx_packets, __ATOMIC_RELAXED);
}

static void poll(struct bridge *bridge)
{
	struct bridge_port *port;

	HMAP_FOREACH(port, node, &bridge->ports)
		if (port->bfd)
			poll_port(bridge, port);
	if (n_links)
		bfd_thread_poll();
}

static bool is_dead(const struct bridge_port *port)
{
	const struct bfd_session *session;

	if (!port->bfd || !port->bfd->link)
		return false;
	session = epoch_load(&port->bfd->link->report);
	return session && !session->forwarding;
}

void bfd_force(struct bridge_port *port, int forced)
{
	port->bfd->forced = forced;
	if (port->bfd->link)
		bfd_thread_force(port->bfd->link, forced);
}

static const struct protocol protocol_bfd = {
	.name = "bfd",
	.is_for = is_for,
	.target = bfd_thread_target,
	.apply = apply,
	.poll = poll,
	.is_dead = is_dead,
	.forget_port = forget_port,
};
REGISTRY_ADD(protocol, protocol_bfd);
