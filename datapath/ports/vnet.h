/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Virtio-net headers: how tap devices and packet sockets exchange packets whose checksum or cutting
 * is left to the receiver. Packets are read straight into an mbuf, with the header in its headroom;
 * what does not fit there goes through a spill buffer.  */

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include <rte_mbuf.h>

enum {
	VNET_IOVECS = 80, /* segments of a packet that can be sent, and the header */
	VNET_SPILL = 65536, /* what is left of the longest packet after the first segment */
	VNET_TAIL = 30, /* segments that hold as much */
};

/* Segments for what does not fit into the first one: a long packet is read straight into them. The
 * worker's that polls. */
struct vnet_tail {
	unsigned n;
	struct rte_mbuf *segments[VNET_TAIL];
};

/* Where the rest of a packet is read to, which does not fit into the first segment. */
struct vnet_rest {
	uint8_t *spill;
	struct vnet_tail *tail; /* NULL: to the spill buffer, to be copied */
};

/* A VLAN tag that the kernel took out of the frame; tpid 0: none. */
struct vnet_tag {
	uint16_t tpid, tci;
};

struct port;

/* Main thread. */

/* Spill buffers for a batch of packets, VNET_SPILL each: address space, and memory only for what was
 * used. NULL: there is none. */
uint8_t *vnet_spills_new(void);
void vnet_spills_free(uint8_t *spills);

/* Workers. */

/* Says where to read the next packet to, in up to 1 + VNET_TAIL pieces. Returns how many. */
unsigned vnet_prepare(struct rte_mbuf *packet, struct vnet_rest rest, struct iovec *iov);
/* 'n' bytes were read: makes them a packet. Negative when they are none: drop it. */
int vnet_accept(struct rte_mbuf *packet, struct vnet_rest rest, uint32_t n, struct vnet_tag tag);
/* Has all segments ready; false: there is no memory for them. Whose packets are short again gives them
 * back. */
bool vnet_tail_fill(struct vnet_tail *tail, struct rte_mempool *pool);
void vnet_tail_free(struct vnet_tail *tail);
/* Says what to write: the header and the segments. Returns how many of VNET_IOVECS were filled, or
 * negative: the packet cannot be sent, drop it. */
int vnet_gather(struct rte_mbuf *packet, struct virtio_net_hdr *hdr, struct iovec *iov);
/* Counts a packet the device did not take for 'error' (negative errno). Returns whether it is down, which is
 * no fault but the administrator's wish. */
bool vnet_count_drop(const struct port *port, uint16_t queue, struct rte_mbuf *packet, int error);
