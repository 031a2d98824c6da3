/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Services: the sockets on which a bridge takes connections. Every bridge has DIR/BRIDGE.mgmt, for
 * ofctl and the like.  */

struct bridge;

/* Main thread. */

/* Where sockets go; before the first bridge. Without it bridges have none. */
void service_set_directory(const char *directory);
void service_start(struct bridge *bridge);
/* Closes the sockets and all connections. */
void service_stop(struct bridge *bridge);
