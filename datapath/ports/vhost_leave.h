/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How vhost ports are let go of.
 *
 * The library takes down a connection on whatever thread asks for it, with all its sockets locked, and waits
 * in circles for its own thread if that is busy with it. Both may last for ever: a file that some process
 * serves keeps whoever closes it. So connections are hung up, and the vhost thread takes them down, as if
 * the guests had gone; the library is told when there are none. A thread that is kept by one guest takes down
 * no other's either. So a port that takes longer leaves on a thread of its own: nobody waits for it, and only
 * its socket stays in use.  */

#include <stdbool.h>

struct vhost_port;

/* Main thread, or the one that opens and closes ports. */

/* The port can be found no more. False: it stays until it has left, and is the library's till then. */
bool vhost_leave(struct vhost_port *vhost);
/* Ports that have left since: each is given to 'free_port'. */
void vhost_leave_clear(void (*free_port)(struct vhost_port *take_vhost));
/* The port that is leaving and uses this socket; NULL: none. */
const struct vhost_port *vhost_leave_find(const char *path);
