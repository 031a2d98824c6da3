/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/link_alias.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	DUMP_SIZE = 32768
};

int link_alias_open(void)
{
	int sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	return sock < 0 ? -errno : sock;
}

static void read_link(const struct nlmsghdr *header, link_alias_fn *see, void *context)
{
	const struct ifinfomsg *info = NLMSG_DATA(header);
	int left = (int)IFLA_PAYLOAD(header);
	char name[IFNAMSIZ] = "", alias[LINK_ALIAS_SIZE] = "";

	for (const struct rtattr *attr = IFLA_RTA(info); RTA_OK(attr, left);
	     attr = RTA_NEXT(attr, left)) {
		int n = (int)RTA_PAYLOAD(attr);

		if (attr->rta_type == IFLA_IFNAME)
			snprintf(name, sizeof(name), "%.*s", n, (const char *)RTA_DATA(attr));
		else if (attr->rta_type == IFLA_IFALIAS)
			snprintf(alias, sizeof(alias), "%.*s", n, (const char *)RTA_DATA(attr));
	}
	if (*name && *alias)
		see(name, alias, context);
}

/* Reads one answer of the dump. Returns false at its end. */
static bool read_answer(int sock, link_alias_fn *see, void *context)
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
		read_link(header, see, context);
	}
	return true;
}

void link_alias_foreach(int sock, link_alias_fn *see, void *context)
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

	if (send(sock, &request, sizeof(request), 0) != sizeof(request))
		return;
	while (read_answer(sock, see, context))
		continue;
}

int link_alias_set(const char *name, const char *alias)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg info;
		char attributes[LINK_ALIAS_SIZE + 2 * RTA_LENGTH(0)];
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
		char rest[LINK_ALIAS_SIZE];
	} answer;
	size_t n = strlen(alias);
	int sock = link_alias_open();

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
