/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/packet/packet.h"

#include <errno.h>
#include <string.h>

#include <rte_mbuf.h>

#include "datapath/pool.h"
#include "lib/types.h"

/* Where the next up to 'n' bytes go; 'room' says how many fit there. */
static void *extend(struct rte_mbuf *packet, uint32_t n, uint32_t *room)
{
	struct rte_mbuf *last = rte_pktmbuf_lastseg(packet);
	uint32_t tail = rte_pktmbuf_tailroom(last);

	if (!tail) {
		struct rte_mbuf *more = rte_pktmbuf_alloc(pool_default());

		if (!more)
			return NULL;
		more->data_off = 0;
		if (rte_pktmbuf_chain(packet, more)) {
			rte_pktmbuf_free(more);
			return NULL;
		}
		last = more;
		tail = rte_pktmbuf_tailroom(last);
	}
	*room = tail < n ? tail : n;
	void *at = rte_pktmbuf_mtod_offset(last, void *, last->data_len);

	last->data_len += *room;
	packet->pkt_len += *room;
	return at;
}

int packet_append(struct rte_mbuf *packet, const void *data, uint32_t n)
{
	const uint8_t *from = data;

	while (n) {
		uint32_t room;
		void *to = extend(packet, n, &room);

		if (!to)
			return -ENOMEM;
		memcpy(to, from, room);
		from += room;
		n -= room;
	}
	return 0;
}

int packet_append_range(
	struct rte_mbuf *packet, const struct rte_mbuf *from, uint32_t offset, uint32_t n
)
{
	while (n) {
		uint32_t room;
		void *to = extend(packet, n, &room);

		if (!to)
			return -ENOMEM;
		const void *bytes = rte_pktmbuf_read(from, offset, room, to);

		if (bytes != to)
			memcpy(to, bytes, room);
		offset += room;
		n -= room;
	}
	return 0;
}

struct rte_mbuf *packet_new(const void *data, uint32_t n)
{
	struct rte_mbuf *packet = n <= PACKET_MAX ? rte_pktmbuf_alloc(pool_default()) : NULL;

	if (packet && packet_append(packet, data, n)) {
		rte_pktmbuf_free(packet);
		return NULL;
	}
	return packet;
}
