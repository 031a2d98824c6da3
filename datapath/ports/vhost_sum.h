/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Checksums of TCP packets that a guest is to cut, or to pass on uncut.
 *
 * Such a packet has the sum of its pseudo header, length included, where its checksum will be: Linux
 * counts on the length when it forwards the packet and cuts it by itself. The vhost library makes that
 * sum anew and leaves the length out, as cards want it; but only where all headers are in the first
 * segment. So the last byte of them goes to the second.  */

struct rte_mbuf;

/* Workers. */

/* A packet as the library is to have it: its own first segment, or a new one before that. As it was if
 * it is not to be cut, or if there is no mbuf. Header lengths are those of offload_parse(). */
struct rte_mbuf *vhost_sum_hide(struct rte_mbuf *packet);
/* The reverse, for a packet that could not be sent: 'packet' is again what it was before. */
void vhost_sum_show(struct rte_mbuf *take_hidden, struct rte_mbuf *packet);
