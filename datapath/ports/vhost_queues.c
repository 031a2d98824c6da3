/* SPDX-License-Identifier: Apache-2.0 */

/* How many queues of a guest are polled, and how long its frames may be: the vhost thread learns that,
 * the main thread plans.  */

#include <uv.h>

#include "datapath/ports/vhost.h"
#include "datapath/worker_priv.h"

static uv_async_t replan;
static bool is_ready;

static void replan_port(struct port *port, void *context)
{
	int worker;

	if (port->type->rx != vhost_rx)
		return;
	port_peer_changed(port);
	uint16_t n = __atomic_load_n(&vhost_of(port)->n_wanted, __ATOMIC_ACQUIRE);

	if (n == port->n_rxqs)
		return;
	bool is_polled = plan_find_load(port->rxqs[0], &worker);

	if (is_polled)
		plan_del_port(port);
	port->n_rxqs = n;
	if (is_polled)
		plan_add_port(port);
}

static void replan_ports(uv_async_t *async)
{
	port_foreach(replan_port, NULL);
}

void vhost_queues_init(void)
{
	if (is_ready)
		return;
	uv_async_init(uv_default_loop(), &replan, replan_ports);
	uv_unref((uv_handle_t *)&replan);
	is_ready = true;
}

/* As many as the guest has, and never none. */
void vhost_queues_want(struct vhost_port *vhost)
{
	unsigned n = vhost->rx_enabled ? 64 - (unsigned)__builtin_clzll(vhost->rx_enabled) : 1;

	if (vhost->n_wanted == n)
		return;
	__atomic_store_n(&vhost->n_wanted, n, __ATOMIC_RELEASE);
	uv_async_send(&replan);
}

void vhost_queues_tell_mtu(struct vhost_port *vhost, uint16_t mtu)
{
	if (vhost->told_mtu == mtu)
		return;
	__atomic_store_n(&vhost->told_mtu, mtu, __ATOMIC_RELEASE);
	uv_async_send(&replan);
}

uint16_t vhost_get_peer_mtu(const struct port *port)
{
	return __atomic_load_n(&vhost_const(port)->told_mtu, __ATOMIC_ACQUIRE);
}
