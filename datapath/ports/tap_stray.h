/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Strays: taps that an earlier daemon left, in whatever namespace they are now.  */

#include <net/if.h>

/* Its name today and the namespace it is in. */
struct tap_stray {
	char *alias;
	char name[IFNAMSIZ];
	int namespace_fd;
	int tap_fd; /* claimed already, or -1 */
	struct tap_stray *next;
};

/* Main thread. */

/* Those whose alias begins with 'prefix', in a list; the caller frees them one by one. */
struct tap_stray *tap_stray_search(const char *prefix);
void tap_stray_free(struct tap_stray *stray);
/* Attaches to it where it is; the descriptor (or -errno) is the caller's. */
int tap_stray_attach(struct tap_stray *stray);
/* Takes hold of it while we may enter its namespace: tap_stray_attach() will need no more. */
void tap_stray_claim(struct tap_stray *stray);
/* Attaches to the tap of that name in the namespace we are in, which is made if need be. */
int tap_stray_open(const char *name);
