/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Packet receivers: what a packet socket receives into, a batch per system call.  */

#include <linux/if_packet.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "datapath/batch.h"
#include "datapath/packet/offload.h"
#include "datapath/ports/vnet.h"

struct rte_mbuf;
struct rte_mempool;

/* What a message of recvmmsg() points to. */
struct packet_slot {
	struct iovec iov[2];
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	} control;
};

/* Packets that have been received, some of which are to be cut into several: a batch may have no room for
 * all of those. They are handed on in order. */
struct packet_backlog {
	uint16_t n, at; /* of the packets, and how many are gone */
	uint16_t n_cut, at_cut; /* the same of what the last of those became */
	struct rte_mbuf *packets[BATCH_SIZE];
	struct rte_mbuf *cut[OFFLOAD_SEGMENTS];
};

/* The worker's that polls. */
struct packet_receiver {
	struct rte_mempool *pool;
	uint8_t *spill; /* for what does not fit into an mbuf, VNET_SPILL a message */
	struct rte_mbuf *spares[BATCH_SIZE]; /* to receive the next packets into */
	struct packet_slot slots[BATCH_SIZE];
	struct mmsghdr messages[BATCH_SIZE];
	bool is_long; /* the last packet did not fit into one mbuf: so may the next */
	struct vnet_tail tail; /* filled while packets are long */
	bool is_to_cut; /* the batch at hand has a packet that is to be cut */
	struct packet_backlog backlog;
	uint64_t errors; /* worker writes, main reads */
};

/* Main thread. */

/* 'receiver' is zeroed. Keeps up to BATCH_SIZE packets of 'pool'. -ENOMEM. */
int packet_receiver_init(struct packet_receiver *receiver, struct rte_mempool *pool);
void packet_receiver_fini(struct packet_receiver *receiver);

/* Workers. */

void packet_receiver_read(struct packet_receiver *receiver, int sock, struct batch *batch);
