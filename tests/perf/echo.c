/* SPDX-License-Identifier: Apache-2.0 */

/* The least that can be done about a packet by somebody who sleeps until it comes.
 *
 * usage: echo FROM TO
 *
 * Makes two tap devices, and writes to TO what it reads from FROM, one by one, each after having
 * slept in epoll_wait(). How long that takes is what the machine itself needs to wake somebody:
 * tests/perf/latency tells it beside what switches take. Ends when its input ends.  */

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
	FRAME_MAX = 65536
};

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static int open_tap(const char *name)
{
	struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &request))
		fail(name);
	return fd;
}

static void watch(int set, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	if (epoll_ctl(set, EPOLL_CTL_ADD, fd, &event))
		fail("epoll_ctl");
}

int main(int argc, char **argv)
{
	static uint8_t frame[FRAME_MAX];
	struct epoll_event event;

	if (argc != 3) {
		fprintf(stderr, "usage: %s FROM TO\n", argv[0]);
		return 1;
	}
	int from = open_tap(argv[1]), to = open_tap(argv[2]);
	int set = epoll_create1(EPOLL_CLOEXEC);

	watch(set, from);
	watch(set, STDIN_FILENO);
	puts("ready");
	fflush(stdout);
	while (epoll_wait(set, &event, 1, -1) == 1 && event.data.fd == from) {
		ssize_t n = read(from, frame, sizeof(frame));

		/* A device that is down takes nothing, which is as good as lost. */
		if (n > 0 && write(to, frame, n) < 0)
			continue;
	}
	return 0;
}
