/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/tap_home.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "datapath/ports/netns.h"
#include "datapath/ports/tap_device.h"
#include "lib/errbuf.h"
#include "lib/xmalloc.h"

enum {
	ALIAS_SIZE = 256, /* the kernel's limit */
	DUMP_SIZE = 32768,
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

static void read_link(const struct nlmsghdr *header, int namespace_fd)
{
	const struct ifinfomsg *info = NLMSG_DATA(header);
	int left = (int)IFLA_PAYLOAD(header);
	char name[IFNAMSIZ] = "", alias[ALIAS_SIZE] = "", ours[ALIAS_SIZE];

	for (const struct rtattr *attr = IFLA_RTA(info); RTA_OK(attr, left);
	     attr = RTA_NEXT(attr, left)) {
		int n = (int)RTA_PAYLOAD(attr);

		if (attr->rta_type == IFLA_IFNAME)
			snprintf(name, sizeof(name), "%.*s", n, (const char *)RTA_DATA(attr));
		else if (attr->rta_type == IFLA_IFALIAS)
			snprintf(alias, sizeof(alias), "%.*s", n, (const char *)RTA_DATA(attr));
	}
	format_alias(ours, "");
	if (*name && !strncmp(alias, ours, strlen(ours)))
		note_stray(alias, name, namespace_fd);
}

/* Reads one answer of the dump. Returns false at its end. */
static bool read_answer(int sock, int namespace_fd)
{
	static char buffer[DUMP_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	ssize_t got = recv(sock, buffer, sizeof(buffer), 0);
	unsigned left = got > 0 ? (unsigned)got : 0;

	if (!left)
		return false;
	for (const struct nlmsghdr *header = (void *)buffer; NLMSG_OK(header, left);
	     header = NLMSG_NEXT(header, left)) {
		if (header->nlmsg_type != RTM_NEWLINK)
			return false;
		read_link(header, namespace_fd);
	}
	return true;
}

static int open_netlink(void)
{
	int sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	return sock < 0 ? -errno : sock;
}

static bool search_namespace(int fd, void *context)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg info;
	} request = {
		.header =
			{
				.nlmsg_len = sizeof(request),
				.nlmsg_type = RTM_GETLINK,
				.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
			},
	};
	struct netns_visit visit;

	if (netns_enter(&visit, fd))
		return true;
	int sock = open_netlink();

	netns_leave(&visit);
	if (sock < 0)
		return true;
	if (send(sock, &request, sizeof(request), 0) == sizeof(request))
		while (read_answer(sock, fd))
			continue;
	close(sock);
	return true;
}

/* Takes the stray of that alias off the list. */
static struct stray *take_stray(const char *alias)
{
	for (struct stray **at = &state.strays; *at; at = &(*at)->next) {
		struct stray *stray = *at;

		if (strcmp(stray->alias, alias))
			continue;
		*at = stray->next;
		return stray;
	}
	return NULL;
}

int tap_home_find(const char *port)
{
	char alias[ALIAS_SIZE];
	struct netns_visit visit;

	/* Strays are an earlier daemon's, so one search, before the first port, finds them all. */
	if (!state.searched) {
		state.searched = true;
		netns_foreach(search_namespace, NULL);
	}
	format_alias(alias, port);
	struct stray *stray = take_stray(alias);

	if (!stray)
		return -ENOENT;
	int fd = netns_enter(&visit, stray->namespace_fd);

	if (!fd) {
		fd = tap_device_attach(stray->name);
		netns_leave(&visit);
	}
	stray_free(stray);
	return fd;
}

static int set_alias(const char *name, const char *alias)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg info;
		char attributes[ALIAS_SIZE + 2 * RTA_LENGTH(0)];
	} request = {
		.header =
			{
				.nlmsg_type = RTM_SETLINK,
				.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
			},
	};
	struct rtattr *attr = (void *)request.attributes;
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		char rest[ALIAS_SIZE];
	} answer;
	size_t n = strlen(alias);
	int sock = open_netlink();

	if (sock < 0)
		return sock;
	request.info.ifi_index = (int)if_nametoindex(name);
	attr->rta_type = IFLA_IFALIAS;
	attr->rta_len = (unsigned short)RTA_LENGTH(n);
	memcpy(RTA_DATA(attr), alias, n);
	request.header.nlmsg_len = NLMSG_LENGTH(sizeof(request.info)) + RTA_ALIGN(attr->rta_len);
	ssize_t got = -1;

	if (send(sock, &request, request.header.nlmsg_len, 0) > 0)
		got = recv(sock, &answer, sizeof(answer), 0);
	int error = got < (ssize_t)NLMSG_LENGTH(sizeof(answer.error)) ? -EIO : answer.error.error;

	close(sock);
	return error;
}

int tap_home_keep(int fd, const char *port)
{
	char alias[ALIAS_SIZE];

	format_alias(alias, port);
	int error = set_alias(port, alias);

	/* Without its alias nobody would find it: then it had better not stay. */
	if (!error && ioctl(fd, TUNSETPERSIST, 1))
		error = -errno;
	return error;
}

void tap_home_forget(int fd)
{
	if (ioctl(fd, TUNSETPERSIST, 0))
		errno = 0;
}
