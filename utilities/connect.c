/* SPDX-License-Identifier: Apache-2.0 */
#include "utilities/connect.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lib/errbuf.h"
#include "lib/stream/address.h"
#include "lib/xmalloc.h"

enum {
	FULL_QUEUE_MS = 10, /* until the next try */
	CONNECT_MS = 5000, /* for one of several addresses */
};

/* For the C library's thread that looks up a name. */
struct question {
	struct gaicb request;
	struct addrinfo hints;
	char *host;
};

/* That thread uses it as long as the program runs. */
static struct question *unanswered;

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static int left_ms(int64_t deadline_ms)
{
	int64_t left = deadline_ms - now_ms();

	if (deadline_ms < 0)
		return -1;
	return left > 0 ? (int)left : 0;
}

static int finish(int fd, int64_t deadline_ms)
{
	struct pollfd pollfd = {.fd = fd, .events = POLLOUT};
	socklen_t length = sizeof(int);
	int error = 0, n;

	do {
		n = poll(&pollfd, 1, left_ms(deadline_ms));
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n ? -errno : -ETIMEDOUT;
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
	return -error;
}

static int try(int fd, const struct address *address, int64_t deadline_ms)
{
	while (connect(fd, &address->sa, address->length)) {
		if (errno == EINPROGRESS)
			return finish(fd, deadline_ms);
		/* A unix socket whose queue is full says so at once. */
		if (errno != EAGAIN)
			return -errno;
		if (!left_ms(deadline_ms))
			return -ETIMEDOUT;
		usleep(FULL_QUEUE_MS * 1000);
	}
	return 0;
}

static int connect_one(const struct address *address, int64_t deadline_ms)
{
	int fd = socket(address->sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error;

	if (fd < 0)
		return -errno;
	error = try(fd, address, deadline_ms);
	if (!error)
		return fd;
	close(fd);
	return error;
}

static int wait_for_answer(const struct gaicb *request, int64_t deadline_ms)
{
	for (;;) {
		int left = left_ms(deadline_ms);
		const struct timespec time = {
			.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000L};
		int status = gai_suspend(&request, 1, left < 0 ? NULL : &time);

		if (status != EAI_INTR)
			return status == EAI_AGAIN ? EAI_AGAIN : 0;
	}
}

/* Which of them there are depends on the host's set-up, as for any program. */
static int
look_up(const char *host, int64_t deadline_ms, struct addrinfo **found, struct errbuf *err)
{
	struct question *question = XNEW(struct question);
	struct gaicb *request = &question->request;
	int status;

	question->host = xstrdup(host);
	question->hints.ai_socktype = SOCK_STREAM;
	request->ar_name = question->host;
	request->ar_request = &question->hints;
	status = getaddrinfo_a(GAI_NOWAIT, &request, 1, NULL);
	if (!status && wait_for_answer(request, deadline_ms)) {
		unanswered = question;
		return errbuf_set(err, -ETIMEDOUT, "%s was not found in time", host);
	}
	if (!status)
		status = gai_error(request);
	*found = request->ar_result;
	free(question->host);
	free(question);
	return status ? errbuf_set(
				err,
				-EHOSTUNREACH,
				"no address is known for %s: %s",
				host,
				gai_strerror(status)
			)
		      : 0;
}

/* While there are others, none gets all the time. */
static int64_t soon(int64_t deadline_ms)
{
	int64_t soon_ms = now_ms() + CONNECT_MS;

	if (deadline_ms < 0)
		return soon_ms;
	int64_t half_ms = now_ms() + (deadline_ms - now_ms()) / 2;

	return half_ms < soon_ms ? half_ms : soon_ms;
}

/* The first of them that answers. */
static int connect_any(
	const struct address *address,
	const struct addrinfo *found,
	int64_t deadline_ms,
	struct errbuf *err
)
{
	int fd = errbuf_set(err, -EHOSTUNREACH, "the host has no IP address");

	for (; found && fd < 0; found = found->ai_next) {
		struct address one = *address;

		if (found->ai_family != AF_INET && found->ai_family != AF_INET6)
			continue;
		address_set_ip(&one, found->ai_addr, found->ai_addrlen);
		fd = connect_one(&one, found->ai_next ? soon(deadline_ms) : deadline_ms);
		if (fd < 0)
			errbuf_set(err, fd, "%s", strerror(-fd));
	}
	return fd;
}

int connect_to(const struct address *address, const char *host, int timeout_ms, struct errbuf *err)
{
	int64_t deadline_ms = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;
	struct addrinfo *found = NULL;
	int fd;

	if (!*host) {
		fd = connect_one(address, deadline_ms);
		return fd < 0 ? errbuf_set(err, fd, "%s", strerror(-fd)) : fd;
	}
	fd = look_up(host, deadline_ms, &found, err);
	if (!fd)
		fd = connect_any(address, found, deadline_ms, err);
	if (found)
		freeaddrinfo(found);
	return fd;
}
