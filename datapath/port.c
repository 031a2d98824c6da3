/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/port.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ether.h>

#include "datapath/capture/capture.h"
#include "datapath/drop.h"
#include "datapath/meter/policing.h"
#include "datapath/miss_priv.h"
#include "datapath/pages.h"
#include "datapath/port_priv.h"
#include "datapath/tunnel/map.h"
#include "lib/epoch.h"
#include "lib/errbuf.h"
#include "lib/near.h"
#include "lib/xmalloc.h"

struct port *ports_by_id[PORT_IDS];

unsigned ports_leaving;

static struct port_counters *counters[WORKERS_MAX];
static struct port_counters *bases; /* what an id had counted when its port was opened */
static bool dummy_enabled;

enum {
	IDS_RESTING =
		256, /* so many more ids are freed before one is used again, if there are others */
	/* What a frame is longer than its MTU, with a tag. */
	FRAME_OVERHEAD = RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN,
};

static unsigned n_of_any_length; /* open ports that receive frames, or make them, of any length */

/* Ids that were used and are free, oldest first; those from 'unused' on never were. What is kept by
 * id then takes no more memory than the most ports there have been. */
static struct {
	uint16_t freed[PORT_IDS];
	uint16_t first, n;
	uint16_t unused;
} ids = {.unused = 1};

void ports_init(bool enable_dummy)
{
	dummy_enabled = enable_dummy;
	if (!bases)
		bases = pages_map(PORT_IDS * sizeof(*bases), false);
}

struct port_counters *ports_counters(unsigned worker)
{
	if (!counters[worker])
		counters[worker] = pages_map(PORT_IDS * sizeof(struct port_counters), false);
	return counters[worker];
}

static void sum_counters(uint16_t id, struct port_counters *sum)
{
	*sum = (struct port_counters){0};
	for (unsigned i = 0; i < WORKERS_MAX; i++) {
		const struct port_counters *one = counters[i] ? &counters[i][id] : NULL;

		if (!one)
			continue;
		sum->rx_packets += __atomic_load_n(&one->rx_packets, __ATOMIC_RELAXED);
		sum->rx_bytes += __atomic_load_n(&one->rx_bytes, __ATOMIC_RELAXED);
		sum->tx_packets += __atomic_load_n(&one->tx_packets, __ATOMIC_RELAXED);
		sum->tx_bytes += __atomic_load_n(&one->tx_bytes, __ATOMIC_RELAXED);
		sum->tx_dropped += __atomic_load_n(&one->tx_dropped, __ATOMIC_RELAXED);
		sum->tx_retries += __atomic_load_n(&one->tx_retries, __ATOMIC_RELAXED);
	}
}

/* One that was just freed is not used again soon. Returns 0 when all are taken. */
static uint16_t take_id(void)
{
	if (ids.n <= IDS_RESTING && ids.unused < PORT_IDS)
		return ids.unused++;
	if (!ids.n)
		return 0;
	uint16_t id = ids.freed[ids.first];

	ids.first = (ids.first + 1) % PORT_IDS;
	ids.n--;
	return id;
}

static void give_id_back(uint16_t id)
{
	ids.freed[(ids.first + ids.n++) % PORT_IDS] = id;
}

const struct port_type *port_type_find(const char *name)
{
	REGISTRY_FOREACH(port_type, type)
		if (!strcmp(type->name, name) && (!type->test_only || dummy_enabled))
			return type;
	return NULL;
}

static int unknown_type(const char *name, const char *type, struct errbuf *err)
{
	struct near near;

	near_init(&near, type);
	REGISTRY_FOREACH(port_type, known)
		if (!known->test_only || dummy_enabled)
			near_add(&near, known->name);
	return near_refuse(
		&near,
		err,
		-EAFNOSUPPORT,
		"port %s: there is no port type '%s' (Open_vSwitch.iface_types lists them)",
		name,
		type
	);
}

struct port_opening {
	const struct port_type *type;
	char name[PORT_NAME_SIZE];
	json_t *options;
	uint16_t id;
	struct port *port;
	struct errbuf err;
};

static int check_options(
	const struct port_type *type, const char *name, const json_t *options, struct errbuf *err
)
{
	char what[PORT_NAME_SIZE + 8];

	snprintf(what, sizeof(what), "port %s", name);
	return option_check(type->options, type->n_options, options, what, err);
}

int port_check_options(const struct port *port, const json_t *options, struct errbuf *err)
{
	return check_options(port->type, port->name, options, err);
}

/* Whether there may be a port like that. */
static int check_port(
	const struct port_type *type,
	const char *name,
	const char *type_name,
	const json_t *options,
	struct errbuf *err
)
{
	if (!type)
		return unknown_type(name, type_name, err);
	if (!name[0] || strlen(name) >= PORT_NAME_SIZE)
		return errbuf_set(
			err,
			-EINVAL,
			"port '%.20s…': a name has 1 to %d bytes",
			name,
			PORT_NAME_SIZE - 1
		);
	if (port_find(name))
		return errbuf_set(err, -EEXIST, "port %s: there is one of that name already", name);
	return check_options(type, name, options, err);
}

struct port_opening *
port_open_begin(const char *name, const char *type_name, const json_t *options, struct errbuf *err)
{
	const struct port_type *type = port_type_find(type_name);

	if (check_port(type, name, type_name, options, err))
		return NULL;
	struct port_opening *opening = XNEW(struct port_opening);

	opening->type = type;
	/* The caller's may change while the device is being opened. */
	opening->options = json_deep_copy(options);
	snprintf(opening->name, sizeof(opening->name), "%s", name);
	return opening;
}

void port_open_device(struct port_opening *opening)
{
	errbuf_init(&opening->err);
	opening->port = opening->type->open(opening->name, opening->options, &opening->err);
}

void port_open_cancel(struct port_opening *take_opening)
{
	json_decref(take_opening->options);
	free(take_opening);
}

/* Lengths need be looked at only where some frame may be too long: 'longest' is the MTU of any. */
static void set_limit(struct port *port, uint16_t longest)
{
	uint16_t mtu = port->type->get_peer_mtu ? port->type->get_peer_mtu(port) : 0;

	if (mtu < port->mtu)
		mtu = port->mtu;
	bool needed = port->type->sends_mtu && mtu < longest;
	uint32_t most = needed ? mtu + FRAME_OVERHEAD : 0;

	__atomic_store_n(&port->frame_most, most, __ATOMIC_RELAXED);
}

static void set_limits(void)
{
	uint16_t longest = n_of_any_length ? UINT16_MAX : 0;

	for (unsigned id = 0; id < PORT_IDS && !n_of_any_length; id++)
		if (ports_by_id[id] && ports_by_id[id]->mtu > longest)
			longest = ports_by_id[id]->mtu;
	for (unsigned id = 0; id < PORT_IDS; id++)
		if (ports_by_id[id])
			set_limit(ports_by_id[id], longest);
}

/* The port has come, or its MTU has changed. */
static void update_limits(struct port *port)
{
	if (n_of_any_length)
		set_limit(port, UINT16_MAX);
	else
		set_limits();
}

void port_peer_changed(struct port *port)
{
	update_limits(port);
}

/* Headers that a tunnel adds make frames longer than any device has them. */
static bool is_of_any_length(const struct port *port)
{
	return port->tunnel || (port->type->rx && !port->type->receives_mtu);
}

static struct port *
register_port(struct port *port, const struct port_opening *opening, uint16_t id)
{
	port->type = opening->type;
	snprintf(port->name, sizeof(port->name), "%s", opening->name);
	port->id = id;
	drops_reset_port(id);
	sum_counters(id, &bases[id]);
	misses_add_port(id);
	captures_add_port(port);
	epoch_store(&ports_by_id[id], port);
	if (is_of_any_length(port) && !n_of_any_length++)
		set_limits();
	else
		update_limits(port);
	if (port->tunnel)
		tunnels_add(port);
	return port;
}

struct port *port_open_end(struct port_opening *take_opening, struct errbuf *err)
{
	struct port_opening *opening = take_opening;
	struct port *port = opening->port;
	uint16_t id = port ? take_id() : 0;

	if (port && id) {
		register_port(port, opening, id);
	} else if (port) {
		opening->type->close(port);
		port = NULL;
		errbuf_set(
			err,
			-ENOSPC,
			"port %s: all %d port ids are in use",
			opening->name,
			PORT_IDS - 1
		);
	} else if (err) {
		*err = opening->err;
	}
	port_open_cancel(opening);
	return port;
}

struct port *
port_open(const char *name, const char *type_name, const json_t *options, struct errbuf *err)
{
	struct port_opening *opening = port_open_begin(name, type_name, options, err);

	if (!opening)
		return NULL;
	port_open_device(opening);
	return port_open_end(opening, err);
}

void ports_withdraw(struct port *const *ports, unsigned n)
{
	tunnels_withdraw(ports, n);
}

void ports_close_begin(struct port *const *ports, unsigned n)
{
	if (!n)
		return;
	for (unsigned i = 0; i < n; i++)
		if (ports[i]->tunnel)
			tunnels_del(ports[i]);
	plan_del_ports(ports, n);
	for (unsigned i = 0; i < n; i++)
		epoch_store(&ports_by_id[ports[i]->id], NULL);
	/* After this no worker sends to them any more. */
	epoch_wait();
	for (unsigned i = 0; i < n; i++) {
		captures_del_port(ports[i]);
		misses_del_port(ports[i]->id);
		give_id_back(ports[i]->id);
		n_of_any_length -= is_of_any_length(ports[i]);
	}
	if (!n_of_any_length)
		set_limits();
}

void port_close_device(struct port *port)
{
	policing_free(port->policing);
	port->type->close(port);
}

void port_close(struct port *port)
{
	if (!port)
		return;
	ports_close_begin(&port, 1);
	port_close_device(port);
}

void ports_close_all(void)
{
	for (unsigned id = 0; id < PORT_IDS; id++)
		port_close(ports_by_id[id]);
}

unsigned ports_end_strays(bool (*is_wanted)(const char *name))
{
	unsigned n = 0;

	REGISTRY_FOREACH(port_type, type)
		if (type->end_strays)
			n += type->end_strays(is_wanted);
	return n;
}

struct port *port_find(const char *name)
{
	for (unsigned id = 0; id < PORT_IDS; id++)
		if (ports_by_id[id] && !strcmp(ports_by_id[id]->name, name))
			return ports_by_id[id];
	return NULL;
}

struct port *port_by_id(uint16_t id)
{
	return id < PORT_IDS ? ports_by_id[id] : NULL;
}

void port_foreach(void (*visit)(struct port *port, void *context), void *context)
{
	for (unsigned id = 0; id < PORT_IDS; id++) {
		/* A device that is being opened asks on another thread than the one that closes. */
		struct port *port = epoch_load(&ports_by_id[id]);

		if (port)
			visit(port, context);
	}
}

int port_set_steering(struct port *port, bool by_flow, struct errbuf *err)
{
	if (by_flow && !port->type->steers)
		return errbuf_set(
			err,
			-EOPNOTSUPP,
			"port %s: tx-steering=hash is for guests with several queues (vhost-user); with "
			"type %s each worker sends through a queue of its own",
			port->name,
			port->type->name
		);
	__atomic_store_n(&port->by_flow, by_flow, __ATOMIC_RELAXED);
	return 0;
}

int port_set_mtu(struct port *port, uint16_t mtu, struct errbuf *err)
{
	if (port->mtu == mtu)
		return 0;
	if (!port->type->set_mtu)
		return errbuf_set(
			err,
			-EOPNOTSUPP,
			"port %s: the MTU of a %s port is fixed at %u",
			port->name,
			port->type->name,
			port->mtu
		);
	int error = port->type->set_mtu(port, mtu, err);

	if (error)
		return error;
	port->mtu = mtu;
	update_limits(port);
	return 0;
}

int port_set_mac(struct port *port, struct mac mac, struct errbuf *err)
{
	if (!memcmp(&port->mac, &mac, sizeof(mac)))
		return 0;
	if (!port->type->set_mac)
		return errbuf_set(
			err,
			-EOPNOTSUPP,
			"port %s: the MAC address of a %s port is fixed",
			port->name,
			port->type->name
		);
	int error = port->type->set_mac(port, mac, err);

	if (!error)
		port->mac = mac;
	return error;
}

void port_get_stats(const struct port *port, struct port_stats *stats)
{
	const struct port_counters *base = &bases[port->id];
	struct port_counters sum;

	*stats = (struct port_stats){0};
	sum_counters(port->id, &sum);
	stats->rx_packets = sum.rx_packets - base->rx_packets;
	stats->rx_bytes = sum.rx_bytes - base->rx_bytes;
	stats->tx_packets = sum.tx_packets - base->tx_packets;
	stats->tx_bytes = sum.tx_bytes - base->tx_bytes;
	stats->tx_dropped = sum.tx_dropped - base->tx_dropped;
	stats->tx_retries = sum.tx_retries - base->tx_retries;
	if (port->type->get_stats)
		port->type->get_stats(port, stats);
	if (port->type->correct_stats)
		port->type->correct_stats(port, stats);
	stats->rx_dropped += policing_count(port);
}

void port_add_statistics(const struct port *port, json_t *statistics)
{
	if (port->type->add_statistics)
		port->type->add_statistics(port, statistics);
}

json_t *port_status(const struct port *port)
{
	json_t *status = json_object();

	if (port->type->get_status)
		port->type->get_status(port, status);
	return status;
}

bool port_link_up(const struct port *port)
{
	return !port->type->get_link || port->type->get_link(port);
}

uint32_t port_link_speed(const struct port *port)
{
	return port->type->get_speed ? port->type->get_speed(port) : 0;
}

enum port_loss port_get_loss(const struct port *port)
{
	return port->type->get_loss ? port->type->get_loss(port) : PORT_LOSS_NONE;
}
