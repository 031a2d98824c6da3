/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Netlink: questions to the kernel about its links, addresses and routes, and news of them.
 *
 * Nothing here waits: questions are sent, and answers come from the loop. When the kernel could not
 * deliver everything (the socket's buffer was full), 'lost' says so, and who listens asks anew.  */

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct errbuf;
struct netlink;

struct netlink_listener {
	/* A message of the kernel; errors and ends of dumps too. */
	void (*message)(void *context, const struct nlmsghdr *message);
	void (*lost)(void *context);
	void *context;
};

/* A request under construction. */
struct netlink_request {
	struct nlmsghdr head;
	alignas(NLMSG_ALIGNTO) uint8_t body[256];
};

/* Main thread. */

/* A socket that hears the rtnetlink multicast 'groups' (RTMGRP_*). */
struct netlink *
netlink_open(uint32_t groups, const struct netlink_listener *listener, struct errbuf *err);
void netlink_close(struct netlink *netlink);

void netlink_begin(
	struct netlink_request *request, uint16_t type, uint16_t flags, const void *body, size_t n
);
void netlink_add(struct netlink_request *request, uint16_t type, const void *data, size_t n);
/* Returns the number under which the answer comes, or -errno. */
int64_t netlink_send(struct netlink *netlink, struct netlink_request *request);

/* Asks on a socket of its own, which it returns, to be closed; or -errno. The kernel has answered by
 * the time it took the question, so reading the answer waits for nobody. */
int netlink_ask(struct netlink_request *request);
/* Gives the next messages of the answer, some hundreds at most, to 'visit', until that returns false.
 * 1: there is more to read; 0: that was all; -errno, also what the kernel said is wrong. */
int netlink_read(
	int fd, bool (*visit)(void *context, const struct nlmsghdr *message), void *context
);
/* Both at once, for answers that are short, or that 'visit' bounds. */
int netlink_ask_now(
	struct netlink_request *request,
	bool (*visit)(void *context, const struct nlmsghdr *message),
	void *context
);

/* Any thread. */

/* The attributes of a message, by type up to 'n'; those that are not there are NULL. 'fixed' is the
 * size of what stands in front of them. False: the message is too short. */
bool netlink_parse(
	const struct nlmsghdr *message, size_t fixed, const struct rtattr **attributes, unsigned n
);
