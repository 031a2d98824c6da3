/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Where taps live while no daemon holds them.
 *
 * A tap of ours survives the daemon, also one that was killed, with its addresses and routes, in
 * whatever namespace its user put it and under whatever name. It is found again by its alias, which
 * says whose it is: "weir:INSTANCE:PORT". Only deleting the port (or "exit --cleanup") ends it.  */

#include <stdbool.h>

/* Main thread. */

/* 'instance' tells this switch from others on the host; its run directory does. */
void tap_home_init(const char *instance);
void tap_home_fini(void);
/* Instead of tap_home_init(), as long as we may enter other namespaces: takes hold of the taps that an
 * earlier daemon left, wherever they are. */
void tap_home_claim(const char *instance);

/* A descriptor of the tap that an earlier daemon left for 'name', or else of a new one of that name
 * in our own namespace; or -errno. */
int tap_home_open(const char *name);
/* The tap behind 'fd' ends with the descriptor. */
void tap_home_forget(int fd);
void tap_home_close(int fd);
/* Ends the taps that an earlier daemon left for ports that are wanted no more. Returns how many. */
unsigned tap_home_end_strays(bool (*is_wanted)(const char *port));
