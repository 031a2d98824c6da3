/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/vnet.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <rte_ether.h>

#include "datapath/batch.h"
#include "datapath/packet/offload.h"
#include "datapath/packet/packet.h"
#include "datapath/worker_priv.h"
#include "lib/epoch.h"
#include "lib/types.h"

DROP_REASON(device_down, "the network device it was to leave by is down");
DROP_REASON(not_sendable, "the network device did not take the packet: too long or malformed");

enum {
	VNET_HDR = sizeof(struct virtio_net_hdr),
	TAG_LEN = 4,
	SPILLS_SIZE = BATCH_SIZE * VNET_SPILL,
};

static_assert(RTE_PKTMBUF_HEADROOM >= VNET_HDR + TAG_LEN, "vnet: no headroom for the header");

uint8_t *vnet_spills_new(void)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	uint8_t *spills = mmap(NULL, SPILLS_SIZE, PROT_READ | PROT_WRITE, flags, -1, 0);

	if (spills == MAP_FAILED)
		return NULL;
	/* Few of its pages are ever used. */
	madvise(spills, SPILLS_SIZE, MADV_NOHUGEPAGE);
	return spills;
}

void vnet_spills_free(uint8_t *spills)
{
	if (spills)
		munmap(spills, SPILLS_SIZE);
}

static int insert_tag(struct rte_mbuf *packet, struct vnet_tag tag)
{
	uint8_t *frame = (uint8_t *)rte_pktmbuf_prepend(packet, TAG_LEN);
	const be16 words[] = {be16_from(tag.tpid), be16_from(tag.tci)};

	if (!frame)
		return -ENOBUFS;
	memmove(frame, frame + TAG_LEN, 2 * RTE_ETHER_ADDR_LEN);
	memcpy(frame + 2 * RTE_ETHER_ADDR_LEN, words, TAG_LEN);
	return 0;
}

bool vnet_tail_fill(struct vnet_tail *tail, struct rte_mempool *pool)
{
	unsigned missing = VNET_TAIL - tail->n;

	if (missing && rte_pktmbuf_alloc_bulk(pool, tail->segments + tail->n, missing))
		return false;
	for (unsigned i = tail->n; i < VNET_TAIL; i++)
		tail->segments[i]->data_off = 0;
	tail->n = VNET_TAIL;
	return true;
}

void vnet_tail_free(struct vnet_tail *tail)
{
	rte_pktmbuf_free_bulk(tail->segments, tail->n);
	tail->n = 0;
}

unsigned vnet_prepare(struct rte_mbuf *packet, struct vnet_rest rest, struct iovec *iov)
{
	iov[0].iov_base = rte_pktmbuf_mtod_offset(packet, uint8_t *, -VNET_HDR);
	iov[0].iov_len = rte_pktmbuf_tailroom(packet) + VNET_HDR;
	if (!rest.tail) {
		iov[1].iov_base = rest.spill;
		iov[1].iov_len = VNET_SPILL;
		return 2;
	}
	for (unsigned i = 0; i < rest.tail->n; i++) {
		iov[1 + i].iov_base = rest.tail->segments[i]->buf_addr;
		iov[1 + i].iov_len = rest.tail->segments[i]->buf_len;
	}
	return 1 + rest.tail->n;
}

/* Takes the segments that 'n' bytes were read to. */
static void append_tail(struct rte_mbuf *packet, struct vnet_tail *tail, uint32_t n)
{
	struct rte_mbuf *last = packet;
	unsigned taken = 0;

	packet->pkt_len += n;
	while (n && taken < tail->n) {
		struct rte_mbuf *segment = tail->segments[taken++];

		segment->data_len = n < segment->buf_len ? n : segment->buf_len;
		n -= segment->data_len;
		last->next = segment;
		last = segment;
	}
	packet->nb_segs += taken;
	tail->n -= taken;
	memmove(tail->segments, tail->segments + taken, tail->n * sizeof(tail->segments[0]));
}

static int append_rest(struct rte_mbuf *packet, struct vnet_rest rest, uint32_t n)
{
	if (!rest.tail)
		return packet_append(packet, rest.spill, n);
	append_tail(packet, rest.tail, n);
	return 0;
}

int vnet_accept(struct rte_mbuf *packet, struct vnet_rest rest, uint32_t n, struct vnet_tag tag)
{
	struct virtio_net_hdr hdr;
	uint32_t room = rte_pktmbuf_tailroom(packet);

	if (n < VNET_HDR + RTE_ETHER_HDR_LEN)
		return -EINVAL;
	/* Inserting the tag overwrites it. */
	memcpy(&hdr, rte_pktmbuf_mtod_offset(packet, uint8_t *, -VNET_HDR), VNET_HDR);
	n -= VNET_HDR;
	rte_pktmbuf_append(packet, n < room ? n : room);
	if (n > room && append_rest(packet, rest, n - room))
		return -ENOMEM;
	if (tag.tpid && insert_tag(packet, tag))
		return -ENOBUFS;
	return offload_from_virtio(packet, &hdr, tag.tpid ? TAG_LEN : 0);
}

int vnet_gather(struct rte_mbuf *packet, struct virtio_net_hdr *hdr, struct iovec *iov)
{
	int error = offload_to_virtio(packet, hdr);
	int n = 1;

	if (error)
		return error;
	if (packet->nb_segs >= VNET_IOVECS)
		return -EMSGSIZE;
	iov[0].iov_base = hdr;
	iov[0].iov_len = VNET_HDR;
	for (struct rte_mbuf *segment = packet; segment; segment = segment->next) {
		iov[n].iov_base = rte_pktmbuf_mtod(segment, void *);
		iov[n].iov_len = segment->data_len;
		n++;
	}
	return n;
}

bool vnet_count_drop(const struct port *port, uint16_t queue, struct rte_mbuf *packet, int error)
{
	bool is_down = error == -EIO || error == -ENETDOWN || error == -ENXIO || error == -EBADFD;
	struct worker *worker = epoch_load(&workers[queue]);

	if (worker)
		worker_count_refused(
			worker,
			port->id,
			&packet,
			1,
			is_down ? &drop_device_down : &drop_not_sendable
		);
	return is_down;
}
