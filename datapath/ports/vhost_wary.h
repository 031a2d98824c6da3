/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Guests whose side keeps workers waiting, and how they are kept from it.
 *
 * While the vhost library handles a message it holds the locks of all rings of the guest, and whoever wants
 * to use one spins: as long as the thread that has the lock gets no core, or the kernel makes it wait for
 * what the guest's side sent, perhaps for ever. So workers stay away from rings while a message is at hand,
 * except for a moment once in each.
 *
 * The library also rings guests, in the worker's own time: a descriptor that blocks keeps the worker until it
 * is nudged (plan/nudge.h). Then each call is watched, and nothing is exchanged for a while with a
 * guest that did it again.  */

#include <stdbool.h>
#include <stdint.h>

#include "datapath/ports/vhost.h"
#include "lib/types.h"

/* The vhost thread. */

/* A message begins or ends. False: a worker stays in the rings' memory all the same, and the message must not
 * be heeded. */
bool vhost_wary_message(struct vhost_port *vhost, bool begins);

/* Main thread. */

/* Whether a message of the guest's side does not end. */
bool vhost_wary_is_held_up(const struct vhost_port *vhost);

/* Any thread. */

bool vhost_wary_is_shunned_still(const struct vhost_port *vhost);

static inline bool vhost_wary_is_shunned(const struct vhost_port *vhost)
{
	return __atomic_load_n(&vhost->shunned_until, __ATOMIC_RELAXED) &&
		vhost_wary_is_shunned_still(vhost);
}

/* Workers, and whoever asks for depths. */

/* Rings that are looked at without their locks stay mapped until the look ends. False: not now. */
bool vhost_wary_look_begin(struct vhost_port *vhost);
void vhost_wary_look_end(struct vhost_port *vhost);

/* Workers. */

/* Whether locks of its rings may be taken now; waits for a moment if need be. Between the library's locking
 * them and its telling of the message are some 100 ns that this does not cover. */
bool vhost_wary_may_use(struct vhost_port *vhost);
/* As the library's. */
uint16_t vhost_wary_enqueue(
	struct vhost_port *vhost, int vid, uint16_t ring, struct rte_mbuf **pkts, uint16_t n
);
uint16_t vhost_wary_dequeue(struct vhost_port *vhost, int vid, uint16_t ring, struct batch *batch);

static inline bool vhost_may_use(struct vhost_port *vhost)
{
	bool is_free = !(__atomic_load_n(&vhost->messages, __ATOMIC_RELAXED) & 1) &&
		!__atomic_load_n(&vhost->shunned_until, __ATOMIC_RELAXED);

	return likely(is_free) || vhost_wary_may_use(vhost);
}
