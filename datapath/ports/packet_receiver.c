/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/packet_receiver.h"

#include <errno.h>
#include <net/ethernet.h>
#include <string.h>

#include <rte_mbuf.h>

#include "datapath/packet/offload.h"
#include "datapath/ports/vnet.h"
#include "lib/types.h"

int packet_receiver_init(struct packet_receiver *receiver, struct rte_mempool *pool)
{
	receiver->spill = vnet_spills_new();
	if (!receiver->spill)
		return -ENOMEM;
	receiver->pool = pool;
	for (unsigned i = 0; i < BATCH_SIZE; i++) {
		struct packet_slot *slot = &receiver->slots[i];

		receiver->messages[i].msg_hdr = (struct msghdr){
			.msg_iov = slot->iov,
			.msg_iovlen = ARRAY_LENGTH(slot->iov),
			.msg_control = &slot->control,
		};
	}
	return 0;
}

void packet_receiver_fini(struct packet_receiver *receiver)
{
	struct packet_backlog *backlog = &receiver->backlog;

	for (unsigned i = 0; i < BATCH_SIZE; i++)
		rte_pktmbuf_free(receiver->spares[i]);
	rte_pktmbuf_free_bulk(backlog->packets + backlog->at, backlog->n - backlog->at);
	rte_pktmbuf_free_bulk(backlog->cut + backlog->at_cut, backlog->n_cut - backlog->at_cut);
	vnet_tail_free(&receiver->tail);
	vnet_spills_free(receiver->spill);
}

static struct vnet_rest rest_of(struct packet_receiver *receiver, unsigned i)
{
	return (struct vnet_rest){.spill = receiver->spill + (size_t)i * VNET_SPILL};
}

static bool has_spare(struct packet_receiver *receiver, unsigned i)
{
	if (!receiver->spares[i])
		receiver->spares[i] = rte_pktmbuf_alloc(receiver->pool);
	receiver->messages[i].msg_hdr.msg_controllen = sizeof(receiver->slots[i].control);
	return receiver->spares[i];
}

/* Returns how many messages, at most 'n', are ready to be received into. */
static unsigned refill(struct packet_receiver *receiver, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (!has_spare(receiver, i))
			return i;
		vnet_prepare(receiver->spares[i], rest_of(receiver, i), receiver->slots[i].iov);
	}
	return n;
}

/* The outer VLAN tag, which the kernel takes out of the frame and hands over beside it. */
static struct vnet_tag find_tag(const struct msghdr *message)
{
	struct tpacket_auxdata aux;
	const struct cmsghdr *header = CMSG_FIRSTHDR(message);

	if (!header || header->cmsg_level != SOL_PACKET || header->cmsg_type != PACKET_AUXDATA)
		return (struct vnet_tag){0};
	memcpy(&aux, CMSG_DATA(header), sizeof(aux));
	if (!(aux.tp_status & TP_STATUS_VLAN_VALID))
		return (struct vnet_tag){0};
	return (struct vnet_tag){
		.tpid = aux.tp_status & TP_STATUS_VLAN_TPID_VALID ? aux.tp_vlan_tpid : ETH_P_8021Q,
		.tci = aux.tp_vlan_tci,
	};
}

/* Whether it is to become several before anybody sees it. */
static bool is_to_cut(const struct rte_mbuf *packet)
{
	return packet->ol_flags & RTE_MBUF_F_TX_UDP_SEG;
}

/* Takes what was received into the i-th spare. */
static void accept_message(
	struct packet_receiver *receiver, unsigned i, struct vnet_rest rest, struct batch *batch
)
{
	const struct mmsghdr *message = &receiver->messages[i];
	struct rte_mbuf *packet = receiver->spares[i];
	unsigned fits = rte_pktmbuf_tailroom(packet) + sizeof(struct virtio_net_hdr);
	bool whole = !(message->msg_hdr.msg_flags & MSG_TRUNC);

	receiver->is_long = message->msg_len > fits;
	receiver->spares[i] = NULL;
	if (whole && !vnet_accept(packet, rest, message->msg_len, find_tag(&message->msg_hdr))) {
		receiver->is_to_cut |= is_to_cut(packet);
		batch->pkts[batch->n++] = packet;
		return;
	}
	receiver->errors++;
	rte_pktmbuf_free(packet);
}

/* Receives one straight into mbufs: what a call costs does not matter to a long packet, and what is
 * copied once more does. False: none is there. */
static bool read_long(struct packet_receiver *receiver, int sock, struct batch *batch)
{
	struct iovec iov[1 + VNET_TAIL];
	struct vnet_rest rest = {.tail = &receiver->tail};
	struct msghdr *header = &receiver->messages[0].msg_hdr;

	if (!has_spare(receiver, 0))
		return false;
	header->msg_iov = iov;
	header->msg_iovlen = vnet_prepare(receiver->spares[0], rest, iov);
	int n = recvmmsg(sock, receiver->messages, 1, MSG_DONTWAIT, NULL);

	header->msg_iov = receiver->slots[0].iov;
	header->msg_iovlen = ARRAY_LENGTH(receiver->slots[0].iov);
	if (n != 1)
		return false;
	accept_message(receiver, 0, rest, batch);
	return true;
}

/* The next packet of the backlog. NULL: all are gone. */
static struct rte_mbuf *take_next(struct packet_receiver *receiver)
{
	struct packet_backlog *backlog = &receiver->backlog;

	while (backlog->at_cut == backlog->n_cut && backlog->at < backlog->n) {
		struct rte_mbuf *packet = backlog->packets[backlog->at++];

		if (!is_to_cut(packet))
			return packet;
		backlog->at_cut = 0;
		backlog->n_cut = offload_segment(packet, backlog->cut, OFFLOAD_SEGMENTS);
		receiver->errors += !backlog->n_cut;
	}
	return backlog->at_cut < backlog->n_cut ? backlog->cut[backlog->at_cut++] : NULL;
}

static void hand_on(struct packet_receiver *receiver, struct batch *batch)
{
	struct rte_mbuf *packet;

	while (batch->n < BATCH_SIZE && (packet = take_next(receiver)))
		batch->pkts[batch->n++] = packet;
}

/* Some of the batch are to be cut. A full batch says that there may be more. */
static __attribute__((noinline)) void cut(struct packet_receiver *receiver, struct batch *batch)
{
	struct packet_backlog *backlog = &receiver->backlog;

	memcpy(backlog->packets, batch->pkts, batch->n * sizeof(batch->pkts[0]));
	backlog->at = 0;
	backlog->n = batch->n;
	batch->n = 0;
	receiver->is_to_cut = false;
	hand_on(receiver, batch);
}

static void receive(struct packet_receiver *receiver, int sock, struct batch *batch)
{
	/* Malformed ones count, or others might wait without end. */
	for (unsigned i = batch->n;
	     receiver->is_long && i < BATCH_SIZE && vnet_tail_fill(&receiver->tail, receiver->pool);
	     i++)
		if (!read_long(receiver, sock, batch))
			return;
	if (!receiver->is_long && receiver->tail.n)
		vnet_tail_free(&receiver->tail);
	unsigned ready = refill(receiver, BATCH_SIZE - batch->n);
	int n = ready ? recvmmsg(sock, receiver->messages, ready, MSG_DONTWAIT, NULL) : 0;

	for (int i = 0; i < n; i++)
		accept_message(receiver, i, rest_of(receiver, i), batch);
}

void packet_receiver_read(struct packet_receiver *receiver, int sock, struct batch *batch)
{
	batch->n = 0;
	hand_on(receiver, batch);
	/* What is in the socket is read when nothing is left of what was. */
	if (batch->n)
		return;
	receive(receiver, sock, batch);
	if (unlikely(receiver->is_to_cut))
		cut(receiver, batch);
}
