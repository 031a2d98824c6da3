/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The sockets of vhost-user ports, as far as the library leaves them to us.  */

struct errbuf;

/* Main thread. */

/* Removes what a daemon that ended badly has left at 'path'; nothing that is in use. */
int vhost_socket_clear(const char *path, struct errbuf *err);

/* The vhost thread. */

/* Limits how long reading from and writing to the connected socket of 'path' may take. */
void vhost_socket_limit_patience(const char *path);
