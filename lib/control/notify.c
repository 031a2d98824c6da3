/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/control/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int notify_send(const char *state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = getenv("NOTIFY_SOCKET");
	size_t n = path ? strlen(path) : 0;
	int fd, error = 0;

	if (!n)
		return 0;
	if ((*path != '/' && *path != '@') || n >= sizeof(address.sun_path))
		return -EINVAL;
	memcpy(address.sun_path, path, n);
	/* A name of no file. */
	if (*path == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (sendto(fd,
		   state,
		   strlen(state),
		   MSG_NOSIGNAL | MSG_DONTWAIT,
		   (struct sockaddr *)&address,
		   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) < 0)
		error = -errno;
	close(fd);
	return error;
}

unsigned notify_watchdog_ms(void)
{
	const char *interval = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	unsigned long long us = interval ? strtoull(interval, NULL, 10) : 0;

	/* Meant for another process, which has this environment as well. */
	if (pid && strtoll(pid, NULL, 10) != getpid())
		return 0;
	return us / 1000 > UINT32_MAX ? UINT32_MAX : (unsigned)(us / 1000);
}
