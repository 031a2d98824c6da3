/* SPDX-License-Identifier: Apache-2.0 */
#include "datapath/ports/vhost_socket.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/errbuf.h"

enum {
	PATIENCE_US = 500000, /* for the rest of a message that has begun to come */
	/* There is room for answers, unless nobody reads them: one thread speaks with all guests. */
	SEND_US = 1000,
};

static bool is_named(const struct sockaddr_un *address, socklen_t size, const char *path)
{
	size_t n = size - offsetof(struct sockaddr_un, sun_path);

	return size > offsetof(struct sockaddr_un, sun_path) && n <= sizeof(address->sun_path) &&
		!strncmp(address->sun_path, path, n);
}

/* A connection's own name is the path (we listen) or its peer's is (the guest's side does). */
static bool is_connection(int fd, const char *path)
{
	struct sockaddr_un address = {0};
	socklen_t size = sizeof(address);
	int value = 0;
	socklen_t value_size = sizeof(value);

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &value, &value_size) || value != AF_UNIX)
		return false;
	value_size = sizeof(value);
	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &value_size) || value)
		return false;
	if (!getsockname(fd, (struct sockaddr *)&address, &size) && is_named(&address, size, path))
		return true;
	size = sizeof(address);
	return !getpeername(fd, (struct sockaddr *)&address, &size) &&
		is_named(&address, size, path);
}

/* Of the guest's connections only the one that has just come has endless patience. */
static bool is_new(int fd)
{
	struct timeval patience = {0};
	socklen_t size = sizeof(patience);

	return !getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, &size) && !patience.tv_sec &&
		!patience.tv_usec;
}

/* It may be closed by the vhost thread meanwhile, and its number be something else's. */
static bool hang_up(int fd, const char *path)
{
	int own = is_connection(fd, path) ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;

	if (own < 0)
		return false;
	bool is_it = is_connection(own, path);

	if (is_it)
		shutdown(own, SHUT_RDWR);
	close(own);
	return is_it;
}

bool vhost_socket_hang_up(const char *path)
{
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *entry;
	bool found = false;

	if (!dir)
		return false;
	while ((entry = readdir(dir))) {
		int fd = (int)strtol(entry->d_name, NULL, 10);

		found |= fd > STDERR_FILENO && hang_up(fd, path);
	}
	closedir(dir);
	return found;
}

int vhost_socket_limit_patience(const char *path)
{
	const struct timeval patience = {.tv_usec = PATIENCE_US}, least = {.tv_usec = SEND_US};
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *entry;
	int found = -1;

	if (!dir)
		return -1;
	while ((entry = readdir(dir))) {
		int fd = (int)strtol(entry->d_name, NULL, 10);

		if (fd <= STDERR_FILENO || !is_connection(fd, path) || !is_new(fd))
			continue;
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &least, sizeof(least));
		found = fd;
	}
	closedir(dir);
	return found;
}

bool vhost_socket_has_room(int fd, const char *path)
{
	struct pollfd set = {.fd = fd, .events = POLLOUT};

	return fd < 0 || !is_connection(fd, path) || poll(&set, 1, 0) != 0;
}

/* Whether somebody listens there. */
static bool is_alive(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return true;
	memcpy(address.sun_path, path, strnlen(path, sizeof(address.sun_path) - 1));
	bool refused =
		connect(fd, (struct sockaddr *)&address, sizeof(address)) && errno == ECONNREFUSED;

	close(fd);
	return !refused;
}

int vhost_socket_check(const char *path, struct errbuf *err)
{
	const char *slash = strrchr(path, '/');
	char folder[sizeof(((struct sockaddr_un *)NULL)->sun_path)];

	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) : 0, path);
	if (*folder && access(folder, X_OK))
		return errbuf_set(
			err,
			-errno,
			errno == EACCES
				? "the switch may not enter the folder %s that its socket is in"
				: "the folder %s that its socket is to be in is not there",
			folder
		);
	if (access(path, R_OK | W_OK) && errno == EACCES)
		return errbuf_set(
			err,
			-EACCES,
			"the switch may not open its socket %s: permissions forbid it",
			path
		);
	return 0;
}

int vhost_socket_clear(const char *path, struct errbuf *err)
{
	struct stat info;

	if (lstat(path, &info))
		return 0;
	if (!S_ISSOCK(info.st_mode) || is_alive(path))
		return errbuf_set(
			err,
			-EADDRINUSE,
			"%s is there already and in use: remove it or choose another port name",
			path
		);
	return unlink(path) ? errbuf_set(
				      err,
				      -errno,
				      "the stale socket %s cannot be removed: %s",
				      path,
				      strerror(errno)
			      )
			    : 0;
}
