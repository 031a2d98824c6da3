/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/packet_receiver.h"

#include <errno.h>
#include <net/ethernet.h>
#include <string.h>

#include <rte_mbuf.h>

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
	for (unsigned i = 0; i < BATCH_SIZE; i++)
		rte_pktmbuf_free(receiver->spares[i]);
	vnet_spills_free(receiver->spill);
}

static struct vnet_rest rest_of(struct packet_receiver *receiver, unsigned i)
{
	return (struct vnet_rest){.spill = receiver->spill + (size_t)i * VNET_SPILL};
}

/* Returns how many messages are ready to be received into. */
static unsigned refill(struct packet_receiver *receiver)
{
	for (unsigned i = 0; i < BATCH_SIZE; i++) {
		struct rte_mbuf **spare = &receiver->spares[i];
		struct packet_slot *slot = &receiver->slots[i];

		if (!*spare)
			*spare = rte_pktmbuf_alloc(receiver->pool);
		if (!*spare)
			return i;
		vnet_prepare(*spare, rest_of(receiver, i), slot->iov);
		receiver->messages[i].msg_hdr.msg_controllen = sizeof(slot->control);
	}
	return BATCH_SIZE;
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

void packet_receiver_read(struct packet_receiver *receiver, int sock, struct batch *batch)
{
	int n = recvmmsg(sock, receiver->messages, refill(receiver), MSG_DONTWAIT, NULL);

	batch->n = 0;
	for (int i = 0; i < n; i++) {
		const struct mmsghdr *message = &receiver->messages[i];
		struct rte_mbuf *packet = receiver->spares[i];
		bool whole = !(message->msg_hdr.msg_flags & MSG_TRUNC);

		receiver->spares[i] = NULL;
		if (whole &&
		    !vnet_accept(
			    packet,
			    rest_of(receiver, i),
			    message->msg_len,
			    find_tag(&message->msg_hdr)
		    )) {
			batch->pkts[batch->n++] = packet;
			continue;
		}
		receiver->errors++;
		rte_pktmbuf_free(packet);
	}
}
