/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Ports: the places where packets enter and leave the datapath.
 *
 * A port is opened by name and type; the type (datapath/ports/) does the work and embeds struct
 * port first in its own. The main thread owns every port. Workers see a port only through the
 * receive and transmit queues in the plan they were handed; a closed port is freed once no worker
 * can see it any more. A port's id is its number in this datapath, in keys and programs; OpenFlow
 * numbers are the bridge's business.  */

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "lib/option.h"
#include "lib/registry.h"
#include "lib/types.h"

struct batch;
struct capture_list;
struct errbuf;
struct policing;
struct port;
struct rte_mbuf;
struct tunnel;

enum {
	PORT_IDS = 8192, /* ids are below this; 0 is never a port */
	PORT_QUEUES = 64, /* receive queues a port may have at most */
	PORT_NAME_SIZE = 64,
};

/* One receive queue, polled by one worker at a time. Types embed it when they need more. */
struct port_rxq {
	struct port *port;
	uint16_t index;
	/* A descriptor that becomes readable when packets wait, for workers that sleep; or -1. */
	int wait_fd;
	/* The worker's that polls. */
	bool ready; /* see port_type.rx_by_fd */
	bool by_edge; /* wait_fd had nothing but an error to tell, and shall not repeat it */
	bool woke; /* wait_fd was readable when the worker slept or asked; rx_wait clears */
};

struct port_stats {
	uint64_t rx_packets, rx_bytes, rx_errors, rx_dropped;
	uint64_t tx_packets, tx_bytes, tx_errors, tx_dropped;
	uint64_t tx_retries; /* a batch or the rest of it, offered once more */
};

/* What became of a port's device. */
enum port_loss {
	PORT_LOSS_NONE,
	PORT_LOSS_RESET, /* it works no more until it is opened anew */
	PORT_LOSS_REMOVED, /* it is being taken away, which waits until it is closed */
};

struct port_type {
	const char *name; /* Interface.type */
	const char *help;
	const struct option *options;
	uint16_t n_options;
	bool slow_open, slow_close; /* may take long: not on the main thread, if it can be helped */
	bool test_only; /* only with --enable-dummy */
	bool follows_mtu; /* has that of the bridge's other ports, unless another one is requested */
	bool to_host; /* leads to this host itself, behind which no other switch is expected */
	/* Asking for packets is a system call, and wait_fd is readable as long as there are some: rx
	 * is called only when it is, and again at once after a full batch. */
	bool rx_by_fd;
	bool steers; /* tx looks at port.by_flow */
	/* Frames longer than the MTU allows are kept from tx, and none that long are received. */
	bool sends_mtu, receives_mtu;

	/* Main thread. Opens the device; the returned port has type-specific things set up, and
	 * n_rxqs, mtu, mac filled. 'options' has been checked against the table. */
	struct port *(*open)(const char *name, const json_t *options, struct errbuf *err);
	/* Main thread, when no worker sees the port any more. Frees it. */
	void (*close)(struct port *port);
	/* Ends devices that an earlier daemon left for ports that are wanted no more. Returns how
	 * many. NULL: nothing outlives a daemon. */
	unsigned (*end_strays)(bool (*is_wanted)(const char *name));
	int (*set_mtu)(struct port *port, uint16_t mtu, struct errbuf *err); /* NULL: fixed */
	int (*set_mac)(struct port *port, struct mac mac, struct errbuf *err); /* NULL: fixed */
	/* Replaces our statistics by the device's own; then the bytes sent are not counted here,
	 * which saves looking at every packet. NULL: ours. */
	void (*get_stats)(const struct port *port, struct port_stats *stats);
	/* Corrects our statistics by what only the device knows. May be NULL. */
	void (*correct_stats)(const struct port *port, struct port_stats *stats);
	/* Adds counters that only this kind of device has, as integers. May be NULL. */
	void (*add_statistics)(const struct port *port, json_t *statistics);
	/* Adds driver_name and the like to Interface.status. May be NULL. */
	void (*get_status)(const struct port *port, json_t *status);
	bool (*get_link)(const struct port *port); /* NULL: up */
	uint32_t (*get_speed)(const struct port *port); /* NULL: it has none */
	enum port_loss (*get_loss)(const struct port *port); /* NULL: it is never lost */
	/* What the other end was told is its MTU, so that no less may be sent; 0, or NULL: nothing. */
	uint16_t (*get_peer_mtu)(const struct port *port);

	/* Workers. Receives up to BATCH_SIZE packets. NULL: nothing is ever received (virtual). */
	uint16_t (*rx)(struct port_rxq *rxq, struct batch *batch);
	/* Workers. Sends what it can, in order; returns how many were taken (and will be freed by
	 * the device). The caller drops the rest with a reason. 'queue' is the worker's index. */
	uint16_t (*tx)(struct port *port, uint16_t queue, struct rte_mbuf **pkts, uint16_t n);
	/* Workers. Before a worker sleeps on wait_fd it enables wake-ups, after it disables them.
	 * Returns true when packets are there already (then it does not sleep). NULL: wait_fd is
	 * readable as long as packets wait, there is nothing to do. */
	bool (*rx_wait)(struct port_rxq *rxq, bool enable);
	/* Workers. How many packets wait in the queue; negative when the device cannot tell. NULL: as
	 * if it could not. */
	int (*rx_depth)(struct port_rxq *rxq);
};

REGISTRY_DECLARE(port_type, const struct port_type);

struct port {
	/* Set at open, read by all. */
	const struct port_type *type;
	char name[PORT_NAME_SIZE];
	uint16_t id;
	uint16_t n_rxqs;
	uint16_t n_txqs; /* 0: any number of workers may send at once */
	struct policing *policing; /* main replaces, workers read; NULL: there are no limits */
	const struct capture_list *captures; /* the same; who watches (capture/take.h) */
	struct port_rxq *rxqs[PORT_QUEUES];
	uint8_t tunnel_can; /* what it does itself to packets in tunnels: OFFLOAD_CAN_… */
	bool by_flow; /* a worker with several send queues spreads flows over them; main replaces */
	const struct tunnel *tunnel; /* of a tunnel port (datapath/tunnel/), else NULL */
	/* Bytes of the longest frame it sends; 0: there are no longer ones. Main replaces. */
	uint32_t frame_most;
	/* Main writes and reads. */
	uint16_t affinity[PORT_QUEUES]; /* 1 + the core that is to poll the queue; 0: any */
	uint16_t mtu;
	struct mac mac;
	unsigned refs;
	bool leaves_plan, leaves_bridges; /* while that is being done for many at once */
	bool keep_device; /* closing leaves a device that the next daemon finds */
};

/* Main thread. */

const struct port_type *port_type_find(const char *name);

/* Opens 'name' as a port of 'type' with 'options' (borrowed, an object of strings). On failure
 * explains itself in 'err'. The port is not polled yet: plan_add_port() does that. */
struct port *
port_open(const char *name, const char *type, const json_t *options, struct errbuf *err);
/* Takes the port out of every worker's plan, waits for them, closes it. NULL is fine. */
void port_close(struct port *port);

/* The same in steps, for devices that take their time: what the main thread must do, and in between
 * (or afterwards) what another thread may do while the main thread serves others. One such step is
 * under way at a time, and no port is opened or closed on the main thread meanwhile. */

struct port_opening;

/* Checks everything that can be checked without the device. */
struct port_opening *
port_open_begin(const char *name, const char *type, const json_t *options, struct errbuf *err);
/* Any thread, once. Opens the device. */
void port_open_device(struct port_opening *opening);
/* The port, or NULL with the reason why the device could not be opened. */
struct port *port_open_end(struct port_opening *take_opening, struct errbuf *err);
/* Instead of both: it shall not be opened after all. */
void port_open_cancel(struct port_opening *take_opening);

/* The ports will be closed: before bridges let go of them, so that flows are made in this light. */
void ports_withdraw(struct port *const *ports, unsigned n);
/* Nobody sees the ports any more when this returns. */
void ports_close_begin(struct port *const *ports, unsigned n);
/* Any thread, once. Closes the device and frees the port. */
void port_close_device(struct port *port);

/* Once all wanted ports have been opened: ends the devices that an earlier daemon left for others.
 * Returns how many. */
unsigned ports_end_strays(bool (*is_wanted)(const char *name));

/* Whether these could be the port's options. */
int port_check_options(const struct port *port, const json_t *options, struct errbuf *err);
struct port *port_find(const char *name);
struct port *port_by_id(uint16_t id); /* NULL if there is none */

int port_set_mtu(struct port *port, uint16_t mtu, struct errbuf *err);
/* What get_peer_mtu() says has changed. */
void port_peer_changed(struct port *port);
int port_set_mac(struct port *port, struct mac mac, struct errbuf *err);
/* Whether a worker that may send through several queues chooses by the packets' flow, or one for all. */
int port_set_steering(struct port *port, bool by_flow, struct errbuf *err);
void port_get_stats(const struct port *port, struct port_stats *stats);
/* Adds the device's further counters to Interface.statistics. */
void port_add_statistics(const struct port *port, json_t *statistics);
/* A new object for Interface.status. */
json_t *port_status(const struct port *port);
bool port_link_up(const struct port *port);
/* Of its link, in Mbit/s; 0: nobody knows. */
uint32_t port_link_speed(const struct port *port);
enum port_loss port_get_loss(const struct port *port);
/* Calls 'visit' for each open port, by id. */
void port_foreach(void (*visit)(struct port *port, void *context), void *context);
