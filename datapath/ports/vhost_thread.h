/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The vhost library's threads, which call us: they are registered for epochs, and online only between
 * these two calls.  */

#include <stdbool.h>

struct vhost_port;

/* Main thread. */

/* This thread calls the library, which may call us back on it: it sees to its epochs itself. */
void vhost_thread_call(void);
/* The port can be found from now on, or no more. */
void vhost_thread_add(struct vhost_port *vhost);
void vhost_thread_del(struct vhost_port *vhost);

/* Any thread. */

/* Whether the thread that hears messages waits for one; so it is taken to do where that cannot be seen. */
bool vhost_thread_is_idle(void);

/* The vhost thread. */

void vhost_thread_enter(void);
void vhost_thread_leave(void);
/* No library calls us on this thread any more. */
void vhost_thread_end(void);
/* This is the thread that hears messages. */
void vhost_thread_hear(void);
/* The port of a connection; NULL: none. */
struct vhost_port *vhost_thread_find(int vid);
