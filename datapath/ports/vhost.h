/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* vhost-user ports: what the files of the types 'dpdkvhostuserclient' and 'dpdkvhostuser' share.
 *
 * The vhost library speaks with guests on a thread of its own (the vhost thread) and calls
 * vhost_events.c. What workers need to know of a guest is one immutable object, the link, which that
 * thread publishes when the guest's driver is ready and takes back, waiting for the workers, before
 * the guest's memory goes away. A guest that has more queues than we poll makes the main thread
 * re-plan the port.  */

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>
#include <urcu/list.h>

#include "datapath/port.h"
#include "datapath/ports/unsent.h"

struct batch;
struct errbuf;
struct rte_mbuf;
struct rte_mempool;

/* A guest that is ready; immutable once published. */
struct vhost_link {
	int vid; /* the library's number of the connection */
	int socket; /* of the connection, or negative */
	uint64_t tx_enabled, rx_enabled; /* as of the port, when it was published */
	uint32_t number; /* no two links have the same */
	unsigned can; /* OFFLOAD_CAN_… of the guest */
	bool is_packed; /* what its rings are like */
	uint16_t n_tx; /* rings we may send to, none for the moment if 0 */
	uint16_t tx[PORT_QUEUES]; /* their indexes */
};

struct vhost_rxq {
	struct port_rxq rxq; /* wait_fd: an epoll that holds the kick descriptor */
	/* The worker's that polls. */
	uint32_t seen; /* the link that was polled last */
	uint32_t quiet; /* the link whose kicks are turned off */
	uint32_t fruitless; /* times the ring had packets and yet gave none; main reads */
	uint64_t errors; /* worker writes, main reads */
};

enum {
	VHOST_STUCK = 8, /* a ring that was fruitless so often makes no sense */
	VHOST_LONGEST = UINT16_MAX + 14 + 2 * 4, /* bytes of an IP packet with two tags */
};

/* A connection besides the port's that has not said anything. */
struct vhost_newcomer {
	int vid, socket;
};

enum {
	/* Of one socket: the guest's, one that comes back, and who looks whether somebody is there. */
	VHOST_CONNECTIONS = 4,
};

enum vhost_stage {
	VHOST_WAITING, /* for the other side of the socket */
	VHOST_NEGOTIATING, /* connected; the guest's driver is not ready */
	VHOST_RUNNING,
};

struct vhost_port {
	struct port port;

	/* Read for every batch, written seldom: the vhost thread publishes, workers read. */
	alignas(CACHE_LINE) struct vhost_link *link;
	struct rte_mempool *pool;
	int socket; /* of the connection, or negative */
	uint32_t messages; /* counts up before and behind each: while it is odd, rings are locked */
	uint64_t message_since; /* cycle count; the vhost thread writes, main reads */
	uint64_t shunned_until; /* cycle count; 0: never. Workers write, see vhost_wary.h */

	/* Workers write, all read: see vhost_wary.h. */
	alignas(CACHE_LINE) uint32_t lookers; /* workers that read rings without their locks */
	uint32_t given_up; /* the message that was waited for in vain */
	uint16_t kept; /* how often it kept a worker, in points … */
	uint64_t kept_since; /* … from then on; cycle count */

	struct unsent unsent;

	/* Main writes at open, all read. */
	alignas(CACHE_LINE) char path[108];
	bool is_client;
	struct cds_list_head node; /* of all vhost ports; changed under a grace period */

	/* See vhost_leave.h. */
	struct cds_list_head leaving; /* of who opens and closes ports */
	bool is_leaving; /* the same writes, the vhost thread reads: nobody may connect any more */
	bool has_left; /* port-leaves writes, the same reads: the library knows nothing of it any more */

	/* The vhost thread writes, main reads. */
	uint32_t stage; /* enum vhost_stage */
	int vid;
	uint32_t connections; /* so far */
	/* There are now, while the library has not begun to take them down. All the library's threads count. */
	uint32_t n_connections;
	uint16_t n_wanted; /* receive queues to poll */
	uint16_t told_mtu; /* the guest was told it has (host_mtu of QEMU); 0: none */
	bool refused; /* for the sake of its memory */

	/* The vhost thread's. */
	uint64_t tx_enabled, rx_enabled; /* rings, by queue */
	uint64_t placed[2]; /* those whose place is known, by direction and queue */
	int kicks[PORT_QUEUES]; /* descriptors in the receive queues' epolls, or -1 */
	struct vhost_newcomer newcomers[VHOST_CONNECTIONS]; /* vid -1: no more */
	int speaks, speaks_on; /* whose message is at hand, and its socket */
	bool answer_wanted; /* to that … */
	bool fails; /* … which is refused: a worker is not out of the rings */

	struct vhost_rxq rxqs[PORT_QUEUES];
};

static_assert(
	offsetof(struct vhost_port, lookers) == offsetof(struct vhost_port, link) + CACHE_LINE &&
		offsetof(struct vhost_port, unsent) ==
			offsetof(struct vhost_port, lookers) + CACHE_LINE,
	"vhost_port: what is read for every batch shares its line"
);

static inline struct vhost_port *vhost_of(struct port *port)
{
	return container_of(port, struct vhost_port, port);
}

static inline const struct vhost_port *vhost_const(const struct port *port)
{
	return container_of(port, const struct vhost_port, port);
}

/* Main thread. */

/* A port on the socket 'path'; 'is_client': the guest's side (QEMU) makes the socket. */
struct port *vhost_open(const char *name, const char *path, bool is_client, struct errbuf *err);
void vhost_close(struct port *port);
int vhost_set_mtu(struct port *port, uint16_t mtu, struct errbuf *err);
int vhost_set_mac(struct port *port, struct mac mac, struct errbuf *err);
void vhost_get_status(const struct port *port, json_t *status);
bool vhost_get_link(const struct port *port);
uint16_t vhost_get_peer_mtu(const struct port *port);
void vhost_correct_stats(const struct port *port, struct port_stats *stats);
/* Registers the socket with the library and begins to serve it; vhost_leave() ends that. */
int vhost_events_start(struct vhost_port *vhost);
void vhost_queues_init(void);

/* The vhost thread. */

/* Publishes what workers may do with the guest now. */
void vhost_link_publish(struct vhost_port *vhost, int vid);
/* Workers forget the guest. */
void vhost_link_withdraw(struct vhost_port *vhost);
/* Has the library tell us of the connection's messages. */
void vhost_messages_watch(int vid);
/* Whether it is what workers have. */
static inline bool vhost_serves(const struct vhost_port *vhost, int vid)
{
	return vhost->link && vhost->link->vid == vid;
}

static inline void vhost_set_stage(struct vhost_port *vhost, enum vhost_stage stage)
{
	__atomic_store_n(&vhost->stage, stage, __ATOMIC_RELEASE);
}

/* Has as many receive queues polled as the guest has. */
void vhost_queues_want(struct vhost_port *vhost);
/* The guest was told that it has this MTU. */
void vhost_queues_tell_mtu(struct vhost_port *vhost, uint16_t mtu);

/* Workers. */

/* Ring numbers: the even ones are what the guest receives from. */
static inline uint16_t vhost_ring_to_guest(uint16_t queue)
{
	return queue * 2;
}

static inline uint16_t vhost_ring_from_guest(uint16_t queue)
{
	return queue * 2 + 1;
}

uint16_t vhost_rx(struct port_rxq *rxq, struct batch *batch);
uint16_t vhost_tx(struct port *port, uint16_t queue, struct rte_mbuf **pkts, uint16_t n);
bool vhost_rx_wait(struct port_rxq *rxq, bool enable);
int vhost_rx_depth(struct port_rxq *rxq);
