/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Ways to the devices of network namespaces: sockets there, through which the kernel is asked. A way
 * that is kept still leads there when we may not enter the namespace any more.  */

/* Main thread. */

/* A socket in our own namespace, or -errno. */
int way_open_here(void);
/* A socket in the namespace behind the descriptor 'there', or -errno. */
int way_open(int there);
/* Keeps a way into the namespace 'there'. */
void way_keep(int there);
/* Once for each that was kept. */
void way_drop(int there);
