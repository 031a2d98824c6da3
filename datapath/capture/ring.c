/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/capture/ring.h"

#include <string.h>

#include <rte_mbuf.h>

#include "datapath/pages.h"

enum {
	ALIGN = sizeof(struct captured)
};

static_assert(ALIGN == 32, "ring: records start at multiples of a power of two");

struct capture_ring *capture_ring_new(void)
{
	return pages_map(sizeof(struct capture_ring), false);
}

void capture_ring_free(struct capture_ring *ring)
{
	pages_unmap(ring, sizeof(*ring));
}

static void copy_bytes(uint8_t *to, const struct rte_mbuf *pkt, uint32_t n)
{
	for (const struct rte_mbuf *part = pkt; part && n; part = part->next) {
		uint32_t some = part->data_len < n ? part->data_len : n;

		memcpy(to, rte_pktmbuf_mtod(part, const void *), some);
		to += some;
		n -= some;
	}
}

bool capture_ring_add(
	struct capture_ring *ring, const struct captured *about, const struct rte_mbuf *pkt
)
{
	uint32_t size = (sizeof(*about) + about->length + ALIGN - 1) & ~(ALIGN - 1u);
	uint64_t head = ring->head;
	uint32_t at = head % CAPTURE_RING;
	uint32_t skip = at + size > CAPTURE_RING ? CAPTURE_RING - at : 0;
	/* Pairs with capture_ring_take(): what is written over has been read. */
	uint64_t tail = __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE);

	if (head + skip + size - tail > CAPTURE_RING) {
		__atomic_store_n(&ring->lost, ring->lost + 1, __ATOMIC_RELAXED);
		return false;
	}
	if (skip) {
		struct captured *gap = (struct captured *)(ring->bytes + at);

		gap->size = skip;
		gap->length = UINT32_MAX;
		at = 0;
	}
	struct captured *record = (struct captured *)(ring->bytes + at);

	*record = *about;
	record->size = size;
	copy_bytes((uint8_t *)(record + 1), pkt, about->length);
	/* Pairs with capture_ring_first(): who sees it sees all of the record. */
	__atomic_store_n(&ring->head, head + skip + size, __ATOMIC_RELEASE);
	return true;
}

const struct captured *capture_ring_first(struct capture_ring *ring)
{
	for (;;) {
		const struct captured *first =
			(const struct captured *)(ring->bytes + ring->tail % CAPTURE_RING);

		if (__atomic_load_n(&ring->head, __ATOMIC_ACQUIRE) == ring->tail)
			return NULL;
		if (first->length != UINT32_MAX)
			return first;
		capture_ring_take(ring, first);
	}
}

void capture_ring_take(struct capture_ring *ring, const struct captured *first)
{
	__atomic_store_n(&ring->tail, ring->tail + first->size, __ATOMIC_RELEASE);
}
