/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Where in a packed ring a guest expects us to go on.
 *
 * QEMU tells where we stopped, but it knows only when we could say so. When the daemon was killed, or
 * the socket broke, it gives the place of long ago. In a split ring the place stands in the guest's
 * memory; in a packed one it follows from the marks that guest and device leave in each slot.  */

#include <stdbool.h>
#include <stdint.h>

struct vhost_link;
struct vhost_port;
struct vring_packed_desc;

/* Any thread. */

/* The slot where we go on, with the wrap counter as the highest bit, as the library counts; 'told' is
 * what we were told. */
uint16_t vhost_place_find(const struct vring_packed_desc *slots, uint16_t n, uint16_t told);

/* The vhost thread, while no worker is at the ring. */

/* Marks as used what is left behind 'place' without a mark: the guest waits for it. Returns how many. */
uint16_t vhost_place_mend(struct vring_packed_desc *slots, uint16_t n, uint16_t place);

/* Goes on in a ring where the guest expects us to; false: it is not set up. Split rings are right
 * already. */
bool vhost_place_restore(int vid, uint16_t ring);

/* Workers. */

/* How many slots the guest has offered and we have not taken, counted up to 'max'. The library can
 * tell of split rings only. */
uint32_t vhost_place_depth(
	struct vhost_port *vhost, const struct vhost_link *link, uint16_t ring, uint16_t max
);
