/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/tap_stray.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "datapath/ports/kernel.h"
#include "datapath/ports/link_alias.h"
#include "datapath/ports/netns.h"
#include "datapath/ports/way.h"
#include "lib/xmalloc.h"

struct search {
	const char *prefix;
	int namespace_fd; /* where we are looking */
	struct tap_stray *found;
};

static void note_stray(struct search *search, const char *alias, const char *name)
{
	struct tap_stray *stray = XNEW(struct tap_stray);

	stray->alias = xstrdup(alias);
	snprintf(stray->name, sizeof(stray->name), "%s", name);
	stray->namespace_fd = fcntl(search->namespace_fd, F_DUPFD_CLOEXEC, 0);
	stray->tap_fd = -1;
	stray->next = search->found;
	search->found = stray;
}

static void note_link(const char *name, const char *alias, void *search_)
{
	struct search *search = search_;

	if (!strncmp(alias, search->prefix, strlen(search->prefix)))
		note_stray(search, alias, name);
}

static bool search_namespace(int fd, void *search_)
{
	struct search *search = search_;
	struct netns_visit visit;

	if (netns_enter(&visit, fd))
		return true;
	int sock = link_alias_open();

	netns_leave(&visit);
	if (sock < 0)
		return true;
	search->namespace_fd = fd;
	link_alias_foreach(sock, note_link, search);
	close(sock);
	return true;
}

struct tap_stray *tap_stray_search(const char *prefix)
{
	struct search search = {.prefix = prefix};

	netns_foreach(search_namespace, &search);
	return search.found;
}

void tap_stray_free(struct tap_stray *stray)
{
	close(stray->namespace_fd);
	if (stray->tap_fd >= 0) {
		way_drop(stray->namespace_fd);
		close(stray->tap_fd);
	}
	free(stray->alias);
	free(stray);
}

int tap_stray_open(const char *name)
{
	struct ifreq ifr = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	memcpy(ifr.ifr_name, name, strlen(name));
	if (ioctl(fd, TUNSETIFF, &ifr) ||
	    ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6)) {
		int error = -errno;

		close(fd);
		return error;
	}
	return fd;
}

int tap_stray_attach(struct tap_stray *stray)
{
	struct netns_visit visit;
	int fd = stray->tap_fd;

	stray->tap_fd = -1;
	if (fd >= 0)
		return fd;
	fd = netns_enter(&visit, stray->namespace_fd);
	if (fd)
		return fd;
	fd = tap_stray_open(stray->name);
	netns_leave(&visit);
	return fd;
}

void tap_stray_claim(struct tap_stray *stray)
{
	int fd = tap_stray_attach(stray);

	if (fd < 0)
		return;
	stray->tap_fd = fd;
	way_keep(stray->namespace_fd);
}
