/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Aliases of network devices: a line of text each device carries along wherever it goes.  */

enum {
	LINK_ALIAS_SIZE = 256 /* the kernel's limit */
};

typedef void link_alias_fn(const char *name, const char *alias, void *context);

/* Main thread. */

/* A netlink socket of the namespace we are in, or -errno. It keeps to that namespace. */
int link_alias_open(void);
/* Calls 'see' for each device of the socket's namespace that has an alias. */
void link_alias_foreach(int sock, link_alias_fn *see, void *context);
/* Of a device in the namespace we are in. Returns 0 or -errno. */
int link_alias_set(const char *name, const char *alias);
