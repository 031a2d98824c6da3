/* SPDX-License-Identifier: Apache-2.0 */

/* The guest offers slots in order, in laps: it writes the number of the lap, 0 or 1, in turn, as the
 * mark 'available', and its opposite as the mark 'used'. We go through them in the same order, and when
 * done with a buffer write the lap into both marks of its first slot. So where the lap of slots
 * changes is where the guest will offer next, and the slots before that, back to one that is used, are
 * still ours to take.
 *
 * A buffer of several slots, which Linux hardly ever makes, leaves some behind that look the same. They
 * are known by the buffer's number, which stands in its last slot and is copied into the first when it
 * is used. A driver that gives a new buffer the number of the last one makes that ambiguous: then what
 * we were told decides, or else whether other buffers have left slots behind.
 *
 * Two others have been at the ring. The library takes packets in bursts and marks the first slot of a
 * burst last, so that the guest sees them all at once: when it is killed in between, that slot is not
 * marked and those behind it are. And while no switch is connected, QEMU drops what the guest sends,
 * but begins where it believes the ring to be, which is where it was told to begin long ago: when what is
 * on offer goes across that place, QEMU marks slots behind others that nobody has taken. The guest waits
 * for its oldest slot first, and would for ever: all that is left behind without a mark is marked for it,
 * lost like everything that is sent while no switch is there. What buffers of several slots have left
 * behind is marked too, which the guest does not look at.  */

#include "datapath/ports/vhost_place.h"

#include <assert.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <stddef.h>
#include <string.h>

#include <rte_vhost.h>

#include "datapath/ports/vhost.h"
#include "datapath/ports/vhost_wary.h"
#include "lib/epoch.h"

enum {
	AVAILABLE = 1 << VRING_PACKED_DESC_F_AVAIL,
	USED = 1 << VRING_PACKED_DESC_F_USED,
	WRAP = 1 << 15,
};

static uint16_t flags_of(const struct vring_packed_desc *slot)
{
	return __atomic_load_n(&slot->flags, __ATOMIC_RELAXED);
}

static bool lap_of(const struct vring_packed_desc *slot)
{
	return flags_of(slot) & AVAILABLE;
}

static bool is_used(const struct vring_packed_desc *slot)
{
	return lap_of(slot) == (bool)(flags_of(slot) & USED);
}

/* Where the guest will offer next. */
static uint16_t find_end(const struct vring_packed_desc *slots, uint16_t n)
{
	for (uint16_t i = 1; i < n; i++)
		if (lap_of(&slots[i]) != lap_of(&slots[0]))
			return i;
	return 0;
}

/* What lies between the last used slot and where the guest will offer next. */
struct stretch {
	const struct vring_packed_desc *slots;
	uint16_t n; /* of the ring */
	uint16_t first, length;
};

static const struct vring_packed_desc *slot_at(const struct stretch *stretch, uint16_t i)
{
	return &stretch->slots[(stretch->first + i) % stretch->n];
}

/* The number of slots from the i-th on to the end of a buffer, 0 if it does not end. */
static uint16_t find_length(const struct stretch *stretch, uint16_t i)
{
	uint16_t end = i;

	while (end < stretch->length && flags_of(slot_at(stretch, end)) & VRING_DESC_F_NEXT)
		end++;
	return end < stretch->length ? end - i + 1 : 0;
}

static bool other_buffers_left_slots(const struct stretch *stretch)
{
	for (uint16_t i = stretch->length; i < stretch->n; i++)
		if (!is_used(slot_at(stretch, i)))
			return true;
	return false;
}

/* How many slots of the stretch are the rest of the buffer that was used last. */
static uint16_t find_rest(const struct stretch *stretch, uint16_t told)
{
	uint16_t rest = find_length(stretch, 0), length;
	uint16_t id = rest ? slot_at(stretch, rest - 1)->id : 0;

	/* Its first slot is the one before, unless that is on offer again. */
	if (!rest || (stretch->length < stretch->n && slot_at(stretch, stretch->n - 1)->id != id))
		return 0;
	if (told == rest)
		return rest;
	/* Those on offer have different numbers. */
	for (uint16_t i = rest; i < stretch->length && (length = find_length(stretch, i));
	     i += length)
		if (slot_at(stretch, i + length - 1)->id == id)
			return rest;
	return told && other_buffers_left_slots(stretch) ? rest : 0;
}

uint16_t vhost_place_find(const struct vring_packed_desc *slots, uint16_t n, uint16_t told)
{
	uint16_t end = find_end(slots, n), offered = 0;
	/* At the end of the ring a new lap begins. */
	bool lap = end ? lap_of(&slots[0]) : !lap_of(&slots[0]);

	while (offered < n && !is_used(&slots[(end + n - 1 - offered) % n]))
		offered++;
	struct stretch stretch = {slots, n, (end + n - offered) % n, offered};
	uint16_t rest = find_rest(&stretch, ((told & ~WRAP) + n - stretch.first) % n);
	uint16_t place = (stretch.first + rest) % n;

	offered -= rest;
	/* What was offered before the ring's end is of the lap before. */
	if (offered > end || (offered && !end))
		lap = !lap;
	return place | (lap ? WRAP : 0);
}

/* Marks a slot as used, with nothing written to it, unless the guest writes it this moment. */
static void mark_used(struct vring_packed_desc *slot)
{
	static_assert(offsetof(struct vring_packed_desc, len) == 8, "the rest is one word");
	uint64_t __attribute__((may_alias)) *word = (void *)&slot->len;
	uint64_t before = __atomic_load_n(word, __ATOMIC_RELAXED), after = 0;
	struct vring_packed_desc copy;

	memcpy(&copy.len, &before, sizeof(before));
	if (is_used(&copy))
		return;
	copy.len = 0;
	copy.flags = lap_of(&copy) ? AVAILABLE | USED : 0;
	memcpy(&after, &copy.len, sizeof(after));
	__atomic_compare_exchange_n(
		word, &before, after, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED
	);
}

uint16_t vhost_place_mend(struct vring_packed_desc *slots, uint16_t n, uint16_t place)
{
	uint16_t end = find_end(slots, n), at = place & ~WRAP, n_mended = 0;
	/* What lies between is done with: nothing if all is on offer, all if nothing is. */
	uint16_t n_done = (at + n - end) % n;

	if (!n_done && is_used(&slots[(end + n - 1) % n]))
		n_done = n;
	for (uint16_t i = 0; i < n_done; i++) {
		struct vring_packed_desc *slot = &slots[(end + i) % n];

		if (is_used(slot))
			continue;
		mark_used(slot);
		n_mended++;
	}
	return n_mended;
}

bool vhost_place_restore(int vid, uint16_t ring)
{
	struct rte_vhost_vring vring;
	uint64_t features = 0;
	uint16_t taken, used;

	if (rte_vhost_get_vhost_vring(vid, ring, &vring) || !vring.desc_packed || !vring.size ||
	    rte_vhost_get_negotiated_features(vid, &features))
		return false;
	if (!(features >> VIRTIO_F_RING_PACKED & 1) ||
	    rte_vhost_get_vring_base(vid, ring, &taken, &used))
		return true;
	uint16_t place = vhost_place_find(vring.desc_packed, vring.size, taken);

	/* Aligned it is, unless the guest makes no sense. */
	if (!((uintptr_t)vring.desc_packed % sizeof(*vring.desc_packed)))
		vhost_place_mend(vring.desc_packed, vring.size, place);
	if (place != taken)
		rte_vhost_set_vring_base(vid, ring, place, place);
	return true;
}

static uint32_t count_packed(int vid, uint16_t ring, uint16_t max)
{
	struct rte_vhost_vring vring;
	uint16_t taken, used;
	uint32_t depth = 0;

	if (rte_vhost_get_vhost_vring(vid, ring, &vring) || !vring.desc_packed ||
	    rte_vhost_get_vring_base(vid, ring, &taken, &used))
		return 0;
	uint32_t at = taken & ~WRAP;
	bool lap = taken & WRAP;

	while (depth < max && depth < vring.size && at < vring.size) {
		const struct vring_packed_desc *slot = &vring.desc_packed[at];

		if (is_used(slot) || lap_of(slot) != lap)
			break;
		depth++;
		if (++at == vring.size) {
			at = 0;
			lap = !lap;
		}
	}
	return depth;
}

uint32_t vhost_place_depth(
	struct vhost_port *vhost, const struct vhost_link *link, uint16_t ring, uint16_t max
)
{
	if (!link->is_packed)
		return rte_vhost_rx_queue_count(link->vid, ring);
	if (!vhost_wary_look_begin(vhost))
		return 0;
	uint32_t depth = count_packed(link->vid, ring, max);

	vhost_wary_look_end(vhost);
	return depth;
}

int vhost_rx_depth(struct port_rxq *rxq)
{
	struct vhost_port *vhost = vhost_of(rxq->port);
	const struct vhost_link *link = epoch_load(&vhost->link);

	if (!link || !vhost_may_use(vhost))
		return -1;
	return (int)vhost_place_depth(vhost, link, vhost_ring_from_guest(rxq->index), UINT16_MAX);
}
