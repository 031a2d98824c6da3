/* SPDX-License-Identifier: Apache-2.0 */
#include "utilities/connect.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lib/stream/address.h"

enum {
	FULL_QUEUE_MS = 10, /* until the next try */
};

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

int connect_to(const struct address *address, int timeout_ms)
{
	int fd = socket(address->sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error;

	if (fd < 0)
		return -errno;
	error = try(fd, address, timeout_ms < 0 ? -1 : now_ms() + timeout_ms);
	if (!error)
		return fd;
	close(fd);
	return error;
}
