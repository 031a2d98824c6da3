/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/tap_home.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "datapath/ports/link_alias.h"
#include "datapath/ports/netns.h"
#include "lib/xmalloc.h"

enum {
	ALIAS_SIZE = LINK_ALIAS_SIZE,
};

/* A tap that was found without a holder: its name today and the namespace it is in. */
struct stray {
	char *alias;
	char name[IFNAMSIZ];
	int namespace_fd;
	struct stray *next;
};

static struct {
	char *instance;
	struct stray *strays;
	bool searched;
} state;

void tap_home_init(const char *instance)
{
	state.instance = xstrdup(instance ? instance : "");
}

static void stray_free(struct stray *stray)
{
	close(stray->namespace_fd);
	free(stray->alias);
	free(stray);
}

void tap_home_fini(void)
{
	while (state.strays) {
		struct stray *stray = state.strays;

		state.strays = stray->next;
		stray_free(stray);
	}
	free(state.instance);
	state.instance = NULL;
	state.searched = false;
}

static void format_alias(char *alias, const char *port)
{
	snprintf(alias, ALIAS_SIZE, "weir:%s:%s", state.instance, port);
}

static void note_stray(const char *alias, const char *name, int namespace_fd)
{
	struct stray *stray = XNEW(struct stray);

	stray->alias = xstrdup(alias);
	snprintf(stray->name, sizeof(stray->name), "%s", name);
	stray->namespace_fd = fcntl(namespace_fd, F_DUPFD_CLOEXEC, 0);
	stray->next = state.strays;
	state.strays = stray;
}

static void note_link(const char *name, const char *alias, void *context)
{
	char ours[ALIAS_SIZE];

	format_alias(ours, "");
	if (!strncmp(alias, ours, strlen(ours)))
		note_stray(alias, name, *(int *)context);
}

static bool search_namespace(int fd, void *context)
{
	struct netns_visit visit;

	if (netns_enter(&visit, fd))
		return true;
	int sock = link_alias_open();

	netns_leave(&visit);
	if (sock < 0)
		return true;
	link_alias_foreach(sock, note_link, &fd);
	close(sock);
	return true;
}

/* Attaches to the tap of that name in the namespace we are in, which is made if need be. */
static int attach(const char *name)
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

/* Attaches to the stray where it is. */
static int attach_stray(const struct stray *stray)
{
	struct netns_visit visit;
	int fd = netns_enter(&visit, stray->namespace_fd);

	if (fd)
		return fd;
	fd = attach(stray->name);
	netns_leave(&visit);
	return fd;
}

/* Strays are an earlier daemon's, so one search, before the first port, finds them all. */
static void search_once(void)
{
	if (state.searched)
		return;
	state.searched = true;
	netns_foreach(search_namespace, NULL);
}

static int open_stray(const char *port)
{
	char alias[ALIAS_SIZE];

	search_once();
	format_alias(alias, port);
	for (struct stray **at = &state.strays; *at; at = &(*at)->next) {
		struct stray *stray = *at;

		if (strcmp(stray->alias, alias))
			continue;
		int fd = attach_stray(stray);

		/* What cannot be had now is what the next try shall find. */
		if (fd >= 0) {
			*at = stray->next;
			stray_free(stray);
		}
		return fd;
	}
	return -ENOENT;
}

/* Makes the tap behind 'fd', which is named as the port in our own namespace, one that stays. */
static int keep(int fd, const char *port)
{
	char alias[ALIAS_SIZE];

	format_alias(alias, port);
	int error = link_alias_set(port, alias);

	/* Without its alias nobody would find it: then it had better not stay. */
	if (!error && ioctl(fd, TUNSETPERSIST, 1))
		error = -errno;
	return error;
}

int tap_home_open(const char *name)
{
	int fd = open_stray(name);

	if (fd != -ENOENT)
		return fd;
	fd = attach(name);
	if (fd < 0)
		return fd;
	int error = keep(fd, name);

	if (!error)
		return fd;
	close(fd);
	return error;
}

void tap_home_forget(int fd)
{
	if (ioctl(fd, TUNSETPERSIST, 0))
		errno = 0;
}

unsigned tap_home_end_strays(bool (*is_wanted)(const char *port))
{
	struct stray **at = &state.strays;
	char ours[ALIAS_SIZE];
	unsigned n = 0;

	search_once();
	format_alias(ours, "");
	while (*at) {
		struct stray *stray = *at;

		if (is_wanted(stray->alias + strlen(ours))) {
			at = &stray->next;
			continue;
		}
		int fd = attach_stray(stray);

		if (fd >= 0) {
			tap_home_forget(fd);
			close(fd);
			n++;
		}
		*at = stray->next;
		stray_free(stray);
	}
	return n;
}
