/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Network namespaces other than our own: being in one for as long as it takes to open something
 * there. What was opened stays there when we are back.  */

#include <stdbool.h>

/* Main thread. */

struct netns_visit {
	int home; /* our own namespace; -1: we have not left it */
};

/* Enters the namespace behind 'fd'. Returns 0 or -errno; after 0, netns_leave() must follow. */
int netns_enter(struct netns_visit *visit, int fd);
/* Returns home. */
int netns_leave(struct netns_visit *visit);

/* Calls 'see' with a descriptor of each namespace that is known by name or has a process in it, our
 * own first; the descriptor is closed afterwards. Ends when 'see' returns false. */
void netns_foreach(bool (*see)(int fd, void *context), void *context);
