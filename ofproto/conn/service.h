/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Services: the sockets on which a bridge takes connections. Every bridge has DIR/BRIDGE.mgmt, for
 * ofctl and the like, and DIR/BRIDGE.snoop, for who wants to listen in.  */

#include <stdbool.h>

struct bridge;
struct bridge_config;

/* Main thread. */

/* Begins and ends with the switch: packets from workers go to the connections. */
void service_begin(void);
void service_end(void);
/* Where sockets go; before the first bridge. Without it bridges have none. */
void service_set_directory(const char *path);
void service_start(struct bridge *bridge);
/* The controllers as declared. True: who decides about the rules has changed, and there are none
 * now. */
bool service_apply(struct bridge *bridge, const struct bridge_config *config);
/* Looks, about twice a second, at links and silent controllers. */
void service_poll(struct bridge *bridge);
/* Closes the sockets and all connections. */
void service_stop(struct bridge *bridge);
/* The bridge is about to be freed. */
void service_forget(struct bridge *bridge);
