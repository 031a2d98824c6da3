/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* DPDK's Ethernet devices: what the files of the port type 'dpdk' share. dpdk.c is the type,
 * ethdev_attach.c finds devices and lets go of them, ethdev_explain.c says why not, ethdev_setup.c and ethdev_apply.c configure,
 * ethdev_wait.c lets workers sleep until a device interrupts, ethdev_events.c hears what becomes of
 * devices, ethdev_send.c does what a device
 * cannot do by itself, ethdev_status.c reports.  */

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "datapath/port.h"

struct devargs;
struct errbuf;
struct rte_device;
struct rte_eth_dev_info;
struct rte_mbuf;
struct rte_mempool;

struct ethdev_rxq {
	struct port_rxq rxq; /* wait_fd: an epoll that holds the interrupt's descriptor */
	uint16_t ethdev_id;
	bool paused; /* main writes, the worker reads: as struct ethdev's */
	bool armed; /* the worker's that polls: the next packet interrupts */
};

struct ethdev {
	struct port port;

	/* Set at open, read by workers. */
	alignas(CACHE_LINE) uint16_t ethdev_id; /* DPDK's port number */
	bool single_segment; /* cannot send chains */
	bool paused; /* main writes: being configured, workers keep off */
	uint8_t can; /* OFFLOAD_CAN_…, of packets that are in no tunnel */
	uint64_t tx_offloads; /* enabled ones, RTE_ETH_TX_OFFLOAD_… */

	/* Main's. */
	alignas(CACHE_LINE) char *devargs;
	bool was_probed; /* by us: unplugged on close */
	bool is_virtual; /* DPDK makes it up */
	bool leaves_tunnels; /* what is to be done in tunnels is not left to the device */
	bool wants_interrupts; /* while workers sleep; false once the device turned out to have none */
	uint16_t n_rxq_desc, n_txq_desc;
	uint32_t n_replayed; /* packets a capture file keeps in the pool */
	struct rte_mempool *pool;
	uint32_t n_reserved; /* of the pool */
	uint64_t tx_unsendable; /* workers write, main reads */
	enum port_loss loss; /* DPDK's interrupt thread writes, main reads */
	struct ethdev_rxq rxqs[PORT_QUEUES];
};

/* Main thread. */

/* Finds the device, plugging it in if need be, and sets ethdev_id. */
int ethdev_attach(struct ethdev *dev, const char *name, struct errbuf *err);
void ethdev_detach(struct ethdev *dev);
/* Lets go of a card with all that it is: no port uses any of it. Returns 0 or -errno. */
int ethdev_unplug(struct rte_device *device);
/* Why plugging it in failed with 'error', and why it is not among what was plugged in; 'was_there':
 * the card had been before. */
int ethdev_explain_probe(
	const char *name, const struct devargs *devargs, int error, struct errbuf *err
);
int ethdev_explain_missing(
	const char *name, const struct devargs *devargs, bool was_there, struct errbuf *err
);
/* virtio-user would start without the memory it needs, and say nothing of it. */
int ethdev_check_sharing(const struct ethdev *dev, const char *name, struct errbuf *err);
/* Begins and ends to hear what becomes of the device. It has been found. */
void ethdev_listen(struct ethdev *dev);
void ethdev_unlisten(struct ethdev *dev);
/* The number of packets the capture file of net_pcap devargs keeps in memory; 0 if it does not.
 * Every receive queue keeps its own. */
uint32_t ethdev_count_replayed(const char *devargs);

/* Configures queues and memory for port.mtu and starts the device. 'n_rxqs' are wanted. */
int ethdev_start(struct ethdev *dev, const char *name, uint16_t n_rxqs, struct errbuf *err);
/* Sets up a receive queue with the device's pool. */
int ethdev_setup_rxq(struct ethdev *dev, uint16_t queue, int socket);
/* Stops it; when this returns, DPDK's other threads have forgotten it. */
void ethdev_stop(struct ethdev *dev);
/* From its offloads: what packets may be left to it as they are. */
void ethdev_set_abilities(struct ethdev *dev);
/* Applies the options that are settings of a running device: flow control, a function's address. */
int ethdev_apply(struct ethdev *dev, const char *name, const json_t *map, struct errbuf *err);
int ethdev_set_mac(struct ethdev *dev, struct mac mac);
/* Decides, by the options, whether interrupts are to be had. */
void ethdev_want_interrupts(struct ethdev *dev, const json_t *map);
/* Has the device's interrupts, if it has any, wake workers that sleep. It has been started. */
void ethdev_watch(struct ethdev *dev);
void ethdev_unwatch(struct ethdev *dev);
/* Gives the pool back. The device is stopped. */
void ethdev_release_pool(struct ethdev *dev);
/* Keeps workers off the device (or lets them on), for changes of its configuration. */
void ethdev_pause(struct ethdev *dev, bool paused);

void ethdev_get_stats(const struct port *port, struct port_stats *stats);
void ethdev_add_statistics(const struct port *port, json_t *statistics);
void ethdev_get_status(const struct port *port, json_t *status);
bool ethdev_get_link(const struct port *port);
uint32_t ethdev_get_speed(const struct port *port);
enum port_loss ethdev_get_loss(const struct port *port);

/* Workers. */

/* Of a device's or queue's 'paused'. Pairs with ethdev_pause(). */
static inline bool ethdev_is_paused(const bool *paused)
{
	return __atomic_load_n(paused, __ATOMIC_ACQUIRE);
}

/* As struct port_type's tx, for packets with pending offloads or in several segments. */
uint16_t ethdev_send(struct ethdev *dev, uint16_t queue, struct rte_mbuf **pkts, uint16_t n);
/* As struct port_type's. */
bool ethdev_rx_wait(struct port_rxq *rxq, bool enable);
int ethdev_rx_depth(struct port_rxq *rxq);
/* There are packets: no more interrupts while the queue is polled. */
void ethdev_disarm(struct ethdev_rxq *queue);
