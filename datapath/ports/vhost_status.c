/* SPDX-License-Identifier: Apache-2.0 */

/* What Interface.status tells of a guest: how far it has come, and what it waits for.  */

#include <stdio.h>

#include <jansson.h>
#include <rte_vhost.h>

#include "datapath/ports/vhost.h"
#include "datapath/ports/vhost_memory.h"
#include "datapath/ports/vhost_socket.h"
#include "datapath/ports/vhost_wary.h"
#include "lib/errbuf.h"

/* Guests write their rings, and may write nonsense. */
static bool is_stuck(const struct vhost_port *vhost)
{
	for (uint16_t i = 0; i < vhost->port.n_rxqs; i++)
		if (__atomic_load_n(&vhost->rxqs[i].fruitless, __ATOMIC_RELAXED) == VHOST_STUCK)
			return true;
	return false;
}

static void add_rings(int vid, json_t *status)
{
	uint16_t n = rte_vhost_get_vring_num(vid);
	char key[32], value[24];

	snprintf(value, sizeof(value), "%u", n);
	json_object_set_new(status, "num_of_vrings", json_string(value));
	for (uint16_t i = 0; i < n; i++) {
		struct rte_vhost_vring ring;

		if (rte_vhost_get_vhost_vring(vid, i, &ring))
			continue;
		snprintf(key, sizeof(key), "vring_%u_size", i);
		snprintf(value, sizeof(value), "%u", ring.size);
		json_object_set_new(status, key, json_string(value));
	}
}

static const char *describe_running(const struct vhost_port *vhost)
{
	if (vhost_wary_is_shunned(vhost))
		return "the guest's side kept workers waiting: nothing is exchanged with it for 10 s";
	if (is_stuck(vhost))
		return "the guest's driver is ready, but its ring is stuck: it makes no sense";
	return "the guest's driver is ready";
}

/* Where it stands. */
static const char *describe_handshake(const struct vhost_port *vhost, uint32_t stage)
{
	if (vhost_wary_is_held_up(vhost))
		return "the guest's side keeps the switch in the middle of a message: nothing is "
		       "exchanged with it until that ends, and no other guest is heard";
	if (stage == VHOST_RUNNING && vhost->vid >= 0 && vhost_memory_is_lost(vhost->vid))
		return "the guest's memory was taken away: it must connect again";
	if (__atomic_load_n(&vhost->refused, __ATOMIC_RELAXED))
		return "refused: the guest's memory or interrupts are files that a process or another "
		       "machine serves; use memfd, hugetlbfs or tmpfs, and eventfds";
	if (stage == VHOST_RUNNING)
		return describe_running(vhost);
	if (stage == VHOST_NEGOTIATING)
		return "connected; the guest's driver is not ready yet";
	return vhost->is_client ? "waiting for QEMU (or whoever serves guests) to listen there"
				: "listening; nobody has connected";
}

/* What somebody must mend before the guest's side can be reached. */
static void add_obstacle(const struct vhost_port *vhost, json_t *status)
{
	struct errbuf err;

	errbuf_init(&err);
	if (!vhost_socket_check(vhost->path, &err))
		return;
	json_object_set_new(
		status, "config_error", json_sprintf("port %s: %s", vhost->port.name, err.text)
	);
	json_object_set_new(status, "handshake", json_sprintf("waiting: %s", err.text));
}

void vhost_get_status(const struct port *port, json_t *status)
{
	const struct vhost_port *vhost = vhost_const(port);
	uint32_t stage = __atomic_load_n(&vhost->stage, __ATOMIC_ACQUIRE);
	int vid = vhost->vid;
	uint64_t features = 0;
	char text[24];

	json_object_set_new(status, "mode", json_string(vhost->is_client ? "client" : "server"));
	json_object_set_new(status, "socket", json_string(vhost->path));
	json_object_set_new(
		status, "status", json_string(stage == VHOST_RUNNING ? "connected" : "disconnected")
	);
	json_object_set_new(status, "handshake", json_string(describe_handshake(vhost, stage)));
	snprintf(text, sizeof(text), "%u", vhost->connections);
	json_object_set_new(status, "connections", json_string(text));
	if (stage == VHOST_WAITING && vhost->is_client)
		add_obstacle(vhost, status);
	if (stage == VHOST_WAITING || vid < 0)
		return;
	rte_vhost_get_negotiated_features(vid, &features);
	snprintf(text, sizeof(text), "0x%016llx", (unsigned long long)features);
	json_object_set_new(status, "features", json_string(text));
	if (stage == VHOST_RUNNING)
		add_rings(vid, status);
}
