/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Connections to a guest's socket. One is the port's: whose handshake counts, and whose rings are to be served.
 * Others may be there: of a guest that comes back before the end of its old connection is seen, of whoever looks
 * whether somebody is there. What workers have, the link, may still be an older one's.  */

#include <stdint.h>

struct vhost_port;

/* The vhost thread. */

/* The library's calls; a connection that is not to be there is refused. */
int vhost_new_connection(int vid);
void vhost_destroy_connection(int vid);
/* The connection says something: if that is the first it says, the port is its own from now on. */
void vhost_adopt(struct vhost_port *vhost, int vid);
/* Whether the guest's kicks of a queue wake workers. */
void vhost_watch_kick(struct vhost_port *vhost, int vid, uint16_t queue);
void vhost_forget_kick(struct vhost_port *vhost, uint16_t queue);
