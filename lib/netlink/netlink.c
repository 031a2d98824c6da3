/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/netlink/netlink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <uv.h>

#include "lib/errbuf.h"
#include "lib/types.h"
#include "lib/xmalloc.h"

enum {
	READS_AT_ONCE = 32, /* then the loop does something else */
	BUFFER = 1 << 16,
	SOCKET_BUFFER = 1 << 20,
};

struct netlink {
	uv_poll_t poll;
	int fd;
	uint32_t last;
	struct netlink_listener listener;
};

static void read_messages(struct netlink *netlink, const uint8_t *data, size_t n)
{
	const struct nlmsghdr *message = (const void *)data;

	for (; NLMSG_OK(message, n); message = NLMSG_NEXT(message, n))
		netlink->listener.message(netlink->listener.context, message);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct netlink *netlink = container_of(poll, struct netlink, poll);
	static alignas(NLMSG_ALIGNTO) uint8_t buffer[BUFFER];

	for (unsigned i = 0; i < READS_AT_ONCE; i++) {
		struct sockaddr_nl from = {.nl_pid = 0};
		socklen_t size = sizeof(from);
		ssize_t n = recvfrom(
			netlink->fd, buffer, sizeof(buffer), MSG_DONTWAIT, (void *)&from, &size
		);

		if (n < 0 && errno == ENOBUFS) {
			netlink->listener.lost(netlink->listener.context);
			continue;
		}
		if (n < 0)
			return;
		/* Other processes could write as well. */
		if (!from.nl_pid)
			read_messages(netlink, buffer, (size_t)n);
	}
}

struct netlink *
netlink_open(uint32_t groups, const struct netlink_listener *listener, struct errbuf *err)
{
	struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = groups};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
	int size = SOCKET_BUFFER;

	if (fd < 0 || bind(fd, (void *)&address, sizeof(address))) {
		errbuf_set(err, -errno, "cannot ask the kernel for routes: %s", strerror(errno));
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	struct netlink *netlink = XNEW(struct netlink);

	netlink->fd = fd;
	netlink->listener = *listener;
	uv_poll_init(uv_default_loop(), &netlink->poll, fd);
	uv_poll_start(&netlink->poll, UV_READABLE, on_readable);
	uv_unref((uv_handle_t *)&netlink->poll);
	return netlink;
}

static void on_closed(uv_handle_t *handle)
{
	struct netlink *netlink = container_of((uv_poll_t *)handle, struct netlink, poll);

	close(netlink->fd);
	free(netlink);
}

void netlink_close(struct netlink *netlink)
{
	if (netlink)
		uv_close((uv_handle_t *)&netlink->poll, on_closed);
}

void netlink_begin(
	struct netlink_request *request, uint16_t type, uint16_t flags, const void *body, size_t n
)
{
	memset(request, 0, sizeof(*request));
	assert(n <= sizeof(request->body));
	request->head.nlmsg_len = NLMSG_LENGTH(n);
	request->head.nlmsg_type = type;
	request->head.nlmsg_flags = NLM_F_REQUEST | flags;
	memcpy(request->body, body, n);
}

void netlink_add(struct netlink_request *request, uint16_t type, const void *data, size_t n)
{
	size_t at = NLMSG_ALIGN(request->head.nlmsg_len);
	struct rtattr attribute = {.rta_len = RTA_LENGTH(n), .rta_type = type};

	assert(at + RTA_SPACE(n) <= sizeof(*request));
	memcpy((uint8_t *)request + at, &attribute, sizeof(attribute));
	memcpy((uint8_t *)request + at + RTA_LENGTH(0), data, n);
	request->head.nlmsg_len = (uint32_t)(at + RTA_LENGTH(n));
}

int64_t netlink_send(struct netlink *netlink, struct netlink_request *request)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};

	request->head.nlmsg_seq = ++netlink->last;
	if (sendto(netlink->fd,
		   request,
		   request->head.nlmsg_len,
		   MSG_DONTWAIT,
		   (void *)&kernel,
		   sizeof(kernel)) < 0)
		return -errno;
	return netlink->last;
}

/* 1: more is to come; 0: that was all. */
static int
give(const uint8_t *data,
     size_t n,
     bool (*visit)(void *context, const struct nlmsghdr *message),
     void *context)
{
	const struct nlmsghdr *message = (const void *)data;
	bool more = false;

	for (; NLMSG_OK(message, n); message = NLMSG_NEXT(message, n)) {
		const struct nlmsgerr *error = NLMSG_DATA(message);

		if (message->nlmsg_type == NLMSG_DONE)
			return 0;
		if (message->nlmsg_type == NLMSG_ERROR)
			return message->nlmsg_len < NLMSG_LENGTH(sizeof(*error)) ? -EPROTO
										 : error->error;
		more = message->nlmsg_flags & NLM_F_MULTI;
		if (!visit(context, message))
			return 0;
	}
	return more;
}

int netlink_ask(struct netlink_request *request)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
	int strict = 1;

	if (fd < 0)
		return -errno;
	/* Else the kernel ignores which link or table a dump is asked for. */
	setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &strict, sizeof(strict));
	if (sendto(fd, request, request->head.nlmsg_len, 0, (void *)&kernel, sizeof(kernel)) < 0) {
		int error = -errno;

		close(fd);
		return error;
	}
	return fd;
}

int netlink_read(
	int fd, bool (*visit)(void *context, const struct nlmsghdr *message), void *context
)
{
	static alignas(NLMSG_ALIGNTO) uint8_t buffer[BUFFER];
	ssize_t n = recv(fd, buffer, sizeof(buffer), 0);

	if (n < 0)
		return errno == EINTR ? 1 : -errno;
	return give(buffer, (size_t)n, visit, context);
}

int netlink_ask_now(
	struct netlink_request *request,
	bool (*visit)(void *context, const struct nlmsghdr *message),
	void *context
)
{
	int fd = netlink_ask(request);
	int result = 1;

	if (fd < 0)
		return fd;
	while (result > 0)
		result = netlink_read(fd, visit, context);
	close(fd);
	return result;
}

bool netlink_parse(
	const struct nlmsghdr *message, size_t fixed, const struct rtattr **attributes, unsigned n
)
{
	size_t head = NLMSG_LENGTH(0) + NLMSG_ALIGN(fixed);

	memset(attributes, 0, n * sizeof(attributes[0]));
	if (message->nlmsg_len < NLMSG_LENGTH(fixed))
		return false;
	if (message->nlmsg_len <= head)
		return true;
	size_t left = message->nlmsg_len - head;
	const struct rtattr *attribute = (const void *)((const uint8_t *)message + head);

	for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left))
		if ((attribute->rta_type & NLA_TYPE_MASK) < n)
			attributes[attribute->rta_type & NLA_TYPE_MASK] = attribute;
	return true;
}
