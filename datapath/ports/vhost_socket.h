/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The sockets of vhost-user ports, as far as the library leaves them to us.  */

#include <stdbool.h>

struct errbuf;

/* Main thread. */

/* Removes what a daemon that ended badly has left at 'path'; nothing that is in use. */
int vhost_socket_clear(const char *path, struct errbuf *err);

/* Whether somebody could be connected to at 'path'; the library tries again and again, and does not say. */
int vhost_socket_check(const char *path, struct errbuf *err);

/* Any thread. */

/* Both ends of all connections of 'path' see that the other is gone. False: none is found. */
bool vhost_socket_hang_up(const char *path);

/* The vhost thread. */

/* Limits how long reading from and writing to the connected socket of 'path' may take. Returns the
 * descriptor, or a negative number if there is none. */
int vhost_socket_limit_patience(const char *path);
/* Whether what is sent there now is sent at once. */
bool vhost_socket_has_room(int fd, const char *path);
