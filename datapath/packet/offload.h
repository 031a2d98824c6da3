/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Offloads: work on a packet that its sender left for the network card.
 *
 * Kernels and guests hand out packets whose TCP or UDP checksum is partial (the field holds the sum
 * of the pseudo header, length included) and TCP packets of up to 64 kB that want to be cut into
 * segments. Such work is pending, and the mbuf says so: ol_flags has RTE_MBUF_F_TX_TCP_CKSUM or
 * RTE_MBUF_F_TX_UDP_CKSUM, and RTE_MBUF_F_TX_TCP_SEG with tso_segsz. It travels with the packet to
 * the port that sends it, which passes it on when the device or guest can do it, and does it here
 * otherwise.
 *
 * UDP that was to be cut into datagrams (RTE_MBUF_F_TX_UDP_SEG) is cut by the port that receives it,
 * and not seen by others.
 *
 * What ops must know: a pending checksum field counts the addresses but not the ports or the
 * payload, and is not complemented. Header lengths in the mbuf are not kept up to date on the way:
 * the sender finds them again (offload_parse). What is pending on a packet that has entered a tunnel is
 * marked by RTE_MBUF_F_TX_TUNNEL_* as well (packet/offload_tunnel.h).  */

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

struct virtio_net_hdr;

enum {
	/* Into how many a packet is cut at most: 64 kB in pieces of 128 bytes, which takes about as much of a
	 * worker's time as a guest may have for one packet. */
	OFFLOAD_SEGMENTS = 512
};

/* What a receiver does by itself. */
enum {
	OFFLOAD_CAN_CHECKSUM = 1 << 0,
	OFFLOAD_CAN_TCP4 = 1 << 1, /* cut TCP over IPv4 */
	OFFLOAD_CAN_TCP6 = 1 << 2,
	/* Cut TCP in such tunnels, and complete checksums there (packet/offload_tunnel.h). */
	OFFLOAD_CAN_VXLAN = 1 << 3,
	OFFLOAD_CAN_GENEVE = 1 << 4,
	OFFLOAD_CAN_GRE = 1 << 5,
	OFFLOAD_CAN_OUTER_SUM = 1 << 6, /* give what it cuts there checksums of the outer UDP */
};

#define OFFLOAD_PENDING                                                                            \
	(RTE_MBUF_F_TX_L4_MASK | RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_OUTER_UDP_CKSUM)

/* Flags that are not about a packet but about the memory of one mbuf, by which it is freed. */
#define OFFLOAD_MEMORY (RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL)

/* Workers. */

static inline bool offload_is_pending(const struct rte_mbuf *packet)
{
	return packet->ol_flags & OFFLOAD_PENDING;
}

/* Says what is true of the packet from now on; whose memory the mbuf has stays as it is. */
static inline void offload_set_flags(struct rte_mbuf *packet, uint64_t flags)
{
	packet->ol_flags = (packet->ol_flags & OFFLOAD_MEMORY) | (flags & ~OFFLOAD_MEMORY);
}

/* Finds l2_len, l3_len, l4_len (TCP and UDP) and the IP version's flag. Returns the L4 protocol, or
 * negative: not IP, a fragment, truncated, or headers not in the first segment. */
int offload_parse(struct rte_mbuf *packet);
/* The same for a frame that begins at 'start'. */
int offload_parse_inside(struct rte_mbuf *packet, uint32_t start);

/* Records what 'hdr' says is pending on a packet just received, or does it when flags cannot express
 * it. 'inserted' bytes were put into the Ethernet header since (a rebuilt VLAN tag). Negative when the
 * header makes no sense: the packet must be dropped. */
int offload_from_virtio(
	struct rte_mbuf *packet, const struct virtio_net_hdr *hdr, uint16_t inserted
);
/* The reverse, for receivers that take every kind: fills 'hdr'. Negative: drop. */
int offload_to_virtio(struct rte_mbuf *packet, struct virtio_net_hdr *hdr);

/* Completes the pending checksums of a packet that needs no cutting. Negative: drop. */
int offload_finish(struct rte_mbuf *packet);
/* Completes that of a frame that begins at 'start'. */
int offload_finish_inside(struct rte_mbuf *packet, uint32_t start);
/* Cuts a packet with RTE_MBUF_F_TX_TCP_SEG or RTE_MBUF_F_TX_UDP_SEG into at most 'max' packets with
 * complete checksums. Consumes it. Returns how many; 0 when it could not be done (no mbufs, neither TCP
 * nor UDP, too many). */
uint16_t offload_segment(struct rte_mbuf *take_packet, struct rte_mbuf **segments, uint16_t max);
/* Leaves to a receiver what it 'can' do, with the headers found as by offload_parse(), and does the
 * rest. Returns how many packets are 'ready' (OFFLOAD_SEGMENTS at most) in place of the one; 0 when it
 * could not be done and the packet is gone. */
uint16_t offload_resolve(struct rte_mbuf *take_packet, unsigned can, struct rte_mbuf **ready);
